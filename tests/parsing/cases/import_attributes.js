import data from './data.json' assert { type: 'json' };
import './style.css' assert { type: 'css' };
export { total } from './total' with { type: 'sum' };
export * from './all' assert {
  type: 'json',
};
export * as named from './named' with { type: 'json' };
data;
// <- reference read import default ./data.json
//! request import ./data.json
//! request side_effect ./style.css
//! export total module ./total total
//! export * module ./all *
//! export named module ./named *
//! errors 0
