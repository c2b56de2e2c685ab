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
//      ^ reference import import-member constants.more.deep
//                                             ^ reference import import-member constants.more
const events = require('./runner').constants.events;
//                                 ^ reference import import constants ./runner
events.on;
// <- reference import-member constants.events
//     ^ reference import-member constants.events.on
const { [deep]: computed } = require('./runner').constants;
//              ^ definition constant computed
