// The graph of imports as a picture: around a file, or of all folders of a repository.

const ZOOMS = [0.4, 0.55, 0.7, 0.85, 1, 1.25, 1.5, 2];
const graph = { place: null, told: null, zoom: 1, leaving: new AbortController() };

async function openGraph(place) {
  graph.leaving.abort();
  graph.leaving = new AbortController();
  graph.place = place;
  // Without a path it is an overview of the folders.
  const whole = place.path === "";
  setTitle(whole ? "Graph of the folders" : `Graph of ${nameAndFolder(place.path)[0]}`, place.repository);
  byId("graph-direction").value = place.direction ?? "both";
  show(byId("graph-direction").parentElement, !whole);
  byId("graph-depth").value = String(place.depth ?? 2);
  const { repository, path, ref } = place;
  byId("graph-of").replaceChildren(
    link(fileAt(repository, "", { ref }), { class: "repository" }, printable(repository)),
    element("span", { class: "slash", "aria-hidden": "true" }, "/"),
    whole ? element("span", { class: "quiet" }, "folders") : link(fileAt(repository, path, { ref }), {}, ...pathLabel(path)),
  );
  const box = byId("picture");
  box.replaceChildren(waiting());
  const { signal } = graph.leaving;
  await attempt(box, async () => {
    const depth = place.depth ?? 2;
    const around = whole ? { depth } : { path, direction: place.direction ?? "both", depth };
    const question = { repository, ref, ...around, limit: 60 };
    const told = await api.ask("graph", question, { signal });
    if (graph.place !== place) return;
    graph.told = told;
    drawGraph();
    centreGraph();
  }, { told: () => [link(fileAt(repository, path, { ref }), {}, "Back to the file")] });
}

function drawGraph() {
  const { told, zoom, place } = graph;
  const picture = drawn(
    "svg",
    {
      width: Math.ceil(told.width * zoom),
      height: Math.ceil(told.height * zoom),
      viewBox: `0 0 ${told.width} ${told.height}`,
      role: "group",
      "aria-label": `${countedIn(told)} ${told.path === null ? "of the repository" : `around ${printable(told.path)}`}`,
    },
    drawn("defs", {}, arrowHead("arrow", ""), arrowHead("arrow-cycle", "cycle"), arrowHead("arrow-lit", "lit")),
    drawn("g", { class: "edges" }, ...told.edges.map(drawnEdge)),
    drawn("g", { class: "nodes" }, ...told.nodes.map((node) => drawnNode(node, place))),
  );
  byId("picture").replaceChildren(picture);
  setText(byId("graph-told"), `${countedIn(told)}${told.truncated ? "; more are left out" : ""}`);
  announce(byId("graph-told").textContent);
}

const countedIn = ({ path, nodes, edges }) =>
  `${counted(nodes.length, path === null ? "folder" : "file")}, ${counted(edges.reduce((sum, { imports = 1 }) => sum + imports, 0), "import")}`;

const arrowHead = (id, kind) =>
  drawn("marker", { id, class: `tip ${kind}`, viewBox: "0 0 8 8", refX: "7", refY: "4", markerWidth: "7", markerHeight: "7", orient: "auto-start-reverse" },
    drawn("path", { d: "M0 0.5 L8 4 L0 7.5 Z" }));

function drawnEdge(edge) {
  const line = drawn("path", {
    class: edge.in_cycle ? "edge cycle" : "edge",
    d: wayThrough(edge.points),
    "marker-end": edge.in_cycle ? "url(#arrow-cycle)" : "url(#arrow)",
  });
  const many = edge.imports > 1 ? `: ${counted(edge.imports, "import")}` : "";
  line.append(drawn("title", {}, `${printable(edge.from_path)} → ${printable(edge.to_path)}${many}`));
  line.from = edge.from_path;
  line.to = edge.to_path;
  return line;
}

/** Four points are the control points of one curve; others a line through them. */
function wayThrough(points) {
  const [first, ...rest] = points.map(([x, y]) => `${x} ${y}`);
  if (rest.length >= 3 && rest.length % 3 === 0) return `M${first} C${rest.join(" ")}`;
  return `M${first} ${rest.map((one) => `L${one}`).join(" ")}`;
}

