// How numbers, times and states are told.

const NUMBERS = new Intl.NumberFormat("en");
const CLOCK = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });
const MOMENT = new Intl.DateTimeFormat("en", {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
  timeZoneName: "short",
});

const PHASES = {
  clone: "fetching the commit",
  discover: "listing its files",
  parse: "parsing",
  resolve: "resolving imports",
  store: "storing the index",
};

/** 1234 -> "1,234". */
const number = (value) => NUMBERS.format(value);

/** "1 job", "2 jobs". */
const counted = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

/** Seconds as a person says them, in the two largest units. */
function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

/** A moment by the clock of this machine. */
const moment = (text) => (text === null ? "" : MOMENT.format(new Date(text)));

/** The time of day. */
const clockTime = (date) => CLOCK.format(date);

/** How long after `from` it was at `to`; both are moments of the service. */
const between = (from, to) => duration((Date.parse(to) - Date.parse(from)) / 1000);

/** The beginning of an id, enough to tell it from others on the page. */
const short = (id) => id.slice(0, 8);

/** A ref as asked for; none asked for the default branch. */
const refName = (ref) => ref ?? "default branch";

/**
 * A `<time>` that says how long ago a moment was, and when exactly where one points at it. The
 * ticker keeps it true.
 */
function ago(text) {
  if (text === null) return "";
  return element("time", { datetime: text, title: moment(text), "data-ago": Date.parse(text) });
}

/** Brings every relative time of the page up to date. `now` is the service's clock, in ms. */
function tick(now) {
  for (const node of document.querySelectorAll("[data-ago]")) {
    setText(node, `${duration((now - Number(node.dataset.ago)) / 1000)} ago`);
  }
}

/** A state as a word in its colour. */
const badge = (status) => element("span", { class: `badge ${status}` }, status);
