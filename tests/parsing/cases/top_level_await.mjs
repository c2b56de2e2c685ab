import { load } from './load.mjs';
const loaded = await (load());
//             ^ no reference
//                    ^ reference call import load ./load.mjs
export default loaded;
