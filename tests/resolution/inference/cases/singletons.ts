// @file: database.ts
class Database {
  private static instance: Database;
  static getInstance() {
    if (!Database.instance) Database.instance = new Database();
    return Database.instance;
//                  ^ leads to Database.instance
  }
  query() { return [{ id: 1 }]; }
}
export const database = Database.getInstance();
export default Database;
// @file: main.ts
import Database, { database } from './database';
Database.getInstance().query()[0].id;
//       ^ leads to Database.getInstance
//                     ^ leads to Database.query
//                                ^ leads to id@9
database.query();
//       ^ leads to Database.query
