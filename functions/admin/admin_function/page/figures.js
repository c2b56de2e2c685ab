// The figures of the queue, and the chart of what ended.

const OUTCOMES = ["completed", "failed", "cancelled", "skipped"];

// The service counts the rows of a state up to here.
const COUNTED_UP_TO = 10_000;

const sum = (counts) => counts.reduce((whole, one) => whole + one, 0);

function showFigures(queue) {
  const oldest = queue.oldest_pending_age_seconds;
  const told = [
    ["Waiting", number(queue.depth), waitingTold(queue)],
    ["Oldest wait", oldest === null ? "none" : duration(oldest), oldest === null ? "nothing is due" : ""],
    ["Running", number(queue.running), slotsTold(queue)],
    ["Failed", number(queue.failed_24h), "within 24 hours"],
    ["Dead letters", atMost(queue.dead_letters), "failed for good, and kept"],
  ];
  reconcile(byId("figures"), told, {
    key: ([name]) => name,
    create: ([name]) =>
      element("div", {}, element("dt", {}, name), element("dd"), element("dd", { class: "quiet" })),
    update: (node, [name, value, more]) => {
      setText(node.children[1], value);
      setText(node.children[2], more);
      node.classList.toggle("bad", name === "Failed" && queue.failed_24h > 0);
    },
  });
}

/** A count that ends at a limit, told as one. */
const atMost = (value) => (value < COUNTED_UP_TO ? number(value) : `${number(value)} or more`);

/** Says that leasing is stopped, since when and why, and what the button does about it. */
function showLeasing(leasing) {
  const why = [leasing.paused && "by an operator", leasing.switched_off && "by the worker's settings"];
  const stopped = byId("stopped");
  show(stopped, leasing.stopped_at !== null);
  setText(
    stopped,
    `Leasing is stopped ${why.filter(Boolean).join(" and ")} since ${moment(leasing.stopped_at)}. ` +
      "Running jobs go on, the others wait.",
  );
  setText(byId("pause"), leasing.paused ? "Resume leasing" : "Pause leasing");
}

function slotsTold({ workers, leasing }) {
  const share = leasing.tenant_cap < workers ? `, ${number(leasing.tenant_cap)} for one tenant` : "";
  return `${counted(workers, "slot")} in all${share}`;
}

function waitingTold(queue) {
  const parts = [
    [queue.ready, "ready"],
    [queue.waiting, "behind their ref or tenant"],
    [queue.delayed, "delayed"],
  ];
  const told = parts.filter(([value]) => value > 0).map(([value, name]) => `${atMost(value)} ${name}`);
  return told.length ? told.join(", ") : "nothing waits";
}

// The chart ------------------------------------------------------------------------------------

const NARROWEST = 300;
const HEIGHT = 210;
const LEFT = 40;
const BOTTOM = 22;
const TOP = 8;
const GAP = 0.25;

/** Draws spans as bars: what completed, was cancelled or skipped goes up, what failed goes down. */
function showThroughput(throughput, spanName) {
  const spans = throughput[spanName];
  const began = Date.parse(spans.began);
  const at = (place) => new Date(began + place * spans.seconds * 1000);
  const up = spans.completed.map((value, i) => value + spans.cancelled[i] + spans.skipped[i]);
  const scale = makeScale(Math.max(...up), Math.max(...spans.failed));
  const width = Math.max(byId("chart").clientWidth, NARROWEST);
  const step = (width - LEFT) / up.length;
  const bars = up.map((_, place) => bar(spans, place, { at: at(place), step, scale }));
  const what = `${spanName === "minutes" ? "the last hour, by minute" : "the last day, by hour"}`;
  const svg = drawn(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": `Jobs that ended in ${what}: ${totals(spans)}.` },
    ...gridLines(scale, width),
    ...timeMarks(up.length, { at, step }),
    ...bars,
  );
  byId("chart").replaceChildren(svg);
  showLegend(spans);
  showTable(spans, at);
  showCut(throughput, began);
}

function makeScale(most, mostFailed) {
  const unit = niceStep(Math.max(most, mostFailed, 1));
  const above = Math.max(1, Math.ceil(most / unit)) * unit;
  const below = Math.ceil(mostFailed / unit) * unit;
  const height = HEIGHT - TOP - BOTTOM;
  const one = height / (above + below);
  return { unit, above, below, one, y: (value) => TOP + (above - value) * one };
}

/** A step of 1, 2 or 5 times a power of ten that gives at most five lines. */
function niceStep(most) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough);
}

function gridLines({ unit, above, below, y }, width) {
  const values = [];
  for (let value = -below; value <= above; value += unit) values.push(value);
  return values.flatMap((value) => [
    drawn("line", { class: value === 0 ? "zero" : "grid", x1: LEFT, x2: width, y1: y(value), y2: y(value) }),
    drawn("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, number(Math.abs(value))),
  ]);
}

function timeMarks(length, { at, step }) {
  const every = length / 4;
  return [0, 1, 2, 3].map((mark) =>
    drawn("text", { x: LEFT + mark * every * step, y: HEIGHT - 4 }, clockTime(at(mark * every))),
  );
}

function bar(spans, place, { at, step, scale }) {
  const x = LEFT + (place + GAP / 2) * step;
  const width = step * (1 - GAP);
  const pieces = [];
  let height = 0;
  for (const outcome of ["completed", "cancelled", "skipped"]) {
    const value = spans[outcome][place];
    if (value === 0) continue;
    height += value;
    pieces.push(drawn("rect", { class: outcome, x, width, y: scale.y(height), height: value * scale.one }));
  }
  const failed = spans.failed[place];
  if (failed > 0) {
    pieces.push(drawn("rect", { class: "failed", x, width, y: scale.y(0), height: failed * scale.one }));
  }
  const told = OUTCOMES.filter((outcome) => spans[outcome][place] > 0)
    .map((outcome) => `${number(spans[outcome][place])} ${outcome}`)
    .join(", ");
  return drawn(
    "g",
    {},
    drawn("title", {}, `${clockTime(at)}: ${told || "nothing ended"}`),
    drawn("rect", { class: "place", x: LEFT + place * step, width: step, y: TOP, height: HEIGHT - TOP - BOTTOM }),
    ...pieces,
  );
}

const totals = (spans) =>
  OUTCOMES.map((outcome) => `${number(sum(spans[outcome]))} ${outcome}`).join(", ");

function showLegend(spans) {
  reconcile(byId("legend"), OUTCOMES, {
    key: (outcome) => outcome,
    create: (outcome) => element("li", { class: outcome }, element("span")),
    update: (node, outcome) =>
      setText(node.firstChild, `${number(sum(spans[outcome]))} ${outcome}`),
  });
}

function showTable(spans, at) {
  const places = spans.completed
    .map((_, place) => place)
    .filter((place) => OUTCOMES.some((outcome) => spans[outcome][place] > 0))
    .reverse();
  reconcile(byId("chart-table").tBodies[0], places, {
    key: (place) => String(at(place).getTime()),
    create: () => element("tr", {}, element("th", { scope: "row" }), ...OUTCOMES.map(() => element("td"))),
    update: (row, place) => {
      setText(row.children[0], clockTime(at(place)));
      OUTCOMES.forEach((outcome, i) => setText(row.children[i + 1], number(spans[outcome][place])));
    },
  });
}

function showCut(throughput, began) {
  const from = Date.parse(throughput.counted_from);
  const cut = byId("uncounted");
  show(cut, from > began);
  setText(cut, `Only the newest ends are counted: those since ${moment(throughput.counted_from)}.`);
}
