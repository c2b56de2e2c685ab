// What could not be answered: a sentence at the place where it belongs, and a way to go on.

/** A refusal as a sentence, with what to do about it. */
function sentenceOf(refusal) {
  if (refusal.status === 429) {
    const limit = api.quota ? `This hour's ${counted(api.quota.limit, "request")} are used up.` : "Too many requests were sent.";
    return `${limit} It goes on ${untilThen(refusal)}.`;
  }
  if (refusal.status === 503 || refusal.status === 500) {
    return `The service cannot answer just now (${refusal.code}). ${closed(refusal.message)}`;
  }
  if (refusal.code === "cursor_expired") return "This list is of a commit that is no longer kept.";
  if (refusal.code === "not_indexed") return "Nothing is indexed for this repository and ref yet.";
  return closed(refusal.message);
}

const closed = (text) => (/[.!?]$/.test(text) ? printable(text) : `${printable(text)}.`);

function untilThen({ retryAfter }) {
  if (retryAfter === null) return "later";
  return `at ${clockTime(new Date(Date.now() + retryAfter * 1000))}, in ${duration(retryAfter)}`;
}

/** Whether the same question may be answered later. */
const isPassing = ({ status }) => status === 0 || status === 429 || status === 410 || status >= 500;

/**
 * A box that tells a refusal. `again` is called by its button, which waits as long as the service
 * asked; `ways` are links to go elsewhere.
 */
function troubleBox(refusal, again = null, ...ways) {
  const wait = (refusal.retryAfter ?? 0) * 1000;
  const expired = refusal.code === "cursor_expired";
  const button = again && isPassing(refusal) && element("button", { type: "button", class: "small", on: { click: again } });
  const box = element(
    "div",
    { class: "trouble", role: "alert" },
    element("p", {}, sentenceOf(refusal)),
    ...ways.filter((way) => way.tagName === "PRE"),
    element("div", { class: "row" }, button || null, ...ways.filter((way) => way.tagName !== "PRE")),
  );
  if (button) {
    const ready = Date.now() + wait;
    const tell = () => {
      const left = Math.ceil((ready - Date.now()) / 1000);
      button.disabled = left > 0;
      setText(button, left > 0 ? `Try again in ${duration(left)}` : expired ? "Load it anew" : "Try again");
      if (left > 0 && (box.isConnected || left * 1000 > wait - 2000)) setTimeout(tell, 1000);
    };
    tell();
  }
  return box;
}

/**
 * Does what may be refused, for a part of the page. What is refused is told in `place`, with a
 * button that does it again; a key that is let in no more locks the page. True once it is done.
 */
async function attempt(place, deed, { again = null, ways = [], told = null } = {}) {
  try {
    await deed();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === "given_up" || !api.isOpen) return false;
    if (error.status === 401) {
      lock(sentenceOf(error));
      return false;
    }
    const retry = again ?? (() => attempt(place, deed, { again, ways, told }));
    place.replaceChildren(troubleBox(error, retry, ...ways, ...(told?.(error) ?? [])));
    return false;
  }
}

/** A quiet line where nothing can be told yet. */
const waiting = (text = "Loading …") => element("p", { class: "quiet waiting" }, text);
