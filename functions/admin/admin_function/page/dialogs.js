// Questions before something is done, and the list of shortcuts. The browser keeps the focus inside
// an open dialog, ends it with Escape, and gives the focus back.

/**
 * Asks before acting. `told` is what the person should know; `act` does it, and what it refuses is
 * told in the dialog, which then stays. True once it is done, false when it was left alone.
 */
function ask({ title, told, yes, act }) {
  const dialog = byId("asking");
  const trouble = byId("asking-trouble");
  const agree = byId("asking-yes");
  const leave = byId("asking-no");
  setText(byId("asking-title"), title);
  byId("asking-told").replaceChildren(...told.filter((one) => one !== null));
  setText(trouble, "");
  setText(agree, yes);
  agree.disabled = false;
  return new Promise((resolve) => {
    let done = false;
    agree.onclick = async () => {
      agree.disabled = true;
      setText(trouble, "");
      try {
        await act();
        done = true;
        dialog.close();
      } catch (error) {
        setText(trouble, error.message);
        agree.disabled = false;
        agree.focus();
      }
    };
    leave.onclick = () => dialog.close();
    dialog.onclose = () => resolve(done);
    dialog.showModal();
    tick(service.now);
    // Whoever presses Enter too soon shall have done nothing.
    leave.focus();
  });
}

const SHORTCUTS = [
  ["r", "refresh now"],
  ["p", "pause or resume leasing"],
  ["1 … 5", "go to queue, throughput, running, failures, jobs"],
  ["j, k", "next and previous job of the list"],
  ["Enter", "open the job"],
  ["s", "filter the jobs by status"],
  ["n, b", "older and newer jobs"],
  ["Esc", "close what is open"],
  ["?", "this list"],
];

function showShortcuts() {
  reconcile(byId("keys"), SHORTCUTS, {
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

/** Moves the focus among the jobs of the list, `by` so many. */
function stepThroughJobs(by) {
  const links = [...byId("jobs").querySelectorAll("tbody button.link")];
  const place = links.indexOf(document.activeElement);
  const next = place < 0 ? 0 : Math.min(Math.max(place + by, 0), links.length - 1);
  links[next]?.focus();
}

/** Tells what was done, until it is put away or something else is told. */
function notice(text) {
  setText(byId("notice").firstElementChild, text);
  show(byId("notice"), true);
  announce(text);
}
