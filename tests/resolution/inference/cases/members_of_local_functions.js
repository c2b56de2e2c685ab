function make() {
  function app() {}
  app.settings = { port: 1 };
  return app;
}
make().settings;
//     ^ leads to settings@3
make().call(null);
//     ^ external
make().toString();
//     ^ external
const made = () => {
  const run = () => 1;
  run.later = () => 2;
  return run;
};
made().later();
//     ^ leads to later@14
