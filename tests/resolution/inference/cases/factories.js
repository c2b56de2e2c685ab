// @file: app.js
exports = module.exports = createApp;
function createApp() { return { router: makeRouter(), listen() {} }; }
function makeRouter() { const routes = []; return { routes, handle: () => routes }; }
// @file: main.js
const createApp = require('./app');
const app = createApp();
app.listen();
//  ^ leads to listen@3
app.router.handle();
//  ^ leads to router@3
//         ^ leads to handle@4
