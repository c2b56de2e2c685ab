/**
 * @license MIT
 */
const licensed = 1;
//    ^ documentation none
/** Old. */
/**
 * The first line.
 *
 * @param x src/**.ts
 */
// eslint-disable-next-line
export function documented(x: number) {}
//              ^ documentation The first line. @param x src/**.ts
// only a note
const noted = 1;
//    ^ documentation none
