"use strict";

const fs = require("node:fs");
const { parseCsv } = require("./csv.cjs");

/** Reads a supplier's list and prints it as the server wants it. */
function importProducts(path) {
  const rows = parseCsv(fs.readFileSync(path, "utf8"));
  return rows.map(({ sku, name, price }) => ({ sku, name, cents: Math.round(Number(price) * 100) }));
}

if (require.main === module) {
  process.stdout.write(JSON.stringify(importProducts(process.argv[2]), null, 2));
}

module.exports = { importProducts };
