import axios, { type Answer } from 'axios';
import * as path from 'node:path';
const client = axios.create();
//                   ^ external
client.get('').then((answer) => answer.data);
//     ^ external
//             ^ external
//                                     ^ external
path.join('a').length;
//   ^ external
//             ^ external
declare const answer: Answer;
answer.data.size;
//     ^ external
//          ^ external
const { parse } = path;
//      ^ external
parse('').name;
//        ^ external
