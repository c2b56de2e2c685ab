import React, { type FC } from 'react';
interface Props { label: string; size: { wide: number } }
const One: React.FC<Props> = ({ label, size }) => <b>{label}{size.wide}</b>;
//                              ^ wrong: leads to Props.label
//                                                                ^ wrong: leads to wide@2
const Two: FC<Props> = (props) => <b>{props.label}</b>;
//                                          ^ wrong: leads to Props.label
class Three extends React.Component<Props, { open: boolean }> {
  render() { return <b>{this.props.label}{this.state.open}</b>; }
//                                 ^ wrong: leads to Props.label
//                                                   ^ wrong: leads to open@8
}
One; Two; Three;
