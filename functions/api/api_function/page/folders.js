// The files of a repository: as a tree beside the text, and as the list of one folder.

const tree = { repository: null, ref: null };

/** Shows the tree with the folders above a place open. What is there already is kept. */
async function showTree(place) {
  const box = byId("tree");
  const { repository, ref } = place;
  if (tree.repository !== repository || tree.ref !== ref) {
    Object.assign(tree, { repository, ref });
    box.replaceChildren(treeFolder(""));
  }
  const parts = place.path.split("/").slice(0, -1);
  let list = box.firstElementChild;
  for (let depth = 0; depth <= parts.length; depth += 1) {
    const own = depth === parts.length;
    // Above the file's own folder only what costs little is loaded.
    if (!list.loaded && (own || depth === 0 || api.quota === null || api.canSpare)) await loadFolder(list, place);
    if (tree.repository !== repository || tree.ref !== ref) return;
    if (own) break;
    const path = parts.slice(0, depth + 1).join("/");
    list = openInTree(list, path);
  }
  // Another file may have been opened meanwhile.
  if (opened?.place.path === place.path) markInTree(place.path);
}

/** The list of a folder's entries, empty yet. */
function treeFolder(path) {
  const list = element("ul", {});
  list.path = path;
  list.loaded = false;
  return list;
}

async function loadFolder(list, place, { more = false } = {}) {
  const question = { repository: place.repository, ref: place.ref, folder: list.path };
  if (!more) list.pages = new Pages("folder", question, (answer) => answer.entries);
  const box = list.parentElement?.querySelector(":scope > .tree-trouble") ?? byId("tree-trouble");
  return attempt(box, async () => {
    const rows = await list.pages.next();
    list.loaded = true;
    box.replaceChildren();
    for (const entry of foldersFirst(rows)) {
      const known = [...list.children].find((child) => child.path === entry.path);
      if (known) known.remove();
      const item = treeItem(entry, place);
      // A folder that stands open already keeps what is in it.
      list.append(known?.list ? known : item);
    }
    list.querySelector(":scope > .tree-more")?.remove();
    if (list.pages.more) {
      list.append(element("li", { class: "tree-more" }, moreButton(() => loadFolder(list, place, { more: true }))));
    }
  }, { again: () => loadFolder(list, place, { more }) });
}

const foldersFirst = (rows) => rows.toSorted((one, other) => Number(one.type === "file") - Number(other.type === "file"));

function treeItem({ path, type, files }, place) {
  const [name] = nameAndFolder(path);
  if (type === "file") {
    const item = element("li", {}, link(fileAt(place.repository, path, { ref: place.ref }), { class: "file", title: printable(path) }, printable(name)));
    item.path = path;
    return item;
  }
  const list = treeFolder(path);
  const details = element("details", {}, element("summary", { title: `${printable(path)}: ${counted(files, "file")}` }, printable(name)), element("div", { class: "tree-trouble" }), list);
  const item = element("li", {}, details);
  Object.assign(item, { path, list, details, quietly: false });
  details.addEventListener("toggle", () => {
    // On the way down to a file it is decided there what is loaded.
    const load = details.open && !list.loaded && !item.quietly;
    item.quietly = false;
    if (load) loadFolder(list, place);
  });
  return item;
}

/** Opens a folder of a list that is loaded, or puts it in where the list is not. */
function openInTree(list, path) {
  let item = [...list.children].find((child) => child.path === path);
  if (!item) {
    item = treeItem({ path, type: "folder", files: 1 }, { repository: tree.repository, ref: tree.ref });
    list.append(item);
  }
  if (!item.details.open) {
    item.quietly = true;
    item.details.open = true;
  }
  return item.list;
}

function markInTree(path) {
  for (const one of byId("tree").querySelectorAll("a[aria-current]")) one.removeAttribute("aria-current");
  for (const one of byId("tree").querySelectorAll("a.file")) {
    if (one.parentElement.path !== path) continue;
    one.setAttribute("aria-current", "page");
    const side = byId("tree");
    const top = one.getBoundingClientRect().top - side.getBoundingClientRect().top;
    if (top < 0 || top > side.clientHeight - 30) side.scrollTop += top - side.clientHeight / 2;
  }
}

/** Shows what lies directly in a folder. */
async function listFolder(box, place, folder, { signal }) {
  const question = { repository: place.repository, ref: place.ref, folder };
  const pages = new Pages("folder", question, (answer) => answer.entries);
  box.replaceChildren(waiting());
  await pages.next({ signal });
  // The tree may have asked the same, and goes on after the folder was left.
  if (signal.aborted) return;
  const list = element("ul", { class: "entries" });
  const more = element("div", {});
  const render = (rows) => {
    list.append(...foldersFirst(rows).map((one) => folderRow(one, place)));
    more.replaceChildren(...(pages.more ? [moreButton(() => attempt(more, async () => render(await pages.next())))] : []));
  };
  if (folder) list.append(element("li", {}, link(fileAt(place.repository, nameAndFolder(folder)[1], { ref: place.ref }), { class: "up" }, "..")));
  render(pages.all.slice());
  box.replaceChildren(
    pages.all.length ? list : element("p", { class: "quiet" }, "No file of this repository is indexed: TypeScript and JavaScript are."),
    more,
  );
  tellFolder(pages.first, place, signal);
}

function folderRow({ path, type, files }, place) {
  const [name] = nameAndFolder(path);
  const folder = type === "folder";
  return element("li", {},
    link(fileAt(place.repository, folder ? `${path}/` : path, { ref: place.ref }), { class: folder ? "folder" : "file" }, printable(name), folder ? "/" : null),
    folder ? element("span", { class: "quiet" }, counted(files, "file")) : null);
}

async function tellFolder(told, place, signal) {
  byId("commit").replaceChildren(element("code", { title: printable(told.commit_sha) }, shortCommit(told.commit_sha)));
  try {
    const { snapshots } = await api.ask(`repositories/${told.repository_id}`, {}, { signal });
    if (signal.aborted) return;
    const snapshot = snapshots.find((one) => one.ref === told.ref);
    if (snapshot) byId("commit").append(" ", ago(snapshot.indexed_at));
    tick(api.now);
    showRefs(snapshots, told.ref, (ref) => goTo({ ...place, ref }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
