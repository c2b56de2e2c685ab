interface Producer<out T, /** both */ in out U = string> { make(u: U): T }
//                 ^ no reference
//                                                                 ^ reference type local 1
//                                                                     ^ reference type local 1
//! errors 0
