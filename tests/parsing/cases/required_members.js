const { readFile, rm: remove } = require('fs').promises;
//      ^ reference import import-member promises.readFile
//                ^ reference import import-member promises.rm
//                                             ^ reference import import promises fs
readFile(remove);
// <- reference call import-member promises.readFile
//       ^ reference import-member promises.rm
const promises = 1;
//    ^ definition constant promises
remove(promises);
//     ^ reference symbol promises
function nested() {
  const { EVENT } = require('./runner').constants;
  return EVENT;
  //     ^ reference import-member constants.EVENT
}
const { deep } = require('./runner').constants.more;
//      ^ definition constant deep
