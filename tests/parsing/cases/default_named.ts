export default async function load() {}
//                            ^ definition function load exported default async
load();
// <- reference call symbol load
//! export default symbol load
