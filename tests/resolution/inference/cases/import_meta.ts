// @file: env.d.ts
interface ImportMetaEnv { readonly TITLE: string }
interface ImportMeta { readonly env: ImportMetaEnv }
// @file: use.ts
import.meta.env.TITLE;
//          ^ leads to ImportMeta.env
//              ^ leads to ImportMetaEnv.TITLE
export function made() {
  new.target.env;
  //         ^ unknown
}
