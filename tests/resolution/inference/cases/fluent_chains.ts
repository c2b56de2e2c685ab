class Query {
  where(): this { return this; }
  limit() { return this; }
  run() { return [new Row()]; }
}
class Row { name = ''; }
class Users extends Query { active() { return this; } }
new Query().where().limit().run()[0].name;
//          ^ leads to Query.where
//                  ^ leads to Query.limit
//                          ^ leads to Query.run
//                                   ^ leads to Row.name
new Users().where().active().limit().active();
//          ^ leads to Query.where
//                  ^ leads to Users.active
//                           ^ leads to Query.limit
//                                   ^ leads to Users.active
declare const given: Users;
given.limit().active();
//            ^ leads to Users.active
