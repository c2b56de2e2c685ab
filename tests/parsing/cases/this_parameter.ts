class Fonts {
  static registered = 1;
  static register(this: Other) { this.registered; }
  //                                  ^ reference unknown
  static other() { this.registered; }
  //                    ^ reference symbol registered
}
