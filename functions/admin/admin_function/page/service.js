// The service: who asks it, and what became of a question.

const PATIENCE_MS = 20_000;

/** A question that got no useful answer. `status` 0: none at all. */
class Refusal extends Error {
  constructor(status, code, message, retryAfter = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether the key, or this network, is not let in. */
  get shut() {
    return this.status === 401 || this.status === 403;
  }
}

/**
 * The admin key is kept in this object and nowhere else: what a browser stores for a tab it also
 * writes to disk, to restore the tab after a crash.
 */
class Service {
  #key = null;
  /** Ends the questions that are under way when the key is forgotten. */
  #shutting = new AbortController();
  /** The service's clock less this machine's, in milliseconds. */
  skew = 0;

  open(key) {
    this.#key = key;
    this.#shutting = new AbortController();
  }

  /** From now on nothing is asked, and no answer to what was asked before is given out. */
  forget() {
    this.#key = null;
    this.#shutting.abort();
  }

  get isOpen() {
    return this.#key !== null;
  }

  /** What the service's clock shows now. */
  get now() {
    return Date.now() + this.skew;
  }

  get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== "");
    return this.#ask("GET", given.length ? `${path}?${new URLSearchParams(given)}` : path);
  }

  post(path, body = {}) {
    return this.#ask("POST", path, body);
  }

  put(path, body) {
    return this.#ask("PUT", path, body);
  }

  delete(path) {
    return this.#ask("DELETE", path);
  }

  async #ask(method, path, body = null) {
    if (!this.isOpen) throw new Refusal(0, "locked", "The page is locked.");
    let answer;
    let text;
    try {
      // Paths are relative to the page's own, so that a stage in front of it stays there.
      answer = await fetch(path, {
        method,
        headers: {
          Authorization: `Bearer ${this.#key}`,
          ...(body === null ? {} : { "Content-Type": "application/json" }),
        },
        body: body === null ? null : JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), this.#shutting.signal]),
      });
      text = await answer.text();
    } catch (error) {
      const late = error.name === "TimeoutError";
      throw new Refusal(0, "unreachable", `The service ${late ? "did not answer in time" : "cannot be reached"}.`);
    }
    const told = readJson(text);
    if (!answer.ok) {
      throw new Refusal(
        answer.status,
        told?.code ?? "unknown",
        told?.error ?? told?.message ?? `The service answered ${answer.status}.`,
        Number(answer.headers.get("Retry-After")) || null,
      );
    }
    const date = Date.parse(answer.headers.get("Date") ?? "");
    // The header tells whole seconds, so a difference below that is none.
    if (Number.isFinite(date)) this.skew = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
    return told;
  }
}

/** What an answer holds, with every text in it printable; null where it is no JSON. */
function readJson(text) {
  try {
    return JSON.parse(text, (_, value) => (typeof value === "string" ? printable(value) : value));
  } catch {
    return null;
  }
}

/** Characters that are not seen, or change how the text around them is read, are written out. */
function printable(text) {
  const written = (one) => `\\u${one.codePointAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, written);
}
