// @file: button.tsx
export interface ButtonProps { label: string; onPress: (event: Press) => void; style?: { color: string } }
export interface Press { stop(): void }
export function Button({ label, style }: ButtonProps) { return <b title={label}>{style?.color}</b>; }
//                       ^ leads to ButtonProps.label
//                              ^ leads to ButtonProps.style
//                                                                                      ^ leads to color@2
export const Link = (props: ButtonProps) => <a onClick={() => props.onPress(null!)}>{props.label}</a>;
//                                                                  ^ leads to ButtonProps.onPress
//                                                                                         ^ leads to ButtonProps.label
// @file: main.tsx
import { Button, Link } from './button';
export const page = <div><Button label="a" onPress={(event) => event.stop()} /><Link label="" onPress={(press) => press.stop()} /></div>;
//                                                                   ^ leads to Press.stop
//                                                                                                                      ^ leads to Press.stop
