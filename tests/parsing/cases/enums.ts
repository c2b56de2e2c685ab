export enum Color {
//          ^ definition enum Color exported
  Red = 1,
  // <- definition enum_member Red in Color
  // <- signature Red = 1
  'Light Blue' = Red | 2,
  // <- definition enum_member Light_Blue in Color
  //             ^ reference symbol Red in Light_Blue
}
Color.Red;
//    ^ reference symbol Red
let c: Color.Red;
//           ^ reference type symbol Red
