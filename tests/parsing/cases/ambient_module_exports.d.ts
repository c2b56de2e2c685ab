//! exports Listed, Unsaid, count
import type { Other } from "./other";

export interface Listed { other: Other }
//               ^ definition interface Listed exported ambient

type Unsaid = Listed;
//   ^ definition type Unsaid exported ambient

declare const count: number;
//            ^ definition constant count exported ambient
