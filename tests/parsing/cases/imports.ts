import Default, { named, other as alias, type T } from 'pkg';
//     ^ reference import import default pkg
//                ^ reference import import named pkg
//                       ^ reference import import other pkg
//                                ^ no reference
import * as ns from './ns';
//          ^ no reference
import type Only from './only';
import legacy = require('legacy');
import './side';
Default(named, alias, legacy);
// <- reference call import default pkg
//      ^ reference import named pkg
//             ^ reference import other pkg
//                    ^ reference import export= legacy
ns.deep.member();
// <- reference import * ./ns
// ^ reference read import-member ns.deep
//      ^ reference call import-member ns.deep.member
let t: T | ns.Type | Only;
//     ^ reference type import T pkg
//            ^ reference type import-member ns.Type
//                   ^ reference type import default ./only
//! request import "pkg"
//! request import "./ns"
//! request import_type "./only"
//! request import_equals "legacy"
//! request side_effect "./side"
//! requests 5
