// The page of a peer: what is held, by whom, who waits and why.

import { get, hasToken, on, poll, post, refresh, signIn } from "./api.js";
import {
  bytes, clientText, clock, count, duration, el, hashText, keyName, lockHash, lockLink, lockText, number, ownerName, ownerText, render,
  table, time, visible,
} from "./dom.js";
import { addSample } from "./plot.js";
import { deadlockWords, sorted, why } from "./waits.js";

const $ = id => document.getElementById(id);
const PAGE = 50;
const MOST_DEADLOCKS = 5;
const narrow = matchMedia("(max-width: 720px)");

let route = {};
let peer = null;
let members = null;
let lostSince = null;
let longestWaitMs = null; // as of the latest look at all waits
let detail = null;
const happenedAt = new Map(); // of each change shown, as first computed from its age: it must not flicker
let lastLock = null; // where the focus goes on the way back to the list
let listScroll = 0;

const inView = (...views) => () => views.includes(route.view);
const always = () => true;

/* ---- Polling: each section has a note that says why its figures are old, if they are. ---- */

function section(name, everyMs, wanted, ask, show) {
  let shownAt = null;
  const note = $(`${name}-note`);
  return poll(everyMs, wanted, ask, answer => {
    show(answer);
    shownAt = new Date();
    if (note) render(note);
  }, error => {
    if (!note || error.status === 401 || lostSince) return;
    render(note, error.message, shownAt && ` The figures are from ${clock(shownAt)}.`);
  });
}

section("peer", 5000, always, () => get("/v1/peer"), answer => {
  peer = answer;
  showHealth();
});
section("members", 3000, always, () => get("/v1/members"), answer => {
  members = answer.members;
  showHealth();
  showMembers();
});
section("summary", 1000, always, () => get("/v1/summary"), showSummary);
section("waits", 5000, always, () => get("/v1/waits"), showWaits);

const locks = pages("locks", 2000, after => get("/v1/lockables", { prefix: $("prefix").value, after, limit: PAGE }), showLocks);
const sessions = pages("sessions", 2000, after => get("/v1/sessions", { after, limit: PAGE }), showSessions);
section("audit", 5000, inView("audit"), () => get("/v1/audit"), showAudit);

section("lock", 2000, inView("lock"), async () => {
  const { kind, key } = route.lock;
  const failed = error => ({ error });
  const [lockable, waits, history] = await Promise.all([
    get("/v1/lockable", { kind, key }),
    get("/v1/waits", { kind, key }).catch(failed),
    get("/v1/history", { kind, key, limit: PAGE }).catch(failed),
  ]);
  return { lockable, waits, history };
}, answer => {
  detail = answer;
  const shown = new Set(answer.history.changes?.map(change => change.number));
  for (const number of happenedAt.keys()) if (!shown.has(number)) happenedAt.delete(number);
  showLock();
});

/** A list that the server pages by cursor; the way back is the cursors that came before. */
function pages(name, everyMs, ask, show) {
  const cursors = [""];
  let next = null;
  let told = null; // what to say once the answer is there, if somebody asked for it
  const now = section(name, everyMs, inView(name), () => ask(cursors.at(-1)), answer => {
    next = answer.next;
    const button = (step, text, can) => el("button", { type: "button", "data-act": "page", "data-of": name, "data-step": step,
      "aria-disabled": can ? null : "true" }, text);
    render($(`${name}-pages`), button("-1", "Back", cursors.length > 1), el("span", {}, `Page ${number(cursors.length)}`),
      button("1", "Next", next));
    show(answer);
    if (told) render($("told"), told(answer)); // heard only: the eye sees the table change
    told = null;
  });
  return {
    first(words) {
      cursors.length = 1;
      told = words;
      now();
    },
    step(by) {
      if (by > 0 && next) cursors.push(next);
      else if (by < 0 && cursors.length > 1) cursors.pop();
      else return;
      next = null;
      told = () => `Page ${cursors.length}`;
      now();
      $(`${name}-table`).scrollIntoView({ block: "nearest" });
    },
  };
}

