import { Component } from 'react';
class View extends Component {
  draw() {
    this.draw();
//       ^ leads to View.draw
    this.setState({});
//       ^ external
    this.props.title;
//             ^ external
  }
}
new View().forceUpdate();
//         ^ external
class Failure extends Error { code = 1; tell() { this.message; this.code; } }
//                                                    ^ external
//                                                                  ^ leads to Failure.code
new Failure().stack;
//            ^ external
