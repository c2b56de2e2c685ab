// Keys that act by themselves, and what the page tells of what was done.

/** The list of shortcuts: pairs of keys and what they do. */
function showShortcuts(shortcuts) {
  reconcile(byId("keys"), shortcuts, {
    key: ([keys]) => keys,
    create: ([keys, told]) =>
      element("div", {}, element("dt", {}, element("kbd", {}, keys)), element("dd", {}, told)),
    update: () => {},
  });
  byId("shortcuts").showModal();
}

/** What a key does, by the key; nothing while somebody writes or a dialog is open. */
function hearKeys(deeds) {
  document.addEventListener("keydown", (event) => {
    const busy = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    const writes = event.target.closest?.("input, select, textarea, [contenteditable]");
    if (busy || writes || document.querySelector("dialog[open]")) return;
    if (event.key !== "?" && !byId("keys-on").checked) return;
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
}

/** Tells what was done, until it is put away or something else is told. */
function notice(text) {
  setText(byId("notice").firstElementChild, text);
  show(byId("notice"), true);
  announce(text);
}

/** What every page has: the buttons that put a notice or a dialog away. */
function wireDialogs() {
  byId("notice").lastElementChild.addEventListener("click", () => show(byId("notice"), false));
  for (const button of document.querySelectorAll("dialog .close")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}
