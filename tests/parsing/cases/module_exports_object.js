function a() {}
module.exports = {
  a,
  // <- definition property a object_member exported
  // <- reference symbol a@1
  b() {},
  // <- definition method b object_member exported
  c: 1,
  // <- definition property c object_member exported
};
//! export a symbol a@3
//! export b symbol b
//! export export= local 2
