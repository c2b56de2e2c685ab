interface Failure { a: 1 }
//        ^ definition interface Failure
export const Failure = 1;
//           ^ definition constant Failure exported
interface Both { a: 1 }
//        ^ definition interface Both exported
const Both = 1;
//    ^ definition constant Both exported
export { Both };
//! export Both symbol Both@5
//! export Both symbol Both@7
