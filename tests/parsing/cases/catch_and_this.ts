try {} catch ({ message }) { message; }
//                           ^ reference local 1
function free() { return this.anything; }
//                            ^ reference unknown
