// @file: kind.ts
export enum Kind { Big, Small = 'small' }
export const enum Size { One = 1 }
// @file: main.ts
import { Kind, Size } from './kind';
Kind.Big;
//   ^ leads to Kind.Big
Size.One;
//   ^ leads to Size.One
const kinds = { kind: Kind };
kinds.kind.Small;
//         ^ leads to Kind.Small
const type = Kind;
type.Big;
//   ^ leads to Kind.Big
Kind.Big.toString();
//       ^ gap: external
declare const kind: Kind;
kind.toString();
//   ^ external
