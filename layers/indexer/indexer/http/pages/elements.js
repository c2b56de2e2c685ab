// Every element is made here. What the service tells goes in as text and never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** The element of the page with this id. */
const byId = (id) => document.getElementById(id);

/**
 * Makes an element. Attributes that are null or false are left out, those that are true stand
 * without a value; `on` holds listeners by event. Children are nodes or texts; null is left out.
 */
function element(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** The same for an SVG element. */
function drawn(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

function furnish(made, { on = {}, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  for (const [event, heard] of Object.entries(on)) made.addEventListener(event, heard);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function setAttribute(node, name, value) {
  const wanted = value === true ? "" : value;
  if (wanted === null || wanted === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(wanted)) node.setAttribute(name, wanted);
}

/** Sets a text, and leaves a node alone that has it: a selection in it would be lost. */
function setText(node, text) {
  const wanted = text === null ? "" : String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** Shows or hides; a hidden element is out of the order of focus too. */
function show(node, visible) {
  node.hidden = !visible;
}

/**
 * Makes the children of `parent` those of `items`, in order. A child is known by its key and is
 * kept, so that focus and selection stay where they are. What had the focus and is gone gives it
 * to `fallback`.
 */
function reconcile(parent, items, { key, create, update, fallback = null }) {
  const wanted = new Set(items.map(key));
  let lost = false;
  for (const child of [...parent.children]) {
    if (wanted.has(child.dataset.key)) continue;
    lost ||= child.contains(document.activeElement);
    child.remove();
  }
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    let child = known.get(key(item));
    if (!child) {
      child = create(item);
      child.dataset.key = key(item);
    }
    update(child, item);
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  if (lost && fallback) fallback.focus();
}

/**
 * A table's row with a cell for each of `columns`. A column is its name, which narrow screens show
 * in front of the cell, and perhaps its kind: a word that is cut where it is too long, or a time.
 */
function tableRow(columns) {
  const cell = ([name, kind = null]) => element("td", { "data-label": name, class: kind });
  return element("tr", {}, ...columns.map(cell));
}

/** Puts one node, or a text, into a cell. */
function fill(cell, content) {
  if (typeof content === "string" || content === null) return setText(cell, content);
  if (cell.firstChild !== content || cell.childNodes.length > 1) cell.replaceChildren(content);
}

/** Says something to those who listen to the page instead of looking at it. */
function announce(text) {
  const announcer = byId("announcer");
  // The same words again are news only if they were gone meanwhile.
  announcer.textContent = "";
  requestAnimationFrame(() => setText(announcer, text));
}
