// Reads one line of code into coloured pieces.

class LineReader {
  constructor(text, state, dialect) {
    Object.assign(this, { text, dialect, stack: state.stack, value: state.value, at: 0, tokens: [] });
    // An expression that does not end on its line is none, and then none is looked for again.
    this.expressions = true;
  }

  read() {
    if (this.stack === null && this.text.startsWith("#!")) return this.token("comment", this.text.length);
    while (this.at < this.text.length) this[this.stack?.mode ?? "code"]();
  }

  token(kind, end) {
    if (end > this.at) this.tokens.push({ start: this.at, end, kind });
    this.at = end;
  }

  push(mode) {
    const depth = (this.stack?.depth ?? 0) + 1;
    this.stack = { mode: depth > DEEPEST ? "lost" : mode, braces: 0, depth, below: this.stack };
  }

  pop() {
    this.stack = this.stack.below;
  }

  match(pattern, at = this.at) {
    pattern.lastIndex = at;
    return pattern.exec(this.text)?.[0] ?? null;
  }

  lost() {
    this.at = this.text.length;
  }

  code() {
    const { text, at } = this;
    const here = text[at];
    if (here === " " || here === "\t") {
      this.at += 1;
    } else if (here === "/" && text[at + 1] === "/") {
      this.token("comment", text.length);
    } else if (here === "/" && text[at + 1] === "*") {
      this.push("comment");
      this.comment(at + 2);
    } else if (here === '"' || here === "'") {
      this.quoted(here);
    } else if (here === "`" && !this.dialect.json) {
      this.push("template");
      this.template(at + 1);
    } else if (/[\d]/.test(here) || (here === "." && /\d/.test(text[at + 1] ?? ""))) {
      this.token("number", at + (this.match(NUMBER)?.length ?? 1));
      this.value = true;
    } else if (!this.name()) {
      this.sign(here);
    }
  }

  name() {
    const word = this.match(NAME);
    if (word === null) return false;
    const end = this.at + word.length;
    const member = this.text[this.at - 1] === "." && this.text[this.at - 2] !== ".";
    if (this.dialect.json || member) {
      this.token(this.match(CALLED, end) === null ? (this.dialect.json ? "value" : "property") : "call", end);
      this.value = true;
    } else if (KEYWORDS.has(word) && !(SOFT.has(word) && !this.isSoftKeyword(word, end))) {
      this.token("keyword", end);
      this.value = false;
    } else {
      const called = this.match(CALLED, end) !== null;
      const kind = VALUES.has(word) ? "value" : TYPES.has(word) ? "type" : called ? "call" : /^\p{Lu}/u.test(word) ? "type" : null;
      if (kind === null) this.at = end;
      else this.token(kind, end);
      this.value = true;
    }
    return true;
  }

  isSoftKeyword(word, end) {
    if (word === "require" || word === "constructor") return this.text[end] === "(";
    return this.match(FOLLOWED_BY_NAME, end) !== null || (end === this.text.length && word === "from");
  }

  sign(here) {
    if (here === "/" && !this.value && this.expression()) return;
    if (here === "<" && !this.value && this.dialect.jsx && this.match(TAG_BEGINS) !== null && !this.isGeneric()) {
      this.push("tag");
      this.openTag();
      return;
    }
    if (this.stack !== null) {
      if (here === "{") this.stack = { ...this.stack, braces: this.stack.braces + 1 };
      if (here === "}" && this.stack.braces === 0) {
        this.pop();
        this.at += 1;
        return;
      }
      if (here === "}") this.stack = { ...this.stack, braces: this.stack.braces - 1 };
    }
    // What begins with a surrogate has two units.
    this.at += this.text.codePointAt(this.at) > 0xffff ? 2 : 1;
    this.value = here === ")" || here === "]" || here === "}";
  }

  /** `<T,>` and `<T extends U>` before an arrow, which are no tags. */
  isGeneric() {
    const name = this.match(TAG_NAME, this.at + 1) ?? "";
    const after = this.text.slice(this.at + 1 + name.length, this.at + 10 + name.length);
    return after.startsWith(",") || after.startsWith(" extends");
  }

  expression() {
    if (!this.expressions || this.dialect.json) return false;
    let within = false;
    for (let end = this.at + 1; end < this.text.length; end += 1) {
      const one = this.text[end];
      if (one === "\\") end += 1;
      else if (one === "[") within = true;
      else if (one === "]") within = false;
      else if (one === "/" && !within) {
        const flags = this.match(/[a-z]*/y, end + 1);
        this.token("regexp", end + 1 + flags.length);
        this.value = true;
        return true;
      }
    }
    this.expressions = false;
    return false;
  }

  quoted(quote) {
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== quote) end += this.text[end] === "\\" ? 2 : 1;
    end = Math.min(end + 1, this.text.length);
    const key = this.dialect.json && this.match(/\s{0,8}:/y, end) !== null;
    this.token(key ? "property" : "string", end);
    this.value = true;
  }

  comment(from = this.at) {
    const end = this.text.indexOf("*/", from);
    this.token("comment", end < 0 ? this.text.length : end + 2);
    if (end >= 0) this.pop();
  }

  template(from = this.at) {
    let end = from;
    while (end < this.text.length && this.text[end] !== "`" && !(this.text[end] === "$" && this.text[end + 1] === "{")) {
      end += this.text[end] === "\\" ? 2 : 1;
    }
    end = Math.min(end, this.text.length);
    if (this.text[end] === "`") {
      this.token("string", end + 1);
      this.pop();
      this.value = true;
    } else {
      this.token("string", end);
      if (end < this.text.length) {
        this.at += 2;
        this.push("code");
        this.value = false;
      }
    }
  }

  /** The `<` of a tag and its name. */
  openTag() {
    this.at += this.text[this.at + 1] === "/" ? 2 : 1;
    const name = this.match(TAG_NAME);
    if (name !== null) this.token("tag", this.at + name.length);
  }

  /** Within a tag that begins an element: its attributes, up to what ends it. */
  tag() {
    const here = this.text[this.at];
    if (here === ">") {
      this.at += 1;
      this.stack = { ...this.stack, mode: "children" };
    } else if (here === "/" && this.text[this.at + 1] === ">") {
      this.at += 2;
      this.leaveElement();
    } else if (here === "{") {
      this.enterCode();
    } else if (here === '"' || here === "'") {
      // A string of a tag may go on over lines; here it ends with its line, and so does its colour.
      const end = this.text.indexOf(here, this.at + 1);
      this.token("string", end < 0 ? this.text.length : end + 1);
    } else {
      const name = this.match(TAG_NAME);
      if (name === null) this.at += 1;
      else this.token("property", this.at + name.length);
    }
  }

  /** Between the tags of an element: text, elements, and code in braces. */
  children() {
    const here = this.text[this.at];
    if (here === "{") {
      this.enterCode();
    } else if (here === "<" && this.text[this.at + 1] === "/") {
      this.openTag();
      this.stack = { ...this.stack, mode: "closing" };
    } else if (here === "<" && this.match(TAG_BEGINS) !== null) {
      this.push("tag");
      this.openTag();
    } else {
      this.at += 1;
    }
  }

  closing() {
    const end = this.text.indexOf(">", this.at);
    this.at = end < 0 ? this.text.length : end + 1;
    if (end >= 0) this.leaveElement();
  }

  leaveElement() {
    this.pop();
    this.value = true;
  }

  enterCode() {
    this.at += 1;
    this.push("code");
    this.value = false;
  }
}
