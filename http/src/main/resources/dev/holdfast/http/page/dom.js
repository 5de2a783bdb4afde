// Builds the document without ever parsing data as HTML: keys, owners and names are whatever clients chose.

const SVG = "http://www.w3.org/2000/svg";

const make = create => (name, attributes = {}, ...children) => {
  const node = create(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value != null && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter(child => child != null && child !== false && child !== ""));
  return node;
};
export const el = make(name => document.createElement(name));
export const svg = make(name => document.createElementNS(SVG, name));

/** Makes the children of a container equal to these, and keeps what is the same: focus, scroll and selection stay. */
export function render(container, ...wanted) {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const holder = el("div", {}, ...wanted);
  reconcile(container, [...holder.childNodes]);
  if (focused && !focused.isConnected) {
    const next = container.tabIndex >= 0 ? container : container.closest(".view")?.querySelector("[tabindex='-1']");
    next?.focus({ preventScroll: true });
  }
}

const keyOf = node => node.dataset?.key;

function reconcile(parent, wanted) {
  const keyed = new Map();
  for (const child of parent.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  const stay = new Set(wanted.map(keyOf));
  let here = parent.firstChild;
  const drop = () => {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  };
  for (const want of wanted) {
    // Rows that went are removed first, since a row that has to move loses its focus.
    while (here && keyOf(here) && !stay.has(keyOf(here))) drop();
    const key = keyOf(want);
    const have = key ? keyed.get(key) : here && !keyOf(here) && here.nodeName === want.nodeName ? here : null;
    keyed.delete(key);
    if (!have) {
      parent.insertBefore(want, here);
    } else {
      if (have === here) here = here.nextSibling;
      else parent.insertBefore(have, here);
      update(have, want);
    }
  }
  while (here) drop();
}

function update(have, want) {
  if (have.nodeType === Node.TEXT_NODE) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  for (const { name } of [...have.attributes]) {
    // Whether <details> is open is the reader's business.
    if (!want.hasAttribute(name) && name !== "open") have.removeAttribute(name);
  }
  for (const { name, value } of want.attributes) if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  reconcile(have, [...want.childNodes]);
}

/**
 * A table; columns are [name, row => content, class]. The roles are spelled out because the narrow layout shows rows as
 * cards, and browsers forget that a table is one when its display changes.
 */
export function table(caption, columns, rows, key) {
  const cell = (row, [name, content, kind], index) => {
    const value = content(row) ?? "";
    const empty = value === "" || value.length === 0;
    const attributes = { "data-label": name, class: [kind, empty && "none"].filter(Boolean).join(" ") || null };
    return index === 0
      ? el("th", { scope: "row", role: "rowheader", ...attributes }, value)
      : el("td", { role: "cell", ...attributes }, empty ? "–" : value);
  };
  return el("table", { role: "table" },
    el("caption", { class: "sr" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
      columns.map(([name, , kind]) => el("th", { scope: "col", role: "columnheader", class: kind },
        kind === "act" ? el("span", { class: "sr" }, name) : name)))),
    el("tbody", { role: "rowgroup" },
      rows.map(row => el("tr", { role: "row", "data-key": key(row) }, columns.map((column, i) => cell(row, column, i))))));
}

/** Text of a client, with what cannot be seen or would reorder its neighbours spelled out. */
export function visible(text) {
  return text.replace(/^ +| +$/g, blanks => "␣".repeat(blanks.length)).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    c => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`) || "(empty)";
}

/** The middle of a long text left out. */
export function shortened(text, most) {
  const all = [...text];
  const tail = Math.floor(most / 3);
  return all.length > most ? `${all.slice(0, most - tail - 1).join("")}…${all.slice(-tail).join("")}` : text;
}

export const ownerText = ({ type, id, within }) => visible(`${type}:${id}`) + (within ? ` within ${ownerText(within)}` : "");
export const ownerName = owner => el("bdi", { class: "owner" }, ownerText(owner));
export const keyName = (key, most = Infinity) => el("bdi", { class: "key" }, shortened(visible(key), most));
export const lockText = ({ kind, key }) => `${kind} ${visible(key)}`;

export const hashText = text => encodeURIComponent(text.toWellFormed?.() ?? text).replaceAll("%2F", "/").replaceAll("%3A", ":");
export function lockHash({ kind, key }, waiter) {
  return `#lock=${kind}:${hashText(key)}${waiter ? `&waiter=${hashText(ownerText(waiter))}` : ""}`;
}
export const lockLink = lock => el("a", { href: lockHash(lock) }, keyName(lock.key));

export function clientText(session) {
  if (!session) return "";
  const { name, host, address, id } = session;
  const place = host || address;
  return name && place ? `${visible(name)} on ${visible(place)}` : visible(name || place || `session ${id}`);
}

export function duration(ms) {
  if (ms < 100) return `${Math.max(0, Math.floor(ms))} ms`;
  if (ms < 10000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s} s`;
  const two = (big, bigUnit, small, smallUnit) => `${big} ${bigUnit}${small ? ` ${small} ${smallUnit}` : ""}`;
  if (s < 3600) return two(Math.floor(s / 60), "min", s % 60, "s");
  if (s < 86400) return two(Math.floor(s / 3600), "h", Math.floor(s / 60) % 60, "min");
  return two(Math.floor(s / 86400), "d", Math.floor(s / 3600) % 24, "h");
}

export const number = n => n.toLocaleString("en");
export const count = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

export function bytes(n) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  for (; n >= 1000 && i < units.length - 1; i++) n /= 1000;
  return `${n >= 100 || i === 0 ? Math.round(n) : n.toFixed(1)} ${units[i]}`;
}

const two = n => String(n).padStart(2, "0");
export const clock = at => [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
export function time(iso) {
  const at = new Date(iso);
  return el("time", { datetime: iso, title: iso }, `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(at)}`);
}
