export default class {
// <- definition class default exported default
  run() {}
  // <- definition method run in default
}
//! export default symbol default
