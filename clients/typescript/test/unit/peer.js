// A peer that answers as the contract says, for one mutex or semaphore of any key, in memory; and misbehaves when a test tells it to.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";

/** What all peers of a pretended cluster know. */
export class Cluster {
  sessions = new Map(); // key -> { leaseMs, until, lost: [], outcomes: Map, acknowledged }
  holds = new Map(); // kind + key -> [{ owner, token, count, until, shares: session -> { keeps, kept, grants: sequence -> added } }]
  waiters = [];
  token = 0;
  /** What has taken effect: [action, sequence]. */
  applied = [];

  /** Ends the session as if it had lapsed: what it keeps goes with it, and of a mutex all unless something else keeps it. */
  expire(key) {
    this.sessions.delete(key);
    this.waiters = this.waiters.filter((waiter) => waiter.body.session !== key);
    for (const [id, holds] of this.holds) {
      for (const hold of holds.filter((each) => each.shares.has(key))) {
        const { kept } = hold.shares.get(key);
        hold.shares.delete(key);
        hold.count = id.startsWith("mutex") ? Math.max(1, hold.count - kept) : hold.count - kept;
        if (hold.count === 0 || !isAlive(hold)) {
          this.end(...idOf(id), hold, "expired");
        }
      }
    }
    this.grantWaiters();
  }

  holdsOf(kind, key) {
    const id = `${kind} ${key}`;
    const live = (this.holds.get(id) ?? []).filter(isAlive);
    this.holds.set(id, live);
    return live;
  }

  take(kind, key, reason = "force-released") {
    const holds = this.holdsOf(kind, key);
    holds.forEach((hold) => this.end(kind, key, hold, reason));
    this.grantWaiters();
    return holds.length;
  }

  /** Ends the hold and tells its sessions, except that one. */
  end(kind, key, hold, reason, except) {
    this.holds.set(`${kind} ${key}`, this.holds.get(`${kind} ${key}`).filter((each) => each !== hold));
    for (const session of hold.shares.keys()) {
      if (session !== except) {
        this.sessions.get(session)?.lost.push({ kind, key, owner: hold.owner, token: hold.token, reason });
      }
    }
  }

  handle(path, body) {
    if (path === "/v1/sessions") {
      const session = randomUUID();
      this.sessions.set(session, { leaseMs: body.leaseMs, lost: [], outcomes: new Map() });
      return [200, { session, leaseMs: body.leaseMs, leaseLeftMs: left(body.leaseMs), owner: { type: "http", id: "x", within: null } }];
    }
    if (path === "/v1/lockable/force-release") {
      return [200, { taken: this.take(body.kind, body.key) }];
    }
    const session = this.sessions.get(body.session);
    if (path === "/v1/sessions/close") {
      this.expire(body.session);
      return [200, { closed: session !== undefined }];
    }
    if (session === undefined) {
      return problem(410, "session-over", "this session is not open");
    }
    if (path === "/v1/sessions/heartbeat") {
      const from = Number(body.after ?? 0);
      return [200, { leaseLeftMs: left(session.leaseMs), lost: session.lost.slice(from), events: String(session.lost.length), more: false }];
    }
    return this.command(path.replace("/v1/lockable/", ""), body, session);
  }

  command(action, body, session) {
    if (body.acknowledgedSequence >= body.sequence) {
      return problem(400, undefined, "acknowledges itself");
    }
    session.acknowledged = Math.max(session.acknowledged ?? 0, body.acknowledgedSequence);
    let outcome = session.outcomes.get(body.sequence);
    if (outcome === undefined) {
      this.applied.push([action, body.sequence]);
      outcome = this.apply(action, body);
      session.outcomes.set(body.sequence, outcome);
    }
    return typeof outcome === "function" ? outcome() : outcome;
  }

  apply(action, body) {
    const { kind, key, owner, token } = body;
    if (action === "acquire") {
      const waiter = { body, granted: undefined, cancelled: false };
      this.waiters.push(waiter);
      this.grantWaiters();
      if (waiter.granted === undefined && !body.waitMs) {
        this.waiters = this.waiters.filter((each) => each !== waiter);
        const held = this.holdsOf(kind, key);
        const [{ owner: holder, token: theirs }] = held;
        const available = (body.limit ?? 1) - held.reduce((sum, hold) => sum + hold.count, 0);
        return problem(409, "held", `'${key}' is held by ${holder.type}:${holder.id}`, { holder, token: theirs, available });
      }
      return () => {
        const hold = waiter.granted;
        if (hold === undefined) {
          return [202, { state: "waiting", position: 0 }];
        }
        if (!this.holdsOf(kind, key).includes(hold)) {
          return problem(409, "hold-over", "it was granted and is over", { token: hold.token });
        }
        const leaseLeftMs = hold.shares.get(body.session)?.keeps ? null : left(hold.until - performance.now());
        return [200, { state: "held", token: hold.token, owner, count: hold.count, reacquired: waiter.reacquired, leaseLeftMs }];
      };
    }
    if (action === "cancel-acquire") {
      const waiter = this.waiters.find((each) => each.body.sequence === body.acquireSequence && each.body.session === body.session);
      this.waiters = this.waiters.filter((each) => each !== waiter);
      const isKnown = body.acquireSequence > this.sessions.get(body.session).acknowledged;
      const acquired = isKnown && this.holdsOf(kind, key).find((hold) => hold.shares.get(body.session)?.grants.has(body.acquireSequence));
      if (acquired) {
        const { grants } = acquired.shares.get(body.session);
        const added = grants.get(body.acquireSequence);
        grants.delete(body.acquireSequence);
        takeBack(acquired, kind === "mutex" ? 0 : added, body.session);
        if (acquired.count === 0 || (kind === "mutex" && [...acquired.shares.values()].every((share) => share.grants.size === 0))) {
          this.end(kind, key, acquired, "released-elsewhere");
        }
        this.grantWaiters();
      }
      this.sessions.get(body.session).outcomes.set(body.acquireSequence, problem(409, "sequence-used", "it was cancelled"));
      return [200, { undone: waiter !== undefined || Boolean(acquired) }];
    }
    const hold = this.holdsOf(kind, key).find((each) => each.token === token && each.owner.id === owner.id);
    if (hold === undefined || hold.count < (body.permits ?? 1)) {
      return problem(409, "not-held", "it is not held", { holder: null, held: hold?.count ?? 0 });
    }
    if (action === "extend") {
      hold.until = Math.max(hold.until ?? 0, performance.now() + body.ttlMs);
      return [200, { state: "held", token, owner, count: hold.count, leaseLeftMs: left(hold.until - performance.now()) }];
    }
    takeBack(hold, body.permits ?? hold.count, body.session);
    if (hold.count === 0) {
      this.end(kind, key, hold, "released-elsewhere", body.session);
    }
    this.grantWaiters();
    return [200, { remaining: hold.count }];
  }

