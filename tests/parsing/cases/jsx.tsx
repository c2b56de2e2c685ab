import * as UI from './ui';
const Button = (props: { label: string }) => <b title={props.label}>{props.label}</b>;
//                                            ^ no reference
//                                              ^ no reference
//                                                     ^ reference local 2
const page = <UI.Panel><Button label="x" {...Button} /></UI.Panel>;
//            ^ reference read import * ./ui
//               ^ reference jsx import-member UI.Panel
//                      ^ reference jsx symbol Button
//                             ^ no reference
//                                           ^ reference read symbol Button
//                                                       ^ reference read import * ./ui
