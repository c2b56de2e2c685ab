const letters = { '\xe9': 1, '\u0041b': 2, '\u{1F600}': 3, 'a\'b': 4, '\ud800': 5 };
//                ^ definition property é object_member in letters
//                           ^ definition property Ab object_member in letters
//                                         ^ definition property 😀 object_member in letters
//                                                         ^ definition property a'b object_member in letters
//                                                                    ^ definition property � object_member in letters
