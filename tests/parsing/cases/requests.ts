/// <reference path="./globals.d.ts" />
/// <reference types='node' />
import {} from './empty';
const lazy = () => import('./lazy');
const template = import(`./template`);
const computed = import(somewhere);
//                      ^ reference undeclared
let x: import('./types').Shape.Part;
//                       ^ reference type module ./types Shape
let y: typeof import('./whole');
declare module './augmented' { interface Extra {} }
//! request reference_path "./globals.d.ts"
//! request reference_types "node"
//! request import "./empty"
//! request dynamic_import "./lazy"
//! request dynamic_import "./template"
//! request dynamic_import ""
//! request type_query "./types"
//! request type_query "./whole"
//! request module_augmentation "./augmented"
//! requests 9
