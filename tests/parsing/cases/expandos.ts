function Button() {}
Button.displayName = 'Button';
//     ^ definition property displayName in Button
Button.displayName;
//     ^ reference symbol displayName
declare const store: any;
store.value = 1;
//    ^ no definition
store.value;
//    ^ reference unknown
