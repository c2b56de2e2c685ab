// Going to a file by a part of its path.

const going = { timer: null, question: null, at: -1, complete: null };
const PAUSE = 220;

function wireGoto() {
  const field = byId("goto");
  field.addEventListener("input", () => {
    clearTimeout(going.timer);
    const wanted = field.value.trim();
    if (!wanted) return closeGoto();
    if (narrowGoto(wanted)) return;
    going.timer = setTimeout(() => findFiles(wanted), PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    const deed = {
      ArrowDown: () => pointAt(going.at + 1),
      ArrowUp: () => pointAt(going.at - 1),
      Enter: () => gotoLinks()[Math.max(going.at, 0)]?.click(),
      Escape: () => (field.value ? leaveGoto() : byId("code").focus()),
    }[event.key];
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  });
  byId("goto-found").addEventListener("click", (event) => {
    if (event.target.closest("a")) leaveGoto();
  });
}

const gotoLinks = () => [...byId("goto-found").querySelectorAll("a")];

function closeGoto() {
  clearTimeout(going.timer);
  going.question?.abort();
  Object.assign(going, { question: null, at: -1, complete: null });
  byId("goto-found").replaceChildren();
  show(byId("goto-found"), false);
  show(byId("tree"), true);
  setAttribute(byId("goto"), "aria-expanded", "false");
}

function leaveGoto() {
  byId("goto").value = "";
  closeGoto();
}

/** Where all that fits less is known, what fits more needs no question. */
function narrowGoto(wanted) {
  const { complete } = going;
  if (!complete || !wanted.toLowerCase().includes(complete.wanted)) return false;
  going.question?.abort();
  listFound(complete.files.filter((path) => path.toLowerCase().includes(wanted.toLowerCase())), wanted, false);
  return true;
}

async function findFiles(wanted) {
  const { place } = opened;
  going.question?.abort();
  going.question = new AbortController();
  const { signal } = going.question;
  const box = byId("goto-found");
  show(box, true);
  show(byId("tree"), false);
  await attempt(box, async () => {
    const told = await api.ask("files", { repository: place.repository, ref: place.ref, contains: wanted, limit: 100 }, { signal });
    const files = told.files.map((one) => one.path);
    going.complete = told.next_cursor === null ? { wanted: wanted.toLowerCase(), files } : null;
    listFound(files, wanted, told.next_cursor !== null);
  }, { again: () => findFiles(wanted) });
}

/** Names that hold what is wanted first, then shorter paths. */
function listFound(files, wanted, more) {
  const low = wanted.toLowerCase();
  const rank = (path) => {
    const name = nameAndFolder(path)[0].toLowerCase();
    return (name.startsWith(low) ? 0 : name.includes(low) ? 1 : 2) * 10_000 + path.length;
  };
  const ranked = files.toSorted((one, other) => rank(one) - rank(other));
  const { place } = opened;
  byId("goto-found").replaceChildren(
    element("ul", { id: "goto-list", role: "listbox", "aria-label": "Files" }, ...ranked.map((path, at) =>
      element("li", { role: "option", id: `goto-${at}`, "aria-selected": "false" },
        link(fileAt(place.repository, path, { ref: place.ref }), { tabindex: "-1", title: printable(path) }, ...foundLabel(path, low))))),
    element("p", { class: "quiet" }, ranked.length === 0 ? "No path holds this." : more ? "There are more: write more of it." : ""),
  );
  show(byId("goto-found"), true);
  show(byId("tree"), false);
  setAttribute(byId("goto"), "aria-expanded", "true");
  announce(counted(ranked.length, "file"));
  pointAt(0);
}

function foundLabel(path, low) {
  const [name, folder] = nameAndFolder(path);
  const at = name.toLowerCase().indexOf(low);
  const label = at < 0 || name.toLowerCase().length !== name.length ? [printable(name)] : marked(name, [{ start: at, end: at + low.length }]);
  return [element("span", { class: "name" }, ...label), element("span", { class: "folder quiet" }, printable(folder))];
}

function pointAt(at) {
  const options = [...byId("goto-found").querySelectorAll("[role=option]")];
  going.at = Math.min(Math.max(at, 0), options.length - 1);
  for (const [place, option] of options.entries()) setAttribute(option, "aria-selected", place === going.at ? "true" : "false");
  options[going.at]?.scrollIntoView({ block: "nearest" });
  setAttribute(byId("goto"), "aria-activedescendant", options[going.at]?.id ?? null);
}
