// Who waits for whom: in words, as a nested list, and drawn as a graph.

import { count, duration, el, keyName, lockHash, lockText, ownerName, ownerText, shortened, svg, visible } from "./dom.js";

const MOST_HOLDERS = 4;
const MOST_NODES = 40;

const ownerId = owner => `o ${ownerText(owner)}`;
const lockId = lock => `l ${lock.kind} ${lock.key}`;
const link = lock => [`${lock.kind} `, el("a", { href: lockHash(lock) }, keyName(lock.key, 60))];

/** The same ring always starts at the same place, so that an alert is not repeated for a ring told differently. */
export function sorted(deadlocks) {
  const text = ring => ring.map(({ owner, lockable }) => ownerId(owner) + lockId(lockable)).join("\n");
  return deadlocks
    .map(ring => ring.map((_, i) => [...ring.slice(i), ...ring.slice(0, i)]).sort((a, b) => (text(a) < text(b) ? -1 : 1))[0])
    .sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** "Deadlock: A holds x and waits for y, which B holds, who waits for x." */
export function deadlockWords(ring) {
  const [first, ...rest] = ring;
  const last = ring.at(-1);
  return [el("strong", {}, "Deadlock: "), ownerName(first.owner), " holds ", link(last.lockable), " and waits for ",
    rest.length ? link(first.lockable) : "it",
    rest.map(({ owner, lockable }) => [", which ", ownerName(owner), " holds, who waits for ", link(lockable)]), "."];
}

/** Why `start` waits for `lock`: a sentence, a graph and a list. */
export function why(answer, start, lock, narrow) {
  const byOwner = new Map();
  for (const wait of answer.waits) {
    const name = ownerText(wait.owner);
    if (!byOwner.has(name)) byOwner.set(name, []);
    byOwner.get(name).push(wait);
  }
  // Of many holders only some are shown: first those in a deadlock, then those who wait themselves.
  const inRing = new Set(answer.deadlocks.flat().map(step => ownerText(step.owner)));
  const rank = ({ owner }) => (inRing.has(ownerText(owner)) ? 0 : byOwner.has(ownerText(owner)) ? 1 : 2);
  const waitsOf = owner => (byOwner.get(ownerText(owner)) ?? [])
    .filter(wait => ownerText(owner) !== ownerText(start) || lockId(wait.lockable) === lockId(lock))
    .map(wait => ({ ...wait, holders: [...wait.holders].sort((a, b) => rank(a) - rank(b)) }));
  const own = waitsOf(start)[0];
  if (!own) return [el("p", {}, ownerName(start), " does not wait for ", keyName(lock.key, 60), " any more.")];
  const graph = trace(start, waitsOf, answer.deadlocks);
  const sentence = reason(own, graph, waitsOf, answer);
  const words = el("p", {}, sentence).textContent;
  return [
    el("p", { class: graph.ring ? "box bad" : "verdict" }, sentence),
    el("div", { class: "scroll graph", role: "region", "aria-label": "Graph of waits", tabindex: "0" }, draw(graph, words, narrow)),
    graph.cut && el("p", { class: "muted" }, "There is more than this drawing shows."),
    answer.complete === false && el("p", { class: "muted" }, "Only the first waiters of each queue were looked through."),
    el("details", {}, el("summary", {}, "The same as a list"), el("ul", { class: "tree" }, list(start, waitsOf, new Set()))),
  ];
}

function reason(own, graph, waitsOf, { deadlocks, complete }) {
  const ring = sorted(deadlocks).find(r => r.some(step => graph.nodes.has(ownerId(step.owner))));
  const { owner, lockable, holders } = own;
  if (holders.length === 0) return [ownerName(owner), " waits for ", link(lockable), ", which nobody holds just now. The queue moves on."];
  const who = holders.length === 1 ? [ownerName(holders[0].owner), " holds"] : [count(holders.length, "holder"), " share"];
  const begin = [ownerName(owner), " waits for ", link(lockable), ", which ", who, ". "];
  if (ring) return [ring.some(step => ownerText(step.owner) === ownerText(owner)) ? null : begin, deadlockWords(ring)];
  if (holders.length === 1 && waitsOf(holders[0].owner).length === 0) {
    return [begin, ownerName(holders[0].owner), complete
      ? " waits for nothing, so it is up to that holder to release it." : " is not among the waiters that were looked through."];
  }
  const free = [...graph.nodes.values()].filter(node => node.owner && waitsOf(node.owner).length === 0).map(node => node.owner);
  if (holders.length > 1) {
    const waiting = holders.filter(holder => waitsOf(holder.owner).length > 0).length;
    return [begin, waiting ? `${waiting} of them ${waiting === 1 ? "waits" : "wait"} in turn.` : "None of them waits for anything, so it is up to them to release it."];
  }
  if (free.length === 0) return begin;
  return [begin, "At the end of the chain: ", free.slice(0, 3).map((o, i) => [i ? ", " : "", ownerName(o)]),
    free.length > 3 ? ` and ${free.length - 3} more` : "", free.length === 1 ? " waits for nothing." : " wait for nothing."];
}

/** The nodes and edges that can be reached from the waiter, each node with its distance. */
function trace(start, waitsOf, deadlocks) {
  const inRing = new Set(deadlocks.flatMap(ring => ring.flatMap(({ owner, lockable }, i) =>
    [`${ownerId(owner)} > ${lockId(lockable)}`, `${lockId(lockable)} > ${ownerId(ring[(i + 1) % ring.length].owner)}`])));
  const graph = { nodes: new Map(), edges: [], ring: false, cut: false };
  const place = (id, depth, node) => {
    const known = graph.nodes.get(id);
    if (!known) graph.nodes.set(id, { id, depth, ...node });
    return !known;
  };
  const join = (from, to, label) => {
    const ring = inRing.has(`${from} > ${to}`);
    graph.ring ||= ring;
    graph.edges.push({ from, to, label: graph.edges.some(edge => edge.from === from) ? "" : label, ring }); // one label for a fan
  };
  place(ownerId(start), 0, { owner: start, title: ownerText(start), below: "waits" });
  const todo = [{ owner: start, depth: 0 }];
  for (let next; (next = todo.shift());) {
    for (const wait of waitsOf(next.owner)) {
      if (graph.nodes.size > MOST_NODES) return { ...graph, cut: true };
      const id = lockId(wait.lockable);
      graph.nodes.get(ownerId(next.owner)).below = `waits for ${duration(wait.waitedMs)}`;
      const fresh = place(id, next.depth + 1, { title: visible(wait.lockable.key), below: wait.lockable.kind, lock: wait.lockable });
      join(ownerId(next.owner), id, "waits for");
      if (!fresh) continue;
      for (const holder of wait.holders.slice(0, MOST_HOLDERS)) {
        const below = `holds for ${duration(holder.heldForMs)}`;
        if (place(ownerId(holder.owner), next.depth + 2, { owner: holder.owner, title: ownerText(holder.owner), below })) {
          todo.push({ owner: holder.owner, depth: next.depth + 2 });
        }
        join(id, ownerId(holder.owner), "held by");
      }
      const more = wait.holders.length - MOST_HOLDERS;
      if (more > 0) {
        place(`m ${id}`, next.depth + 2, { title: `and ${count(more, "more holder")}`, below: "" });
        join(id, `m ${id}`, "held by");
      }
    }
  }
  return graph;
}

function list(owner, waitsOf, seen) {
  if (seen.has(ownerText(owner))) return el("li", {}, "This is ", ownerName(owner), " again, as above.");
  const path = new Set(seen).add(ownerText(owner));
  const waits = waitsOf(owner);
  if (waits.length === 0) return el("li", {}, ownerName(owner), " waits for nothing.");
  return waits.map(wait => el("li", {}, ownerName(owner), " waits for ", link(wait.lockable),
    ` for ${duration(wait.waitedMs)} so far, at place ${wait.position}.`,
    el("ul", {}, wait.holders.length === 0 && el("li", {}, "Nobody holds it."),
      wait.holders.slice(0, MOST_HOLDERS).map(holder => el("li", {}, ownerName(holder.owner),
        ` holds it, for ${duration(holder.heldForMs)}, with token ${holder.token}.`,
        path.size < 12 && el("ul", {}, list(holder.owner, waitsOf, path)))),
      wait.holders.length > MOST_HOLDERS && el("li", {}, `and ${count(wait.holders.length - MOST_HOLDERS, "more holder")}.`))));
}

const W = 154;
const H = 46;

/** Left to right where there is room, top to bottom on a narrow screen; rings return outside of the boxes. */
function draw({ nodes, edges, ring }, words, narrow) {
  const lanes = [];
  for (const node of nodes.values()) {
    lanes[node.depth] ??= 0;
    const lane = lanes[node.depth]++;
    node.x = 1 + (narrow ? lane * (W + 16) : node.depth * (W + 56));
    node.y = 1 + (narrow ? node.depth * (H + 36) : lane * (H + 16));
  }
  const all = [...nodes.values()];
  const right = Math.max(...all.map(node => node.x)) + W;
  const bottom = Math.max(...all.map(node => node.y)) + H;
  const back = edges.some(({ from, to }) => nodes.get(to).depth <= nodes.get(from).depth);
  const width = right + 1 + (narrow && back ? 44 : 0);
  const height = bottom + 1 + (!narrow && back ? 44 : 0);
  const end = (id, kind) => svg("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" },
    svg("path", { class: kind, d: "M0 0L8 4L0 8Z" }));
  const edge = ({ from, to, label, ring: bad }) => {
    const a = nodes.get(from);
    const b = nodes.get(to);
    const returns = b.depth <= a.depth;
    let d, tx, ty;
    if (narrow) {
      d = returns ? `M${a.x + W} ${a.y + H / 2}C${right + 54} ${a.y + H / 2} ${right + 54} ${b.y + H / 2} ${b.x + W} ${b.y + H / 2}`
        : `M${a.x + W / 2} ${a.y + H}C${a.x + W / 2} ${b.y - 12} ${b.x + W / 2} ${a.y + H + 12} ${b.x + W / 2} ${b.y}`;
      [tx, ty] = returns ? [right + 4, (a.y + b.y + H) / 2] : [(a.x + b.x) / 2 + W / 2 + 34, (a.y + H + b.y) / 2 + 4];
    } else {
      d = returns ? `M${a.x + W / 2} ${a.y + H}C${a.x + W / 2} ${bottom + 54} ${b.x + W / 2} ${bottom + 54} ${b.x + W / 2} ${b.y + H}`
        : `M${a.x + W} ${a.y + H / 2}C${a.x + W + 28} ${a.y + H / 2} ${b.x - 28} ${b.y + H / 2} ${b.x} ${b.y + H / 2}`;
      [tx, ty] = returns ? [(a.x + b.x + W) / 2, bottom + 36] : [b.x - 29, b.y + H / 2 - 7];
    }
    return [svg("path", { class: bad ? "edge bad" : "edge", d, "marker-end": bad ? "url(#end-bad)" : "url(#end)" }),
      (!narrow || !returns) && svg("text", { class: "label", x: tx, y: ty }, label)];
  };
  const box = node => svg("g", { class: node.lock ? "lock" : "owner" },
    svg("title", {}, node.lock ? lockText(node.lock) : node.title),
    svg("rect", { x: node.x, y: node.y, width: W, height: H, rx: node.lock ? 2 : 12 }),
    svg("text", { x: node.x + W / 2, y: node.y + 20 }, shortened(node.title, 20)),
    svg("text", { class: "below", x: node.x + W / 2, y: node.y + 36 }, node.below));
  return svg("svg", { role: "img", "aria-label": words, class: ring ? "bad" : null, viewBox: `0 0 ${width} ${height}`, width, height },
    svg("defs", {}, end("end", "tip"), end("end-bad", "tip bad")), edges.map(edge), all.map(box));
}
