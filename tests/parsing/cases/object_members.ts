const api = {
  get() { return this.url; },
  // <- definition method get object_member in api
  //                  ^ reference symbol url
  url: 'x',
  // <- definition property url object_member in api
  nested: { deep: () => 1 },
  //        ^ definition method deep object_member in nested
} as const;
api.get();
//  ^ reference call symbol get
api.nested.deep();
//         ^ reference call symbol deep
api.missing;
//  ^ reference unknown