/* ---- Notices ---- */

const box = (kind, ...content) => el("p", { class: `box ${kind}` }, ...content);

let resultTimer = 0;
function announce(text) {
  render($("result"), box("good", text));
  clearTimeout(resultTimer);
  resultTimer = setTimeout(() => render($("result")), 30000);
}

on.lost = since => {
  lostSince ??= new Date(since);
  render($("stale"), box("bad", el("strong", {}, "This peer cannot be reached. "),
    peer && `The figures below are from ${clock(lostSince)}. `, "The page goes on trying."));
  showHealth();
};
on.found = () => {
  if (!lostSince) return;
  lostSince = null;
  render($("stale"));
  showHealth();
  refresh();
};
on.unauthorized = (why, hadToken) => {
  if (hadToken || why) $("sign-in-why").textContent = why ?? "The token was not accepted.";
  $("sign-in").hidden = false;
  $("health").textContent = "Sign in to see this cluster.";
  $("who").hidden = true;
  for (const id of ["deadlocks", "problems", "result"]) render($(id));
  showView();
  $("token").focus();
};

/* ---- The cluster ---- */

function showHealth() {
  if (!peer) return;
  const silent = (members ?? []).filter(member => !member.answers).map(member => visible(member.id));
  const led = new Set((members ?? []).flatMap(member => member.groups.filter(g => g.role === "leader").map(g => g.group)));
  const unled = members ? Array.from({ length: peer.groups }, (_, group) => group).filter(group => !led.has(group)) : [];
  const [kind, words] = lostSince ? ["bad", "Not reachable"]
    : !peer.live ? ["bad", "Not live"]
    : !peer.ready ? ["bad", "Not ready"]
    : unled.length ? ["warn", unled.length > 3 ? `${unled.length} groups have no known leader` : `Group ${unled.join(", ")} has no known leader`]
    : silent.length ? ["warn", `Ready, but ${silent.length} of ${members.length} members ${silent.length === 1 ? "does" : "do"} not answer: ${silent.join(", ")}`]
    : ["good", members ? `Healthy: ready, and all ${members.length} members answer` : "Ready"];
  $("health").className = `health ${kind}`;
  render($("health"), words);
  render($("cluster"), el("bdi", {}, visible(peer.cluster.name)));
  $("cluster").title = `Cluster ${peer.cluster.id}`;
  render($("who"), "Peer ", el("strong", {}, visible(peer.id)), peer.version && `, version ${visible(peer.version)}`,
    peer.principal && [". Signed in as ", el("bdi", {}, visible(peer.principal)), peer.admin && " (admin)"],
    hasToken() && [" ", el("button", { type: "button", "data-act": "sign-out" }, "Sign out")]);
  $("who").hidden = false;
  render($("problems"), !lostSince && !(peer.live && peer.ready) && peer.problems.map(problem => box("warn", visible(problem))));
  $("audit-link").hidden = !(peer.admin || peer.principal === "");
  title();
}

function showMembers() {
  const one = peer?.groups === 1;
  const top = (member, of) => (member.groups.length ? Math.max(...member.groups.map(of)) : null);
  const maybe = (value, text) => (value == null ? null : text(value));
  render($("members"), table("Members of the cluster", [
    ["Member", m => [el("bdi", {}, visible(m.id)), m.id === peer?.id && el("span", { class: "tag" }, "this peer")]],
    ["Role", m => m.role],
    ["Leads", m => {
      const leads = m.groups.filter(g => g.role === "leader").length;
      if (!m.groups.length) return null;
      return one ? (leads ? "leader" : m.groups[0].role) : `${leads} of ${m.groups.length}`;
    }],
    ["Term", m => maybe(top(m, g => g.term), number), "num"],
    ["Lag", m => maybe(top(m, g => g.lag), number), "num"],
    ["Disk free", m => maybe(m.disk, ({ freeBytes }) => bytes(freeBytes)), "num"],
    ["Version", m => m.version],
    ["Answers", m => el("span", { class: m.answers ? "good" : "bad" }, m.answers ? "yes" : "no")],
  ], members, m => `${m.id} ${m.incarnation}`));
}

