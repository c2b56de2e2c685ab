interface Filter {
  in?: string
  // <- definition property in optional in Filter
}
//! errors 0
