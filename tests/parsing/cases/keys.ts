const key = 'a', value = 1;
call({ key: value, value, [key]: 1, 'key': 2, method() {} });
//     ^ no reference
//          ^ reference symbol value
//                 ^ reference read symbol value
//                         ^ reference symbol key
//                                            ^ no reference
