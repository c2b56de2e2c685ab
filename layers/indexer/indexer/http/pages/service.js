// The service: who asks it, and what became of a question.

const PATIENCE_MS = 20_000;

/** A question that got no useful answer. `status` 0: none at all. */
class Refusal extends Error {
  constructor(status, code, message, { retryAfter = null, details = [] } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.details = details;
  }

  /** Whether the key, or this network, is not let in. */
  get shut() {
    return this.status === 401 || this.status === 403;
  }
}

/**
 * The routes of the page's own service. The key is kept in this object and, unless a page says
 * otherwise, nowhere else: what a browser stores for a tab it also writes to disk, to restore the
 * tab after a crash.
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

  get(path, query = {}, { signal = null } = {}) {
    return this.#ask("GET", addressOf(path, query), { signal });
  }

  post(path, body = {}) {
    return this.#ask("POST", path, { body });
  }

  put(path, body) {
    return this.#ask("PUT", path, { body });
  }

  delete(path) {
    return this.#ask("DELETE", path);
  }

  /** What an answer holds; null where it is no JSON. Every text in it is printable. */
  read(text) {
    return readJson(text, printable);
  }

  /** Called with the headers of each answer. */
  heard() {}

  async #ask(method, path, { body = null, signal = null } = {}) {
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
        signal: AbortSignal.any(
          [AbortSignal.timeout(PATIENCE_MS), this.#shutting.signal, signal].filter((one) => one !== null),
        ),
      });
      text = await answer.text();
    } catch (error) {
      if (signal?.aborted) throw new Refusal(0, "given_up", "It is asked for no more.");
      const late = error.name === "TimeoutError";
      throw new Refusal(0, "unreachable", `The service ${late ? "did not answer in time" : "cannot be reached"}.`);
    }
    const told = this.read(text);
    this.heard(answer.headers);
    if (!answer.ok) {
      throw new Refusal(
        answer.status,
        told?.code ?? "unknown",
        told?.error ?? told?.message ?? `The service answered ${answer.status}.`,
        { retryAfter: Number(answer.headers.get("Retry-After")) || null, details: told?.details ?? [] },
      );
    }
    const date = Date.parse(answer.headers.get("Date") ?? "");
    // The header tells whole seconds, so a difference below that is none.
    if (Number.isFinite(date)) this.skew = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
    return told;
  }
}

/** A path with a query; what is null or empty is left out. */
function addressOf(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** What a text holds as JSON, each text in it as `written` gives it; null where it is no JSON. */
function readJson(text, written = (one) => one) {
  try {
    return JSON.parse(text, (_, value) => (typeof value === "string" ? written(value) : value));
  } catch {
    return null;
  }
}

/** Characters that are not seen, or change how the text around them is read, are written out. */
function printable(text) {
  const written = (one) => `\\u${one.codePointAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, written);
}
