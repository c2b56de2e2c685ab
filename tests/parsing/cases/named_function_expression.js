const factory = function build(n) { return build(n - 1); };
//              ^ no definition
//                       ^ definition function build in factory
//                                         ^ reference call symbol build
build();
// <- reference call undeclared
const same = function same() { same(); };
//                    ^ no definition
//                             ^ reference call symbol same
