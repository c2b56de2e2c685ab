const link = <a href="?a=1&b=2">{link}</a>;
//                               ^ reference symbol link
//! errors 0
