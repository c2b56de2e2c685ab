// Questions before something is done, and what keys do. The browser keeps the focus inside an open
// dialog, ends it with Escape, and gives the focus back.

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
    tickQueue(service.now);
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

/** Moves the focus among the jobs of the list, `by` so many. */
function stepThroughJobs(by) {
  const links = [...byId("jobs").querySelectorAll("tbody button.link")];
  const place = links.indexOf(document.activeElement);
  const next = place < 0 ? 0 : Math.min(Math.max(place + by, 0), links.length - 1);
  links[next]?.focus();
}
