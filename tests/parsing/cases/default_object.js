export default {
// <- definition constant default exported default
  name: 'cart',
  // <- definition property name object_member in default
  methods: { pay() {} },
  //         ^ definition method pay object_member in methods
};
