"use strict";

/** Lines to objects, named by the first line. Quotes are for people with commas in their names. */
exports.parseCsv = function parseCsv(text) {
  const [head, ...lines] = text.trim().split("\n");
  const names = head.split(",");
  return lines.map((line) => {
    const cells = splitLine(line);
    return Object.fromEntries(names.map((name, index) => [name, cells[index]]));
  });
};

function splitLine(line) {
  return [...line.matchAll(/"([^"]*)"|([^,]+)/g)].map((found) => found[1] ?? found[2]);
}
