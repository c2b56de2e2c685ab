class Cart {
  constructor() {
    this.items = [];
    //   ^ definition property items in Cart
  }
  get() { return this.items; }
  //                  ^ reference symbol items
}
