// Questions to the service, and the answers that are kept, so that few are asked twice.

const STORED_AS = "kotadb-key";
const MOST_KEPT = 150;
const MOST_KEPT_CHARACTERS = 20_000_000;
/** How long an answer is good for, in milliseconds: a job lands, and a list changes. */
const KEEP = 300_000;
const KEEP_LISTS = 15_000;
/** From this share of the hour's requests on the rest is shown. */
const FEW = 0.25;

/** The routes with an API key, which the tab keeps until it is closed or the page is locked. */
class Api extends Service {
  /** { limit, remaining, resetsAt (ms of the service's clock) }; null: nothing was answered yet. */
  quota = null;
  #kept = new Map();
  #size = 0;

  /** The key that was given in this tab before; null: none. */
  static storedKey() {
    try {
      return sessionStorage.getItem(STORED_AS);
    } catch {
      return null;
    }
  }

  open(key) {
    super.open(key);
    try {
      sessionStorage.setItem(STORED_AS, key);
    } catch {
      // Storage is switched off: a reload asks for the key again.
    }
  }

  forget() {
    super.forget();
    this.forgetAnswers();
    this.quota = null;
    try {
      sessionStorage.removeItem(STORED_AS);
    } catch {
      // Then nothing is there.
    }
  }

  /** Texts of repositories are kept as they are; whoever shows one makes it printable. */
  read(text) {
    this.#size += text.length;
    return readJson(text);
  }

  heard(headers) {
    const [limit, remaining, reset] = ["Limit", "Remaining", "Reset"].map((name) =>
      Number.parseInt(headers.get(`X-RateLimit-${name}`) ?? "", 10),
    );
    if ([limit, remaining, reset].some(Number.isNaN)) return;
    this.quota = { limit, remaining, resetsAt: reset * 1000 };
    showQuota(this.quota);
  }

  /** As `get`, but an answer of less than `keep` ms ago is given again, and asked for once at a time. */
  ask(path, query = {}, { signal = null, keep = KEEP, fresh = false } = {}) {
    const address = addressOf(path, query);
    const known = this.#kept.get(address);
    if (known && !fresh && Date.now() - known.at < keep && !known.signal?.aborted) {
      this.#kept.delete(address);
      this.#kept.set(address, known);
      return known.answer;
    }
    const answer = this.get(path, query, { signal });
    const entry = { answer, at: Date.now(), signal };
    this.#kept.set(address, entry);
    this.#trim();
    answer.then(
      () => (entry.signal = null),
      () => this.#kept.get(address) === entry && this.#kept.delete(address),
    );
    return answer;
  }

  /** The answer that is kept to a question; null: it would have to be asked. */
  keeps(path, query = {}) {
    const known = this.#kept.get(addressOf(path, query));
    return known !== undefined && Date.now() - known.at < KEEP;
  }

  /** From now on everything is asked anew. */
  forgetAnswers() {
    this.#kept.clear();
    this.#size = 0;
  }

  #trim() {
    if (this.#size > MOST_KEPT_CHARACTERS) this.forgetAllBut(20);
    if (this.#kept.size > MOST_KEPT) this.forgetAllBut(MOST_KEPT);
  }

  forgetAllBut(count) {
    for (const address of [...this.#kept.keys()].slice(0, -count)) this.#kept.delete(address);
    if (count < MOST_KEPT) this.#size = 0;
  }

  /** Whether there is room for questions that only make a view richer. */
  get canSpare() {
    return this.quota !== null && this.quota.remaining > Math.max(60, this.quota.limit * FEW);
  }
}

const api = new Api();

/** Says how many requests are left, once they are few. */
function showQuota({ limit, remaining, resetsAt }) {
  const place = byId("quota");
  show(place, remaining <= limit * FEW);
  const until = clockTime(new Date(resetsAt - api.skew));
  setText(place, `${counted(remaining, "request")} left until ${until}`);
  place.classList.toggle("wrong", remaining <= limit * 0.05);
}

/**
 * A list that goes on by its cursor. `rows` takes the rows out of an answer.
 */
class Pages {
  constructor(path, query, rows) {
    Object.assign(this, { path, query: { ...query, limit: 100 }, rows, cursor: null, all: [], first: null });
  }

  get more() {
    return this.first === null || this.cursor !== null;
  }

  /** The rows of the next page, which are added to `all`. */
  async next({ signal = null, keep = KEEP } = {}) {
    const answer = await api.ask(this.path, { ...this.query, cursor: this.cursor }, { signal, keep });
    this.first ??= answer;
    this.cursor = answer.next_cursor;
    const rows = this.rows(answer);
    this.all.push(...rows);
    return rows;
  }

  again() {
    Object.assign(this, { cursor: null, all: [], first: null });
  }
}