  grantWaiters() {
    for (const waiter of [...this.waiters]) {
      const { kind, key, owner, permits = 1, limit = 1, ttlMs, untilReleased, session, sequence } = waiter.body;
      const holds = this.holdsOf(kind, key);
      const own = holds.find((hold) => hold.owner.id === owner.id);
      if (!(own && kind === "mutex") && holds.reduce((sum, hold) => sum + hold.count, 0) + permits > limit) {
        continue;
      }
      const hold = own ?? { owner, token: ++this.token, count: 0, until: undefined, shares: new Map() };
      const added = kind === "mutex" && own ? 0 : permits;
      const share = hold.shares.get(session) ?? { keeps: false, kept: 0, grants: new Map() };
      hold.shares.set(session, share);
      hold.count += added;
      share.grants.set(sequence, added);
      if (ttlMs === undefined && !untilReleased) {
        share.keeps = true;
        share.kept += added;
      } else {
        // No JSON has Infinity, so it becomes null.
        hold.until = Math.max(hold.until ?? 0, untilReleased ? Infinity : performance.now() + ttlMs);
      }
      if (!own) {
        holds.push(hold);
      }
      waiter.granted = hold;
      waiter.reacquired = own !== undefined;
      this.waiters = this.waiters.filter((each) => each !== waiter);
    }
  }
}

function isAlive(hold) {
  return hold.until > performance.now() || [...hold.shares.values()].some((share) => share.keeps);
}

/** Takes it off what that session keeps, then off what others keep. */
function takeBack(hold, permits, session) {
  hold.count -= permits;
  for (const share of new Set([hold.shares.get(session), ...hold.shares.values()])) {
    const taken = Math.min(share?.kept ?? 0, permits);
    permits -= taken;
    if (taken > 0) {
      share.kept -= taken;
    }
  }
}

const idOf = (id) => [id.slice(0, id.indexOf(" ")), id.slice(id.indexOf(" ") + 1)];

function left(ms) {
  return Math.max(0, Math.floor(ms * 0.99) - 1);
}

export function problem(status, code, detail, more = {}) {
  return [status, { type: "about:blank", title: "", status, detail, ...(code ? { code } : {}), ...more }];
}

/**
 * Starts a peer. `peer.meddle` is called with (path, body, answer) before each answer is sent: it may return another [status, body], or
 * "lose" to break the connection after the request has taken effect, "drop" to break it before, or a promise of these.
 */
export async function startPeer(cluster = new Cluster()) {
  const peer = { cluster, requests: [], meddle: undefined, pollMs: Infinity };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) {
      text += part;
    }
    const url = new URL(request.url, "http://peer");
    const body = text === "" ? Object.fromEntries(url.searchParams) : JSON.parse(text);
    peer.requests.push({ path: url.pathname, body, headers: request.headers });
    const answered = () => {
      if (url.pathname === "/v1/lockable") {
        const holds = cluster.holdsOf(body.kind, body.key);
        const held = holds.reduce((sum, hold) => sum + hold.count, 0);
        return [200, { held, holds: holds.map(({ owner, token, count }) => ({ owner: { within: null, ...owner }, token, count, leaseLeftMs: null })) }];
      }
      return cluster.handle(url.pathname, body);
    };
    const early = await peer.meddle?.(url.pathname, body, undefined);
    if (early === "drop") {
      return response.destroy();
    }
    let answer = early ?? answered();
    if (early === undefined && url.pathname.endsWith("/acquire") && answer[0] === 202) {
      const until = performance.now() + Math.min(body.pollMs, peer.pollMs);
      while (answer[0] === 202 && performance.now() < until && !response.destroyed) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        answer = answered();
      }
    }
    const late = early === undefined ? await peer.meddle?.(url.pathname, body, answer) : undefined;
    if (late === "lose" || response.destroyed) {
      return response.destroy();
    }
    const [status, json, headers = {}] = late ?? answer;
    const type = status < 300 ? "application/json" : "application/problem+json";
    response.writeHead(status, { "Content-Type": type, ...headers });
    response.end(typeof json === "string" ? json : JSON.stringify(json));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  peer.url = `http://127.0.0.1:${server.address().port}`;
  peer.close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return peer;
}

/** Waits until it is so, for as long as a busy machine may take. */
export async function eventually(condition, what = String(condition)) {
  const until = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > until) {
      throw new Error(`never: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