function showSummary(summary) {
  addSample({ ...summary, longestWaitMs }, $("plot"));
  const facts = [["Locks and semaphores", number(summary.lockables)], ["Holds", number(summary.holds)], ["Sessions", number(summary.sessions)],
    ["State", summary.bytesMax ? `${bytes(summary.bytes)} of ${bytes(summary.bytesMax)}` : bytes(summary.bytes)]];
  render($("facts"), facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function showWaits({ waits, deadlocks, complete }) {
  longestWaitMs = Math.max(0, ...waits.slice(0, 10000).map(wait => wait.waitedMs));
  const found = sorted(deadlocks);
  render($("deadlocks"), found.slice(0, MOST_DEADLOCKS).map(ring => box("bad", deadlockWords(ring))),
    found.length > MOST_DEADLOCKS && box("bad", `There are ${found.length - MOST_DEADLOCKS} more deadlocks.`));
  const byLock = new Map(); // of each lock the longest wait, and how many wait
  for (const wait of [...waits].sort((a, b) => b.waitedMs - a.waitedMs)) {
    const name = lockHash(wait.lockable);
    byLock.set(name, { ...(byLock.get(name) ?? wait), callers: (byLock.get(name)?.callers ?? 0) + 1 });
  }
  const longest = [...byLock.values()].slice(0, 7);
  render($("longest"), longest.length === 0 ? el("p", { class: "muted" }, "Nobody waits.") : table("The locks with the longest waits", [
    ["Key", w => el("a", { href: lockHash(w.lockable, w.owner) }, keyName(w.lockable.key))],
    ["Held by", w => some(w.holders.map(holder => ownerName(holder.owner)))],
    ["Waiter", w => ownerName(w.owner)],
    ["Waits for", w => duration(w.waitedMs), "num"],
    ["Callers", w => number(w.callers), "num"],
  ], longest, w => lockHash(w.lockable)),
  complete === false && el("p", { class: "muted" }, "Only the first waiters of each queue were looked through."));
}

/* ---- Locks and semaphores ---- */

const some = list => (list.length > 1 ? el("span", {}, list[0], ` and ${number(list.length - 1)} more`) : list[0]);
const leaseLeft = hold => hold && (hold.lease === "until-released" ? "until released" : hold.leaseLeftMs == null ? null : duration(hold.leaseLeftMs));
const clients = hold => (hold.sessions.length ? some(hold.sessions.map(session => el("bdi", {}, clientText(session)))) : el("span", { class: "muted" }, "gone"));

function showLocks({ lockables }) {
  const prefix = $("prefix").value;
  const first = l => l.holds[0];
  render($("locks-table"), lockables.length === 0
    ? el("p", { class: "muted" }, prefix ? "No lock in use has a key that starts with this." : "Nothing is held and nobody waits.")
    : table("Locks and semaphores", [
      ["Key", lockLink],
      ["Kind", l => l.kind],
      ["Holder", l => some(l.holds.map(hold => ownerName(hold.owner)))],
      ["Client", l => first(l) && clients(first(l))],
      ["Held for", l => first(l) && duration(Math.max(...l.holds.map(hold => hold.heldForMs))), "num"],
      ["Token", l => first(l) && some(l.holds.map(hold => String(hold.token))), "num"],
      ["Lease left", l => l.holds.length < 2 ? leaseLeft(first(l)) : null, "num"],
      ["Waiting", l => (l.waiterCount ? el("strong", { class: "warn" }, number(l.waiterCount)) : "0"), "num"],
    ], lockables, l => `${l.kind} ${l.key}`));
}

function showLock() {
  if (!detail) return;
  const { lockable, waits, history } = detail;
  const { kind, holds, waiters, waiterCount } = lockable;
  const semaphore = kind === "semaphore";
  const asked = waiters.find(waiter => ownerText(waiter.owner) === route.waiter) ?? (route.waiter ? null : waiters[0]);
  const held = holds.length === 0 ? "Nobody holds it" : semaphore ? `${count(lockable.held, "permit")} held by ${count(holds.length, "holder")}`
    : ["Held by ", ownerName(holds[0].owner), ` for ${duration(holds[0].heldForMs)}`];
  const waiting = waiterCount === 0 ? "nobody waits" : [`${count(waiterCount, "caller")} wait${waiterCount === 1 ? "s" : ""}`,
    waiters[0] && [": ", ownerName(waiters[0].owner), " is next and has waited ", duration(waiters[0].waitedMs)]];
  const sessionLines = list => list.map(s => el("div", {}, el("bdi", {}, clientText(s)), el("span", { class: "more" },
    [s.address, s.principal && `principal ${s.principal}`, `session ${s.id}`].filter(Boolean).map(visible).join(", "))));
  const force = hold => el("button", { type: "button", class: "danger", "data-act": "force", "data-token": hold.token,
    "aria-label": `Force release: ${ownerText(hold.owner)}, token ${hold.token}` }, "Force release…");

  const holders = holds.length > 0 && panel("holders", semaphore ? "Holders" : "Holder", tableRegion("holders", table("Holders", [
    ["Owner", h => ownerName(h.owner)],
    semaphore && ["Permits", h => number(h.count), "num"],
    ["Client", h => (h.sessions.length ? sessionLines(h.sessions) : el("span", { class: "muted" }, "The client that acquired it is gone."))],
    ["Held for", h => duration(h.heldForMs), "num"],
    ["Fencing token", h => String(h.token), "num"],
    ["Lease", h => (h.lease === "ttl" ? "TTL" : h.lease.replace("-", " "))],
    ["Lease left", h => (h.leaseLeftMs == null ? null : duration(h.leaseLeftMs)), "num"],
    ["Action", force, "act"],
  ].filter(Boolean), holds, h => String(h.token))),
  semaphore && holds.length > 1 && el("p", {}, el("button", { type: "button", class: "danger", "data-act": "force" }, "Force release all holds…")));

  const reasons = waiterCount > 0 && panel("why", ["Why ", asked ? ownerName(asked.owner) : el("bdi", {}, route.waiter ?? "a caller"), " waits"],
    waits.error ? el("p", { class: "note" }, waits.error.message)
      : asked ? why(waits, asked.owner, lockable, narrow.matches)
      : el("p", {}, "This caller is not among the first 100 in the queue, or waits no more."));

  const queue = waiterCount > 0 && panel("queue", "Queue", tableRegion("queue", table("Queue, in order", [
    ["Place", w => String(waiters.indexOf(w) + 1), "num"],
    ["Waiter", w => ownerName(w.owner)],
    ["Client", w => w.session && el("bdi", {}, clientText(w.session))],
    semaphore && ["Permits", w => `${w.permits} of ${w.limit}`, "num"],
    ["Waited", w => duration(w.waitedMs), "num"],
    ["Gives up in", w => (w.waitLeftMs == null ? "never" : duration(w.waitLeftMs)), "num"],
    ["Reason", w => el("a", { href: lockHash(lockable, w.owner), "aria-current": w === asked ? "true" : null,
      "aria-label": `Why ${ownerText(w.owner)} waits` }, "Why?"), "act"],
  ].filter(Boolean), waiters, w => `${ownerText(w.owner)} ${w.session?.id}`)),
  waiterCount > waiters.length && el("p", { class: "muted" }, `The first ${waiters.length} of ${number(waiterCount)} are shown.`));

  const past = panel("history", "Recent history", history.error ? el("p", { class: "note" }, history.error.message)
    : [history.changes.length === 0 ? el("p", { class: "muted" }, "Nothing that happened to it is remembered.")
      : tableRegion("history", table("Recent history, newest first", [
        ["Time", c => [clockOf(c), el("span", { class: "more" }, `${duration(c.agoMs)} ago`)]],
        ["Event", c => pastWords(c, semaphore)],
        ["Owner", c => ownerName(c.owner)],
        ["Client", c => c.session && sessionLines([c.session])],
        ["Token", c => (c.token ? String(c.token) : null), "num"],
      ], history.changes, c => String(c.number))),
    el("p", { class: "muted" }, history.next ? `The newest ${history.changes.length} are shown. ` : null, knownWords(history))]);

  render($("lock-body"), el("p", { class: "state" }, held, holds.length || waiterCount ? ". " : ", and ",
    waiterCount || !holds.length ? waiting : "Nobody waits", "."), holders, reasons, queue, past);
}

function clockOf({ number, agoMs }) {
  if (!happenedAt.has(number)) happenedAt.set(number, new Date(Date.now() - agoMs).toISOString());
  return time(happenedAt.get(number));
}

/** What happened, in words; of a semaphore, to how many permits. */
function pastWords({ what, count: held, lastedMs }, semaphore) {
  const permits = count(held, "permit");
  const after = lastedMs == null ? "" : ` after ${duration(lastedMs)}`;
  const wait = lastedMs == null ? "" : ` after a wait of ${duration(lastedMs)}`;
  const rest = held === 0 ? after : semaphore ? `, ${permits} left` : `, count ${number(held)} left`;
  const bad = words => el("span", { class: "bad" }, words);
  switch (what) {
    case "granted": return `Granted${semaphore ? ` ${permits}` : ""}${wait}`;
    case "granted-again": return `Granted again, ${semaphore ? `${permits} in all` : `count ${number(held)}`}${wait}`;
    case "queued": return `Began to wait${semaphore ? ` for ${permits}` : ""}`;
    case "wait-timed-out": return `Waited in vain${lastedMs == null ? "" : ` for ${duration(lastedMs)}`}`;
    case "wait-cancelled": return `Gave up waiting${after}`;
    case "wait-ended-with-session": return `Session ended while it waited${after}`;
    case "released": return `Released${rest}`;
    case "expired": return bad(`Expired${rest}`);
    case "force-released": return bad(`Taken by force${rest}`);
    case "ended-with-session": return el("span", { class: "warn" }, `Ended with its session${rest}`);
    default: return what.replaceAll("-", " "); // of a newer release
  }
}

const knownWords = ({ knownForMs }) => (knownForMs == null ? "All is remembered since the cluster began."
  : `All is remembered of the last ${duration(knownForMs)}; what was before may be missing.`);

const panel = (id, heading, ...content) => el("section", { class: `panel ${id}`, "data-key": id, "aria-labelledby": `h-${id}` },
  el("h3", { id: `h-${id}` }, heading), ...content);
const tableRegion = (id, content) => el("div", { class: "scroll", role: "region", "aria-labelledby": `h-${id}`, tabindex: "0" }, content);

/* ---- Sessions and audit ---- */

let shownSessions = [];
function showSessions(answer) {
  shownSessions = answer.sessions;
  const text = of => s => s[of] && el("bdi", {}, visible(s[of]));
  render($("sessions-table"), shownSessions.length === 0 ? el("p", { class: "muted" }, "No session is open.") : table("Sessions", [
    ["Session", s => visible(s.id)],
    ["Name", text("name")],
    ["Host", text("host")],
    ["Address", text("address")],
    ["Principal", text("principal")],
    peer?.groups > 1 && ["Group", s => String(s.group), "num"],
    ["Lease", s => duration(s.leaseMs), "num"],
    ["Open for", s => duration(s.openForMs), "num"],
    ["Holds", s => number(s.holds), "num"],
    ["Waits", s => number(s.waiters), "num"],
    ["Action", s => el("button", { type: "button", class: "danger", "data-act": "end", "data-id": s.id,
      "aria-label": `End session ${s.id}` }, "End…"), "act"],
  ].filter(Boolean), shownSessions, s => `${s.group} ${s.id}`));
}

function showAudit({ records }) {
  const text = of => r => r[of] && el("bdi", {}, visible(r[of]));
  render($("audit-table"), records.length === 0 ? el("p", { class: "muted" }, "There is no record yet.") : table("Audit, newest first", [
    ["Time", r => (r.at ? time(r.at) : "not known")],
    ["Principal", text("principal")],
    ["Address", text("address")],
    ["Action", text("action")],
    ["Target", text("target")],
    ["Detail", text("detail")],
  ], records, r => `${r.group} ${r.number}`));
}

/* ---- What an operator can do ---- */

const CAVEAT = "The holder is told if it can be reached, but may carry on for a moment: only fencing tokens stop its writes.";

function confirm(title, sentences, yes, act) {
  const dialog = $("confirm");
  const fail = text => render($("confirm-error"), text);
  let busy = false;
  render($("confirm-title"), title);
  render($("confirm-text"), sentences.filter(Boolean).map(sentence => el("p", {}, sentence)));
  render($("confirm-yes"), yes);
  fail("");
  $("confirm-yes").removeAttribute("aria-disabled");
  $("confirm-no").onclick = () => dialog.close();
  $("confirm-yes").onclick = async () => {
    if (busy) return;
    busy = true;
    $("confirm-yes").setAttribute("aria-disabled", "true");
    fail("");
    try {
      const said = await act();
      dialog.close();
      announce(said);
    } catch (error) {
      if (error.status === 401) dialog.close();
      fail(error.message);
    }
    busy = false;
    $("confirm-yes").removeAttribute("aria-disabled");
    refresh();
  };
  // Esc must not hide the outcome of what was asked for already.
  dialog.oncancel = event => {
    if (busy) event.preventDefault();
  };
  dialog.showModal();
  $("confirm-no").focus();
}

function forceRelease(token) {
  if (!detail) return;
  const { kind, key, holds, waiters, waiterCount } = detail.lockable;
  const hold = holds.find(h => h.token === token);
  if (token && !hold) return;
  const of = most => [`${kind} `, keyName(key, most)];
  const loses = hold
    ? [ownerName(hold.owner), hold.sessions[0] && [" (", el("bdi", {}, clientText(hold.sessions[0])), ")"], " loses ", of(),
      hold.count > 1 && ` with ${hold.count} permits`, `, held for ${duration(hold.heldForMs)} with token ${hold.token}.`]
    : [`All ${count(holds.length, "holder")} lose their permits of `, of(), "."];
  const next = waiterCount === 0 ? "Nobody waits for it."
    : [`${count(waiterCount, "caller")} wait${waiterCount === 1 ? "s" : ""} for it. Next is `, waiters[0] ? ownerName(waiters[0].owner) : "the first", "."];
  confirm(["Force release ", of(60), "?"], [loses, next, CAVEAT], hold ? "Force release" : "Force release all", async () => {
    const { taken } = await post("/v1/lockable/force-release", hold ? { kind, key, token } : { kind, key });
    return taken ? `Released: ${count(taken, "hold")} of ${lockText({ kind, key })} taken${hold ? ` from ${ownerText(hold.owner)}` : ""}.`
      : `Nothing was taken: ${lockText({ kind, key })} was released already.`;
  });
}

function endSession(id) {
  const session = shownSessions.find(s => s.id === id);
  if (!session) return;
  const name = visible(session.id);
  confirm(`End session ${name}?`, [
    ["The client is ", el("bdi", {}, clientText({ ...session, id: name })), "."],
    session.holds || session.waiters
      ? `It has ${count(session.holds, "hold")} and ${count(session.waiters, "wait")}. Its waits end, and the holds that live with the session are released.`
      : "It holds nothing and waits for nothing.",
    session.holds > 0 && CAVEAT,
  ], "End session", async () => {
    const { ended } = await post("/v1/sessions/end", { id });
    return ended ? `Session ${name} has ended.` : `Session ${name} had ended already.`;
  });
}

const acts = {
  skip: () => $("main").focus(),
  page: ({ of, step }) => ({ locks, sessions })[of].step(Number(step)),
  force: ({ token }) => forceRelease(token && Number(token)),
  end: ({ id }) => endSession(id),
  "sign-out": () => signIn(null),
  up: () => (location.hash = listHash()),
};
document.addEventListener("click", event => {
  const target = event.target.closest("[data-act]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (target.getAttribute("aria-disabled") !== "true") acts[target.dataset.act](target.dataset);
});

$("sign-in").addEventListener("submit", event => {
  event.preventDefault();
  $("sign-in").hidden = true;
  signIn($("token").value.trim());
  $("token").value = "";
  $("health").textContent = "Asking the peer …";
  showView();
  $(`h-${route.view}`).focus();
});

$("search").addEventListener("submit", event => {
  event.preventDefault();
  search();
});
let typed = 0;
$("prefix").addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(search, 200);
});
function search() {
  clearTimeout(typed);
  history.replaceState(null, "", listHash());
  locks.first(({ lockables, next }) => `${next ? "More than " : ""}${count(lockables.length, "key")} found`);
}

/* ---- Where we are: #locks&prefix=orders/, #lock=mutex:orders/42&waiter=user:7, #sessions, #audit ---- */

const listHash = () => `#locks${$("prefix").value ? `&prefix=${hashText($("prefix").value)}` : ""}`;

function parse(hash) {
  const fields = {};
  for (const part of hash.slice(1).split("&")) {
    const [name, ...value] = part.split("=");
    try {
      fields[name] = decodeURIComponent(value.join("="));
    } catch { /* not a link of ours */ }
  }
  const [, kind, key] = /^(mutex|semaphore):(.+)$/s.exec(fields.lock ?? "") ?? [];
  if (kind) return { view: "lock", lock: { kind, key }, waiter: fields.waiter };
  return { view: "sessions" in fields ? "sessions" : "audit" in fields ? "audit" : "locks", prefix: fields.prefix ?? "" };
}

function follow() {
  const before = route;
  if (before.view === "locks") listScroll = scrollY;
  route = parse(location.hash);
  const sameLock = route.view === "lock" && before.view === "lock" && lockHash(route.lock) === lockHash(before.lock);
  if (route.view === "lock" && !sameLock) {
    detail = null;
    happenedAt.clear();
    render($("lock-body"), el("p", { class: "muted" }, "Asking the peer …"));
    render($("lock-note"));
    lastLock = lockHash(route.lock);
  }
  if (route.view === "lock") render($("h-lock"), el("span", { class: "kind" }, route.lock.kind), " ", keyName(route.lock.key));
  if (route.view === "locks" && route.prefix !== $("prefix").value) {
    $("prefix").value = route.prefix;
    locks.first();
  }
  showView();
  if (before.view !== route.view || (route.view === "lock" && !sameLock)) render($("result"));
  if (sameLock) {
    showLock();
    $("h-why")?.scrollIntoView({ block: "nearest" });
  } else if (before.view && (before.view !== route.view || route.view === "lock")) { // at the start the focus stays
    scrollTo(0, route.view === "locks" ? listScroll : 0);
    const row = route.view === "locks" && [...$("locks-table").querySelectorAll("a")].find(a => a.getAttribute("href") === lastLock);
    (row || $(`h-${route.view}`)).focus({ preventScroll: true });
  }
  refresh();
}

function showView() {
  const open = $("sign-in").hidden;
  for (const view of ["locks", "lock", "sessions", "audit"]) $(`view-${view}`).hidden = !open || view !== route.view;
  $("views").hidden = !open;
  for (const a of $("views").querySelectorAll("a")) {
    if (a.hash === `#${route.view}`) a.setAttribute("aria-current", "page");
    else if (route.view === "lock" && a.hash === "#locks") a.setAttribute("aria-current", "true");
    else a.removeAttribute("aria-current");
  }
  title();
}

function title() {
  const where = route.view === "lock" ? `${visible(route.lock.key)} · ` : route.view === "locks" ? "" : `${route.view === "audit" ? "Audit" : "Sessions"} · `;
  document.title = `${where}Holdfast${peer ? ` ${visible(peer.cluster.name)}` : ""}`;
}

window.history.scrollRestoration = "manual";
addEventListener("hashchange", follow);
narrow.addEventListener("change", showLock);
follow();