function drawnNode(node, place) {
  const here = node.side === "self";
  const folder = node.side === null;
  const to = folder
    ? fileAt(place.repository, node.path === "." ? "" : `${node.path}/`, { ref: place.ref })
    : here
      ? fileAt(place.repository, node.path, { ref: place.ref })
      : fragmentOf({ ...place, view: "graph", path: node.path });
  const says = folder ? counted(node.files, "file") : here ? "the file itself" : `${counted(node.distance, "import")} away`;
  const made = drawn(
    "a",
    {
      class: ["node", node.side ?? "overview", node.in_cycle ? "cycle" : ""].join(" "),
      href: to,
      "aria-label": `${printable(node.path)}, ${says}${node.in_cycle ? ", in a cycle" : ""}`,
      on: {
        mouseenter: () => lightEdges(node.path),
        mouseleave: () => lightEdges(null),
        focus: () => lightEdges(node.path),
        blur: () => lightEdges(null),
      },
    },
    drawn("title", {}, `${printable(node.path)}: ${says}`),
    drawn("rect", { x: node.x, y: node.y, width: node.width, height: node.height, rx: 5 }),
    drawn("text", { x: node.x + node.width / 2, y: node.y + node.height / 2, "text-anchor": "middle", "dominant-baseline": "central" }, printable(node.label)),
  );
  return made;
}

/** Makes the imports of one file stand out. */
function lightEdges(path) {
  for (const edge of byId("picture").querySelectorAll(".edge")) {
    const lit = path !== null && (edge.from === path || edge.to === path);
    edge.classList.toggle("lit", lit);
    const head = lit ? "arrow-lit" : edge.classList.contains("cycle") ? "arrow-cycle" : "arrow";
    edge.setAttribute("marker-end", `url(#${head})`);
  }
}

/** Brings the file that was asked for into the middle. */
function centreGraph() {
  const self = graph.told.nodes.find((node) => node.side === "self");
  const box = byId("picture");
  if (!self) return void ([box.scrollLeft, box.scrollTop] = [0, 0]);
  box.scrollLeft = (self.x + self.width / 2) * graph.zoom - box.clientWidth / 2;
  box.scrollTop = (self.y + self.height / 2) * graph.zoom - box.clientHeight / 2;
}

function zoomGraph(by) {
  if (!graph.told) return;
  const box = byId("picture");
  const [x, y] = [(box.scrollLeft + box.clientWidth / 2) / graph.zoom, (box.scrollTop + box.clientHeight / 2) / graph.zoom];
  if (by === 0) {
    const fit = Math.min(box.clientWidth / graph.told.width, box.clientHeight / graph.told.height);
    graph.zoom = Math.max(0.2, Math.min(1, fit));
  } else {
    const next = by > 0 ? ZOOMS.find((one) => one > graph.zoom + 0.01) : ZOOMS.findLast((one) => one < graph.zoom - 0.01);
    graph.zoom = next ?? graph.zoom;
  }
  const picture = box.querySelector("svg");
  picture?.setAttribute("width", Math.ceil(graph.told.width * graph.zoom));
  picture?.setAttribute("height", Math.ceil(graph.told.height * graph.zoom));
  box.scrollLeft = x * graph.zoom - box.clientWidth / 2;
  box.scrollTop = y * graph.zoom - box.clientHeight / 2;
}

/** The picture is moved by dragging it, as well as by its scroll bars and the arrows. */
function wireGraph() {
  const box = byId("picture");
  let from = null;
  box.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType === "mouse" && !event.target.closest(".node")) {
      from = [event.clientX + box.scrollLeft, event.clientY + box.scrollTop];
      box.setPointerCapture(event.pointerId);
    }
  });
  box.addEventListener("pointermove", (event) => {
    if (!from) return;
    box.scrollLeft = from[0] - event.clientX;
    box.scrollTop = from[1] - event.clientY;
  });
  for (const ends of ["pointerup", "pointercancel"]) box.addEventListener(ends, () => (from = null));
  byId("zoom-in").addEventListener("click", () => zoomGraph(1));
  byId("zoom-out").addEventListener("click", () => zoomGraph(-1));
  byId("zoom-fit").addEventListener("click", () => zoomGraph(0));
  const choose = () => goTo({ ...graph.place, direction: byId("graph-direction").value, depth: Number(byId("graph-depth").value) });
  byId("graph-direction").addEventListener("change", choose);
  byId("graph-depth").addEventListener("change", choose);
}
