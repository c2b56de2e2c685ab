abstract class A {
  protected abstract readonly size: number;
  //                          ^ definition property size protected abstract readonly in A
  [key: string]: unknown;
  // ^ no definition
}
