const s = '😀é', after = s;
//               ^ definition constant after
//                       ^ reference symbol s
