class Cart { pay() {} }
(typeof new Cart()).length;
//                  ^ external
(!new Cart()).valueOf();
//            ^ external
(await new Cart()).pay();
//                 ^ leads to Cart.pay
export {};
