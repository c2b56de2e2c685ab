interface PipeDefinition { kind: "pipe"; from: { place: number } }
interface TextDefinition { kind: "text"; longest: number }
interface Pipe { inner: { definition: PipeDefinition } }
interface Text { inner: { definition: TextDefinition } }
type Schema = Pipe | Text;
type OfKind<K extends string> = Extract<Schema, { inner: { definition: { kind: K } } }>;
declare const text: OfKind<"text">;
text.inner.definition.longest;
//   ^ leads to Text.inner
//         ^ leads to Text.inner.definition
//                    ^ leads to TextDefinition.longest
declare const other: Exclude<Schema, { inner: { definition: { kind: "text" } } }>;
other.inner.definition.from.place;
//    ^ leads to Pipe.inner
//                     ^ leads to PipeDefinition.from
type Handlers = { [K in Schema["inner"]["definition"]["kind"]]?: (one: OfKind<K>) => void };
declare function visit(handlers: Handlers): void;
visit({ pipe: (one) => one.inner.definition.from, text: (one) => one.inner.definition.longest });
//                         ^ leads to Pipe.inner
//                                                                   ^ leads to Text.inner
//                                                                                    ^ leads to TextDefinition.longest
