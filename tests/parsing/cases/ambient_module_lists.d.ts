//! exports Listed
export interface Listed { unsaid: Unsaid }

type Unsaid = string;
//   ^ definition type Unsaid ambient

export {};
