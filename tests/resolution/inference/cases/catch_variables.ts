class Failure { code = 1; }
try { throw new Failure(); } catch (why) {
  why.code;
//    ^ unknown
  if (why instanceof Failure) why.code;
//                                ^ leads to Failure.code
}
