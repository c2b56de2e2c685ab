interface Hidden { a: string }
//        ^ definition interface Hidden ambient
export interface Shown extends Hidden {}
//               ^ definition interface Shown ambient exported
export {};
//! exports Shown
