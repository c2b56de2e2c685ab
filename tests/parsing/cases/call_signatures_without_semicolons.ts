interface Hook {
  (key: string): void
  /** With data. */
  <Data = any>(key: string, data: Data): Data
  //                              ^ reference type local 4
  //                                     ^ reference type local 4
}
//! errors 0
