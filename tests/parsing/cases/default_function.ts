export default function () { return inner(); function inner() {} }
// <- definition function default exported default
//                                  ^ reference call symbol inner in default
