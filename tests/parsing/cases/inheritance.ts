import { Far } from './far';
class Near { near() {} static make() {} }
class Child extends Near {
  run() { this.near(); super.near(); }
  //           ^ reference call symbol near
  //                         ^ reference call symbol near
}
Child.make();
//    ^ reference call symbol make
class Other extends Far {
  run() { this.far(); this.run(); }
  //           ^ reference call instance-member Other far
  //                       ^ reference call symbol run@11
}
