function load<T>(name: string): T { throw name; }
async function run(client: { get<T>(): T }) {
  const one = await load<string>('');
//                  ^ reference call symbol load
  if (!load<boolean>('')) return one;
//     ^ reference call symbol load
  return await client.get<string>();
//                    ^ reference call unknown
}
