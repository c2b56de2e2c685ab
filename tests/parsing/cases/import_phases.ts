import defer * as late from './late';
import source wasm from './module.wasm';
import defer from './defer';
import source, { other } from './source';
const later = import.defer('./later');
const compiled = await import.source('./compiled');
late.run(wasm, defer, source, other);
// <- reference read import * ./late
//   ^ reference call import-member late.run
//       ^ reference read import default ./module.wasm
//             ^ reference read import default ./defer
//                    ^ reference read import default ./source
//                            ^ reference read import other ./source
//! request dynamic_import ./later
//! request dynamic_import ./compiled
//! errors 0
