/**
 * The whole file.
 */

const first = 1;
//    ^ documentation none
