using top = open();
//    ^ definition variable top
top;
// <- reference symbol top
