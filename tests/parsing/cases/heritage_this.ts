class Outer {
  inner = class Made {};
  make() {
    return class Copy extends this.inner {};
    //                             ^ reference extends symbol inner
  }
}
class Left extends Right.base { go() { this.none; } }
//                       ^ reference extends symbol base
class Right extends Left.base { static base = 1; }
//                       ^ reference extends unknown
