import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import {
  LockAlreadyHeldError,
  LockClientClosedError,
  LockExpiredError,
  LockExpiringError,
  LockForbiddenError,
  LockNotHeldError,
  LockOutcomeUnknownError,
  LockRequestRejectedError,
  LockSessionLostError,
  LockUnavailableError,
  SemaphoreCapacityExceededError,
  SemaphoreWaitTimedOutError,
  connect,
  createLock,
  createLockOwner,
  createLockable,
  createSemaphore,
  auditLockHooks,
} from "../../dist/index.js";
import { eventually, problem, startPeer } from "./peer.js";

const order = createLockable({ name: "order", singular: false });
const ann = createLockOwner({ name: "user" })("ann");
const bob = createLockOwner({ name: "user" })("bob");
const thing = order("1");

let peer;
let client;
let lock;
let closing;

beforeEach(async () => {
  closing = [];
  peer = await startPeer();
  closing.push(peer);
  client = open(peer.url);
  lock = createLock({ client });
});

afterEach(async () => {
  for (const each of closing.reverse()) {
    await each.close();
  }
});

function open(addresses, options = {}) {
  const made = connect(addresses, { sessionLeaseMs: 60_000, ...options });
  closing.push(made);
  return made;
}

const paths = () => peer.requests.map((request) => request.path.replace("/v1/", ""));
const actions = () => peer.cluster.applied.map(([action]) => action);

test("an owner acquires, others are refused, and it releases", async () => {
  assert.equal(await lock.acquire(ann, thing), true);
  assert.equal(await lock.acquire(bob, thing), false);
  assert.equal(await lock.isLocked(thing), true);
  assert.deepEqual((await lock.get(thing)).owner, ann);
  await lock.release(ann, thing);
  assert.equal(await lock.isLocked(thing), false);
  await assert.rejects(lock.release(ann, thing), LockNotHeldError);
});

test("the client is accepted as repo, as the original has it", async () => {
  const moved = createLock({ repo: client });
  assert.equal(await moved.acquire(ann, thing, { ttlMs: 60_000 }), true);
  assert.equal(await moved.extend(ann, thing, 90_000), true);
  await moved.forceRelease(thing);
  await assert.rejects(moved.extend(ann, thing, 1000), LockNotHeldError);
});

test("an owner releases what it has acquired elsewhere", async () => {
  assert.equal(await lock.acquire(ann, thing), true);
  await createLock({ client: open(peer.url) }).release(ann, thing);
  assert.equal(await lock.isLocked(thing), false);
});

test("handles have tokens that rise, and are released once", async () => {
  const first = await lock.hold(thing);
  assert.equal(first.state, "held");
  await assert.rejects(lock.hold(thing, { owner: bob }), (error) => {
    assert.ok(error instanceof LockAlreadyHeldError);
    assert.equal(error.currentOwnerId, first.owner.id);
    assert.match(error.message, /'order:1' is held by/);
    return true;
  });
  await first.release();
  assert.equal(first.state, "released");
  await assert.rejects(first.release(), LockNotHeldError);
  await first.close();
  const second = await lock.hold(thing);
  assert.ok(second.token > first.token);
  assert.equal(await lock.tryHold(thing), undefined);
});

test("a lost answer is asked for again under the same number, and takes effect once", async () => {
  for (const lost of ["acquire", "release", "extend"]) {
    let times = 0;
    peer.meddle = (path, body, answer) => (path.endsWith(lost) && answer && times++ < 3 ? "lose" : undefined);
    const before = peer.cluster.applied.length;
    const handle = await lock.hold(thing, { ttlMs: 60_000 });
    await handle.extend(70_000);
    await handle.release();
    assert.deepEqual(actions().slice(before), ["acquire", "extend", "release"], lost);
    assert.equal(times, 4, lost);
  }
});

test("what does not arrive, is busy, has no leader or is made up by a proxy is asked for again", async () => {
  const bad = ["drop", [502, "<html>"], problem(503, undefined, "no leader"), problem(429, "busy", "busy"), [200, "<html>"], [200, {}], [409, "{}"], [410, "gone"]];
  peer.meddle = (path, body, answer) => (path.endsWith("acquire") && !answer ? bad.shift() : undefined);
  const handle = await lock.hold(thing);
  assert.equal(bad.length, 0);
  assert.deepEqual(actions(), ["acquire"]);
  assert.equal(handle.state, "held");
});

test("a peer that is down, and one that is silent, are passed over", async () => {
  const down = await startPeer();
  await down.close();
  const silent = await startPeer(peer.cluster);
  closing.push(silent);
  silent.meddle = () => new Promise(() => {});
  const third = open([down.url, silent.url, peer.url], { sessionLeaseMs: 1_200_000 });
  const handle = await createLock({ client: third }).hold(thing);
  assert.equal(handle.state, "held");
  await handle.release();
});

test("requests are numbered, and what was answered is acknowledged", async () => {
  for (let i = 0; i < 3; i++) {
    await lock.withLock(thing, () => {});
  }
  const commands = peer.requests.filter((request) => request.body.sequence);
  assert.deepEqual(commands.map(({ body }) => [body.sequence, body.acknowledgedSequence]), [[1, 0], [2, 1], [3, 2], [4, 3], [5, 4], [6, 5]]);
  assert.equal(new Set(commands.map(({ body }) => body.session)).size, 1);
});

test("a wait is granted in its turn, asking again as long as it takes", async () => {
  peer.pollMs = 20;
  const first = await lock.hold(thing);
  const second = lock.hold(thing, { waitMs: Infinity });
  await eventually(() => paths().filter((path) => path === "lockable/acquire").length > 4);
  await first.release();
  assert.ok((await second).token > first.token);
  assert.deepEqual(actions(), ["acquire", "acquire", "release"]);
});

test("a wait that is aborted is cancelled in the cluster", async () => {
  const first = await lock.hold(thing);
  const stop = new AbortController();
  const second = lock.hold(thing, { waitMs: 60_000, signal: stop.signal });
  await eventually(() => peer.cluster.waiters.length === 1);
  stop.abort(new Error("enough"));
  await assert.rejects(second, /enough/);
  await eventually(() => actions().includes("cancel-acquire"));
  await first.release();
  assert.equal(await lock.isLocked(thing), false);
  await assert.rejects(lock.hold(thing, { signal: AbortSignal.abort(new Error("before")) }), /before/);
});

test("a grant whose answer comes after its caller has given up is given back", async () => {
  const stop = new AbortController();
  peer.meddle = async (path, body, answer) => {
    if (path.endsWith("/acquire") && answer) {
      stop.abort(new Error("enough"));
    }
  };
  await assert.rejects(lock.hold(thing, { signal: stop.signal }), /enough/);
  await eventually(() => actions().length === 2 && peer.cluster.holdsOf("mutex", "order:1").length === 0);
});

test("a grant that was read just when its caller gave up is given back", async () => {
  const stop = new AbortController();
  const racing = async (input, init) => {
    const response = await fetch(input, init);
    const text = await response.text();
    const read = () => (String(input).endsWith("/acquire") && queueMicrotask(() => stop.abort(new Error("enough"))), Promise.resolve(text));
    return { status: response.status, headers: response.headers, text: read };
  };
  await assert.rejects(createLock({ client: open(peer.url, { fetch: racing }) }).hold(thing, { signal: stop.signal }), /enough/);
  await eventually(() => actions().length === 2);
  assert.deepEqual(actions(), ["acquire", "cancel-acquire"]);
  assert.equal(await lock.isLocked(thing), false);
});

test("an acquire that is given up in the moment of its answer leaves the owner what it acquired meanwhile", async () => {
  for (const kind of ["mutex", "semaphore"]) {
    const stop = new AbortController();
    let times = 0;
    let answer;
    const told = new Promise((resolve) => (answer = resolve));
    const racing = async (input, init) => {
      const isFirst = String(input).endsWith("/acquire") && times++ === 0;
      const response = await fetch(input, init);
      const text = await response.text();
      if (isFirst) {
        await told;
      }
      const read = () => (isFirst && queueMicrotask(() => stop.abort(new Error("enough"))), Promise.resolve(text));
      return { status: response.status, headers: response.headers, text: read };
    };
    const racer = open(peer.url, { fetch: racing });
    const locks = kind === "mutex" ? createLock({ client: racer }) : createSemaphore({ client: racer, max: 2 });
    const first = locks.hold(thing, { owner: ann, signal: stop.signal });
    first.catch(() => {});
    await eventually(() => peer.cluster.holdsOf(kind, "order:1").length === 1);
    const second = await locks.hold(thing, { owner: ann });
    answer();
    await assert.rejects(first, /enough/);
    await eventually(() => actions().includes("cancel-acquire"));
    assert.deepEqual(peer.cluster.holdsOf(kind, "order:1").map((hold) => [hold.token, hold.count]), [[second.token, 1]]);
    assert.equal(second.state, "held");
    await second.release();
    peer.cluster.applied = [];
  }
});

test("the end of a wait is a refusal", async () => {
  peer.pollMs = 20;
  peer.meddle = (path, body, answer) => (answer?.[0] === 202 ? problem(409, "wait-ended", "not granted in time") : undefined);
  await lock.hold(thing);
  assert.equal(await lock.acquire(ann, thing, { waitMs: 1000 }), false);
  await assert.rejects(lock.hold(thing, { waitMs: 1000 }), LockAlreadyHeldError);
  const calls = createSemaphore({ client, max: 2 });
  await calls.hold(thing, { permits: 2 });
  await assert.rejects(calls.hold(thing, { waitMs: 1000 }), SemaphoreWaitTimedOutError);
});

test("a wait that nobody answers ends by itself, and is cancelled once somebody does", async () => {
  await lock.hold(thing);
  let deaf = true;
  peer.meddle = (path) => (deaf && path.includes("acquire") ? new Promise((resolve) => setTimeout(resolve, 20, "drop")) : undefined);
  await assert.rejects(lock.hold(thing, { waitMs: 50 }), LockOutcomeUnknownError);
  deaf = false;
  await eventually(() => actions().includes("cancel-acquire"));
});

test("nobody there is unavailable, and nothing was done", async () => {
  await peer.close();
  const alone = createLock({ client: open(peer.url, { requestTimeoutMs: 300 }) });
  await assert.rejects(alone.hold(thing), LockUnavailableError);
  await assert.rejects(alone.isLocked(thing), /no peer of the cluster answered in time \(http:/);
});

test("a release that certainly did nothing leaves the hold, and one that may have is settled by asking again", async () => {
  const brief = createLock({ client: open(peer.url, { requestTimeoutMs: 300 }) });
  const handle = await brief.hold(thing);
  peer.meddle = (path) => (path.endsWith("release") ? problem(503, undefined, "no leader") : undefined);
  // Unknown if the time is up while an attempt is under way, and then the next call asks on.
  await eventually(async () => (await handle.release().catch((error) => error)) instanceof LockUnavailableError);
  assert.equal(handle.state, "held");
  peer.meddle = (path, body, answer) => (path.endsWith("release") && answer ? "lose" : undefined);
  await assert.rejects(handle.release(), LockOutcomeUnknownError);
  assert.equal(handle.state, "in-doubt");
  assert.throws(() => handle.requireHeld(), LockOutcomeUnknownError);
  peer.meddle = undefined;
  await handle.release();
  assert.equal(handle.state, "released");
  assert.deepEqual(actions(), ["acquire", "release"]);
});

test("a hold that is taken by force is lost, and its listeners and its signal say so", async () => {
  const quick = createLock({ client: open(peer.url, { sessionLeaseMs: 6000 }) });
  const handle = await quick.hold(thing);
  const reasons = [];
  handle.onLost((reason) => reasons.push(reason));
  await lock.forceRelease(thing);
  await eventually(() => reasons.length > 0);
  assert.deepEqual(reasons, ["force-released"]);
  assert.equal(handle.state, "lost");
  assert.ok(handle.signal.aborted);
  assert.throws(() => handle.requireHeld(), LockNotHeldError);
  await assert.rejects(handle.release(), /force released/);
  await handle.close();
  handle.onLost((reason) => reasons.push(reason));
  await eventually(() => reasons.length === 2);
});

test("an answer that was under way while its hold was lost gives nobody the lock", async () => {
  const quick = createLock({ client: open(peer.url, { sessionLeaseMs: 6000, requestTimeoutMs: 60_000 }) });
  let release;
  const told = new Promise((resolve) => (release = resolve));
  peer.meddle = async (path, body, answer) => {
    if (path.endsWith("/acquire") && answer) {
      peer.cluster.take("mutex", "order:1");
      await told;
    }
    if (path.endsWith("heartbeat") && answer?.[1].lost.length > 0) {
      setTimeout(release, 200);
    }
  };
  await assert.rejects(quick.hold(thing), LockExpiredError);
});

test("a session that is not renewed becomes suspect, endangered and lost, and so does what it keeps", async () => {
  const quick = open(peer.url, { sessionLeaseMs: 3000 });
  let renewals = 0;
  peer.meddle = (path, body, answer) =>
    path.endsWith("heartbeat") && !answer && ++renewals > 1 ? problem(503, undefined, "no leader") : undefined;
  const mine = createLock({ client: quick });
  const handle = await mine.hold(thing);
  const seen = [];
  handle.onSuspect(() => seen.push(`suspect ${handle.state}`));
  handle.signal.addEventListener("abort", () => seen.push(handle.signal.reason.name));
  handle.onLost((reason) => seen.push(reason));
  await eventually(() => seen.includes("session-lost"));
  assert.deepEqual(seen.slice(-1), ["session-lost"]);
  assert.equal(handle.state, "lost");
  assert.ok(handle.signal.reason instanceof LockExpiringError || handle.signal.reason instanceof LockExpiredError);
  await assert.rejects(handle.release(), LockExpiredError);
  peer.meddle = undefined;
  assert.equal(peer.cluster.holdsOf("mutex", "order:1").length, 1, "the cluster lets go of it later than the client");
  peer.cluster.expire(peer.requests.findLast((request) => request.path.endsWith("heartbeat")).body.session);
  const next = await mine.hold(thing);
  assert.ok(next.token > handle.token);
});

test("a session that the cluster has ended is over at once, and its waits are given up", async () => {
  const quick = open(peer.url, { sessionLeaseMs: 6000 });
  await lock.hold(thing);
  const mine = createLock({ client: quick });
  const other = await mine.hold(order("2"));
  const wait = mine.hold(thing, { waitMs: Infinity });
  wait.catch(() => {});
  await eventually(() => peer.cluster.waiters.length === 1);
  peer.cluster.expire(peer.requests.findLast((request) => request.path.endsWith("acquire")).body.session);
  await assert.rejects(wait, LockSessionLostError);
  await eventually(() => other.state === "lost");
  assert.equal(other.lossReason, "session-lost");
});

test("a heartbeat keeps a hold for longer than a lease", async () => {
  const quick = open(peer.url, { sessionLeaseMs: 6000 });
  const handle = await createLock({ client: quick }).hold(thing);
  await eventually(() => peer.requests.filter((request) => request.path.endsWith("heartbeat")).length >= 4);
  assert.notEqual(handle.state, "lost");
  await handle.release();
});

test("leases count from before the request was sent", async () => {
  const delayMs = 500;
  peer.meddle = (path, body, answer) => (answer ? new Promise((resolve) => setTimeout(resolve, delayMs)) : undefined);
  const quick = createLock({ client: open(peer.url, { sessionLeaseMs: 6000 }) });
  const timed = await quick.hold(order("2"), { ttlMs: 60_000 });
  assert.ok(timed.leaseLeftMs <= 60_000 * 0.99 - delayMs, String(timed.leaseLeftMs));
  await timed.extend(90_000);
  assert.ok(timed.leaseLeftMs <= 90_000 * 0.99 - delayMs, String(timed.leaseLeftMs));
  const kept = await quick.hold(thing);
  for (let renewals = 0, left = kept.leaseLeftMs; renewals < 2; ) {
    await eventually(() => {
      const before = left;
      left = kept.leaseLeftMs;
      return left > before;
    });
    renewals++;
    assert.ok(left <= 6000 * 0.99 - delayMs, String(left));
  }
});

test("a TTL ends by the client's clock, and is suspect before", async () => {
  const handle = await lock.hold(thing, { ttlMs: 2000 });
  assert.ok(handle.leaseLeftMs <= 2000);
  let suspect = false;
  handle.onSuspect(() => (suspect = true));
  await eventually(() => handle.state === "lost");
  assert.equal(handle.lossReason, "expired");
  await assert.rejects(handle.extend(1000), LockExpiredError);
  await eventually(() => suspect || handle.signal.aborted);
});

test("a TTL outlives its session, as suspect, and can be released", async () => {
  const quick = open(peer.url, { sessionLeaseMs: 3000 });
  const handle = await createLock({ client: quick }).hold(thing, { ttlMs: 600_000 });
  peer.meddle = (path) => (path.endsWith("heartbeat") ? problem(410, "session-over", "over") : undefined);
  await eventually(() => handle.state === "suspect");
  peer.meddle = undefined;
  assert.ok(handle.isHeld);
  await handle.release();
  assert.equal(handle.state, "released");
});

test("a hold until it is released outlives its session, as suspect, and its client", async () => {
  const quick = open(peer.url, { sessionLeaseMs: 3000 });
  const handle = await createLock({ client: quick }).hold(thing, { owner: ann, untilReleased: true });
  assert.equal(handle.state, "held");
  assert.equal(handle.leaseLeftMs, Infinity);
  peer.meddle = (path) => (path.endsWith("heartbeat") ? problem(410, "session-over", "over") : undefined);
  await eventually(() => handle.state === "suspect");
  assert.equal(handle.signal.aborted, false);
  await quick.close();
  assert.equal(handle.lossReason, "client-closed");
  await lock.release(ann, thing);
  assert.equal(await lock.isLocked(thing), false);
  await assert.rejects(lock.hold(thing, { ttlMs: 1000, untilReleased: true }), LockRequestRejectedError);
});

test("handles of one owner share the hold of a lock, and its end", async () => {
  const first = await lock.hold(thing, { owner: ann });
  const second = await lock.hold(thing, { owner: ann });
  assert.equal(first.token, second.token);
  await first.release();
  assert.equal(second.state, "lost");
  assert.equal(second.lossReason, "released-by-owner");
});

test("permits add up and are given back one by one", async () => {
  const calls = createSemaphore({ repo: client, max: 3 });
  assert.equal(await calls.acquire(ann, thing, 2), true);
  assert.equal(await calls.acquire(bob, thing, 2), false);
  assert.equal(await calls.available(thing), 1);
  await calls.release(ann, thing);
  assert.equal(await calls.available(thing), 2);
  await assert.rejects(calls.release(ann, thing, 2), LockNotHeldError);
  await assert.rejects(calls.acquire(ann, thing, 4), SemaphoreCapacityExceededError);
  const two = await calls.hold(thing, { permits: 2 });
  await assert.rejects(calls.hold(thing), SemaphoreCapacityExceededError);
  assert.equal((await calls.holders(thing)).length, 2);
  await two.release();
  await calls.release(ann, thing);
  assert.equal(await calls.available(thing), 3);
  assert.equal(await calls.withPermits(thing, { permits: 3 }, (handle) => handle.permits), 3);
});

test("withLock tells what became of the hold", async () => {
  assert.equal(await lock.withLock(thing, (handle) => handle.state), "held");
  await assert.rejects(lock.withLock(thing, () => Promise.reject(new Error("work"))), /work/);
  assert.equal(await lock.isLocked(thing), false);
  const quick = createLock({ client: open(peer.url, { sessionLeaseMs: 6000 }) });
  const lost = quick.withLock(thing, async (handle) => {
    await lock.forceRelease(thing);
    await eventually(() => handle.signal.aborted);
    throw new Error("work");
  });
  await assert.rejects(lost, (error) => error instanceof LockNotHeldError && error.cause.message === "work");
});

test("withLock has its work stopped while the hold is still there", async () => {
  peer.meddle = (path) => (path.endsWith("heartbeat") ? problem(503, undefined, "no leader") : undefined);
  const quick = createLock({ client: open(peer.url, { sessionLeaseMs: 8000 }) });
  const stopped = quick.withLock(thing, async (handle) => {
    await eventually(() => handle.signal.aborted);
    assert.equal(handle.state, "suspect");
    throw new Error("stopped");
  });
  await assert.rejects(stopped, (error) => error instanceof LockExpiringError && error.cause.message === "stopped");
  assert.equal(await lock.isLocked(thing), false);
});

test("an owner that acquires again when its TTL is over here, and not yet in the cluster, has it again", async () => {
  const first = await lock.hold(thing, { owner: ann, ttlMs: 2000 });
  peer.cluster.holdsOf("mutex", "order:1")[0].until += 600_000;
  let answer;
  const told = new Promise((resolve) => (answer = resolve));
  peer.meddle = async (path, body, reply) => (path.endsWith("/acquire") && reply ? await told : undefined);
  const second = lock.hold(thing, { owner: ann, ttlMs: 600_000 });
  await eventually(() => first.state === "lost");
  answer();
  assert.equal((await second).token, first.token);
  assert.equal((await second).state, "held");
  assert.equal(first.state, "lost");
});

test("hooks run around operations, and what an after-hook throws costs no grant", async () => {
  const told = [];
  const errors = [];
  const hooks = {
    beforeAcquire: (context) => void told.push(`before ${context.operation} ${context.owner.id}`),
    afterAcquire: (context, result) => {
      told.push(result.acquired ? `acquired ${result.token}` : "refused");
      throw new Error("hook");
    },
    beforeRelease: () => void told.push("before release"),
    afterRelease: (context, result) => void told.push(`released ${result.released} ${result.error?.name}`),
  };
  const mine = createLock({ client: open(peer.url, { onHookError: (error) => errors.push(error.message) }), hooks });
  assert.equal(await mine.acquire(ann, thing), true);
  assert.equal(await mine.acquire(bob, thing), false);
  await mine.release(ann, thing);
  await assert.rejects(mine.release(ann, thing), LockNotHeldError);
  assert.deepEqual(told, [
    "before acquire ann", "acquired 1", "before acquire bob", "refused",
    "before release", "released true undefined", "before release", "released false LockNotHeldError",
  ]);
  assert.deepEqual(errors, ["hook", "hook"]);
  const strict = createLock({ client, hooks: { beforeAcquire: () => Promise.reject(new Error("policy")) } });
  await assert.rejects(strict.acquire(ann, thing), /policy/);
  assert.equal(await lock.isLocked(thing), false);
  const heard = [];
  const audit = auditLockHooks({ onAcquire: (context, { acquired }) => heard.push(acquired), onRelease: () => heard.push("released"), onForceRelease: () => heard.push("forced") });
  const audited = createLock({ client, hooks: audit });
  await audited.acquire(ann, thing);
  await audited.acquire(bob, thing);
  await audited.release(ann, thing);
  await assert.rejects(audited.release(ann, thing));
  await audited.forceRelease(thing);
  assert.deepEqual(heard, [true, false, "released", "forced"]);
});

test("closing the client ends its holds and its waits, and frees what it kept", async () => {
  const mine = connect(peer.url, { sessionLeaseMs: 60_000 });
  await lock.hold(order("2"));
  const other = createLock({ client: mine });
  const handle = await other.hold(thing);
  const wait = other.hold(order("2"), { waitMs: Infinity });
  wait.catch(() => {});
  await eventually(() => peer.cluster.waiters.length === 1);
  const reasons = [];
  handle.onLost((reason) => reasons.push(reason));
  await mine.close();
  await assert.rejects(wait, LockClientClosedError);
  await assert.rejects(other.hold(thing), LockClientClosedError);
  assert.deepEqual(reasons, ["client-closed"]);
  assert.equal(await lock.isLocked(thing), false);
  assert.equal(peer.cluster.waiters.length, 0);
});

test("a release that is under way when the client is closed arrives", async () => {
  const mine = connect(peer.url, { sessionLeaseMs: 60_000 });
  const handle = await createLock({ client: mine }).hold(thing, { ttlMs: 600_000 });
  let times = 0;
  peer.meddle = (path) => (path.endsWith("/release") && times++ === 0 ? new Promise((resolve) => setTimeout(resolve, 50, "drop")) : undefined);
  const released = handle.release();
  released.catch(() => {});
  await eventually(() => times > 0);
  await mine.close();
  await eventually(() => peer.cluster.holdsOf("mutex", "order:1").length === 0);
});

test("what is not allowed, or not acceptable, is said and not tried again", async () => {
  let times = 0;
  peer.meddle = (path, body, answer) => (path.endsWith("/acquire") && !answer && times++ >= 0 ? problem(403, undefined, "ann may not lock order:") : undefined);
  await assert.rejects(lock.hold(thing), (error) => error instanceof LockForbiddenError && /ann may not/.test(error.message));
  assert.equal(times, 1);
  peer.meddle = (path, body, answer) => (path.endsWith("/acquire") && !answer ? problem(409, "state-full", "full") : undefined);
  await assert.rejects(lock.hold(thing), (error) => error instanceof LockRequestRejectedError && error.reason === "state-full");
  peer.meddle = undefined;
  await assert.rejects(lock.hold(thing, { ttlMs: -1 }), LockRequestRejectedError);
  assert.equal(await lock.acquire(ann, thing), true);
});

test("a token goes along, and not in the clear to another machine", async () => {
  let number = 0;
  const known = open(peer.url, { token: async () => `secret-${++number}` });
  await createLock({ client: known }).isLocked(thing);
  assert.equal(peer.requests.at(-1).headers.authorization, "Bearer secret-1");
  assert.throws(() => connect("http://db.example:7301", { token: "secret" }), /without TLS/);
  open("https://db.example:7301", { token: "secret" });
  open("http://db.example:7301", { token: "secret", insecure: true });
});

test("addresses are checked", () => {
  for (const wrong of ["", "127.0.0.1:7301", "ftp://x", [], "https://ann:secret@a.example", "https://ann@a.example"]) {
    assert.throws(() => connect(wrong), (error) => error instanceof LockRequestRejectedError && !/secret/.test(error.message), String(wrong));
  }
});

test("a wait that takes long does not keep the cluster from forgetting: the client goes on in another session", async () => {
  const first = await lock.hold(thing);
  const waiting = lock.hold(thing, { waitMs: Infinity });
  await eventually(() => peer.cluster.waiters.length === 1);
  for (let i = 0; i < 600; i++) {
    await lock.withLock(order("2"), () => {});
  }
  const commands = peer.requests.filter((request) => request.body.sequence);
  const sessions = [...new Set(commands.map(({ body }) => body.session))];
  assert.equal(sessions.length, 2);
  assert.ok(commands.every(({ body }) => body.sequence - body.acknowledgedSequence <= 1100));
  assert.ok(!paths().includes("sessions/close"));
  await first.release();
  const second = await waiting;
  assert.equal(second.state, "held");
  await second.release();
  await eventually(() => paths().includes("sessions/close"));
  assert.equal(peer.requests.find((request) => request.path.endsWith("close")).body.session, sessions[0]);
  assert.equal((await lock.hold(thing)).state, "held");
});

test("many at once", async () => {
  const warnings = [];
  const listen = (warning) => warnings.push(warning);
  process.on("warning", listen);
  let running = 0;
  await Promise.all(
    Array.from({ length: 60 }, () =>
      lock.withLock(thing, { waitMs: Infinity }, async () => {
        assert.equal(++running, 1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running--;
      }),
    ),
  );
  process.off("warning", listen);
  assert.deepEqual(warnings, []);
});

/** Ends a session in the cluster. Its client hears of it with the next heartbeat. */
const endSession = (path) => peer.cluster.expire(peer.requests.findLast((request) => request.path.endsWith(path)).body.session);

test("permits that a session keeps end with it, extended or not, and those with a TTL stay", async () => {
  const quick = open(peer.url, { sessionLeaseMs: 3000 });
  const calls = createSemaphore({ client: quick, max: 4 });
  const mutex = await createLock({ client: quick }).hold(thing);
  const alone = await calls.hold(order("2"), { permits: 2 });
  const timed = await calls.hold(thing, { owner: ann, ttlMs: 600_000 });
  const kept = await calls.hold(thing, { owner: ann, permits: 2 });
  for (const each of [mutex, alone, kept]) {
    await each.extend(600_000);
  }
  const reasons = [];
  kept.onLost((reason) => reasons.push(reason));
  endSession("/extend");
  await eventually(() => kept.state === "lost" && alone.state === "lost");
  await eventually(() => reasons[0] === "session-lost");
  assert.equal(kept.signal.aborted, true);
  assert.equal(mutex.state, "suspect", "a mutex lives as long as anything keeps it");
  assert.equal(timed.state, "suspect");
  assert.equal(await calls.available(thing), 3);
  await assert.rejects(kept.release(), LockExpiredError);
  assert.equal(await calls.available(thing), 3);
  await timed.release();
  assert.equal(await calls.available(thing), 4);
});

test("permits of one owner in two sessions end with their own", async () => {
  const quick = open(peer.url, { sessionLeaseMs: 6000 });
  const calls = createSemaphore({ client: quick, max: 4 });
  const first = await calls.hold(thing, { owner: ann });
  const session = peer.requests.at(-1).body.session;
  await lock.hold(thing);
  const stop = new AbortController();
  const waiting = createLock({ client: quick }).hold(thing, { waitMs: Infinity, signal: stop.signal });
  waiting.catch(() => {});
  await eventually(() => peer.cluster.waiters.length === 1);
  while (peer.requests.at(-1).body.session === session) {
    await createLock({ client: quick }).acquire(bob, order("2"), { ttlMs: 600_000 });
  }
  const second = await calls.hold(thing, { owner: ann });
  assert.equal(first.token, second.token);
  peer.cluster.expire(session);
  await eventually(() => first.state === "lost");
  assert.equal(second.state, "held");
  await assert.rejects(first.release(), LockExpiredError);
  assert.equal(await calls.available(thing), 3);
  await second.release();
  assert.equal(await calls.available(thing), 4);
  await assert.rejects(waiting, LockSessionLostError);
});

/** The next release is done, its answer is lost, and this comes instead of those of its repetitions. */
function loseRelease(instead) {
  let isDone = false;
  peer.meddle = (path, body, answer) => {
    if (!path.endsWith("/release")) {
      return undefined;
    }
    if (answer && !isDone) {
      isDone = true;
      return "lose";
    }
    return isDone ? instead(body) : undefined;
  };
}

function sessionEnds(body) {
  peer.meddle = undefined;
  peer.cluster.expire(body.session);
}

test("a release that may have been done leaves its hold in doubt when nobody will tell any more", async () => {
  for (const options of [{ ttlMs: 600_000 }, { untilReleased: true }]) {
    const handle = await lock.hold(thing, options);
    loseRelease(sessionEnds);
    await assert.rejects(handle.release(), LockOutcomeUnknownError);
    assert.equal(handle.state, "in-doubt");
    assert.equal(handle.isHeld, false);
    await assert.rejects(handle.release(), LockNotHeldError);
    assert.equal(handle.state, "lost");
  }
  const kept = await lock.hold(thing);
  loseRelease(() => problem(401, undefined, "who are you?"));
  await assert.rejects(kept.release(), LockOutcomeUnknownError);
  peer.meddle = undefined;
  assert.equal(kept.state, "in-doubt");
});

test("permits that may have been released are not released again", async () => {
  const calls = createSemaphore({ client, max: 2 });
  for (const instead of [sessionEnds, () => problem(401, undefined, "who are you?")]) {
    const first = await calls.hold(thing, { owner: ann, ttlMs: 600_000 });
    const second = await calls.hold(thing, { owner: ann, ttlMs: 600_000 });
    loseRelease(instead);
    await assert.rejects(first.release(), LockOutcomeUnknownError);
    peer.meddle = undefined;
    await assert.rejects(first.release(), LockOutcomeUnknownError);
    assert.equal(first.state, "in-doubt");
    assert.equal(await calls.available(thing), 1);
    assert.ok(second.isHeld);
    await second.release();
    assert.equal(await calls.available(thing), 2);
  }
});

test("an answer that was under way while its owner released gives nobody the lock", async () => {
  let answer;
  const told = new Promise((resolve) => (answer = resolve));
  peer.meddle = async (path, body, reply) => (path.endsWith("/acquire") && reply ? await told : undefined);
  const late = lock.hold(thing, { owner: ann });
  late.catch(() => {});
  await eventually(() => peer.cluster.holdsOf("mutex", "order:1").length === 1);
  await lock.release(ann, thing);
  answer();
  await assert.rejects(late, LockExpiredError);
});

test("what an owner releases is taken from permits without a handle, then from its youngest handles", async () => {
  const calls = createSemaphore({ client, max: 9 });
  const oldest = await calls.hold(thing, { owner: ann, permits: 2 });
  const middle = await calls.hold(thing, { owner: ann, permits: 2 });
  await calls.acquire(ann, thing, 1);
  const youngest = await calls.hold(thing, { owner: ann, permits: 1 });
  await calls.acquire(ann, thing, 1);
  await calls.release(ann, thing, 2);
  assert.deepEqual([oldest, middle, youngest].map(({ state, permits }) => [state, permits]), [["held", 2], ["held", 2], ["held", 1]]);
  await calls.release(ann, thing, 2);
  assert.deepEqual([oldest, middle, youngest].map(({ state }) => state), ["held", "held", "released"]);
  assert.deepEqual([oldest.permits, middle.permits], [2, 1]);
  await middle.release();
  assert.equal(await calls.available(thing), 7);
  await calls.release(ann, thing, 2);
  assert.equal(oldest.state, "released");
});

test("a handle whose permits were released elsewhere is lost", async () => {
  const calls = createSemaphore({ client, max: 9 });
  const handle = await calls.hold(thing, { owner: ann, permits: 2 });
  await createSemaphore({ client: open(peer.url), max: 9 }).release(ann, thing);
  await assert.rejects(handle.release(), (error) => error instanceof LockNotHeldError && error.held === 1);
  assert.equal(handle.state, "lost");
  assert.equal(handle.lossReason, "not-held");
  assert.ok(handle.signal.aborted);
});

test("a cancel that is refused is tried again until it is allowed", async () => {
  const quick = createLock({ client: open(peer.url, { sessionLeaseMs: 6000 }) });
  const stop = new AbortController();
  let refusals = 0;
  peer.meddle = async (path, body, answer) => {
    if (path.endsWith("/acquire") && answer) {
      stop.abort(new Error("enough"));
    }
    return path.endsWith("/cancel-acquire") && !answer && refusals++ < 2 ? problem(401 + 2 * refusals - 2, undefined, "no") : undefined;
  };
  await assert.rejects(quick.hold(thing, { signal: stop.signal }), /enough/);
  await eventually(() => actions().includes("cancel-acquire"));
  assert.equal(await lock.isLocked(thing), false);
  assert.equal(refusals, 3);
});

test("what a hook-error handler throws costs no grant", async () => {
  const { warn } = console;
  const warnings = [];
  console.warn = (...all) => warnings.push(all[1].message);
  try {
    for (const onHookError of [() => { throw new Error("handler"); }, () => Promise.reject(new Error("handler"))]) {
      const hooks = { afterAcquire: () => Promise.reject(new Error("hook")) };
      const handle = await createLock({ client: open(peer.url, { onHookError }), hooks }).hold(thing);
      assert.equal(handle.state, "held");
      await handle.release();
    }
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(warnings, ["handler", "handler"]);
});

test("that something waits is believed of acquires only, and who is told so soon pauses", async () => {
  const handle = await lock.hold(thing, { ttlMs: 600_000 });
  const made = [[202, {}], [202, { state: "waiting" }]];
  peer.meddle = (path, body, answer) => (/release$|extend$/.test(path) && !answer ? made.shift() : undefined);
  const started = performance.now();
  await handle.extend(700_000);
  assert.equal(made.length, 0);
  await lock.isLocked(thing);
  let times = 0;
  peer.meddle = (path, body, answer) => (path.endsWith("/acquire") && !answer ? [202, times++ < 4 ? { state: "waiting" } : {}] : undefined);
  const stop = new AbortController();
  const waiting = lock.hold(thing, { waitMs: Infinity, signal: stop.signal });
  waiting.catch(() => {});
  await eventually(() => times >= 8);
  assert.ok(performance.now() - started >= 8 * 20, "each pause is 20 ms at least");
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
});

test("a hold is lost when the wall clock says so, though the clock of the process stood still", async () => {
  const handle = await lock.hold(thing);
  const timed = await lock.hold(order("2"), { ttlMs: 600_000 });
  const { now } = Date;
  try {
    Date.now = () => now() + 120_000;
    assert.equal(handle.state, "lost");
    assert.equal(timed.state, "suspect");
    assert.ok(timed.leaseLeftMs < 480_000);
    Date.now = now;
    assert.equal(handle.state, "lost");
    assert.ok(timed.leaseLeftMs < 480_000);
  } finally {
    Date.now = now;
  }
});

test("a token or a fetch that never comes costs one attempt", async () => {
  let times = 0;
  const hang = () => new Promise(() => {});
  for (const options of [
    { token: () => (times++ === 0 ? hang() : "secret") },
    { fetch: (...all) => (times++ === 0 ? hang() : fetch(...all)) },
  ]) {
    times = 0;
    const locks = createLock({ client: open(peer.url, { requestTimeoutMs: 500, ...options }) });
    let isOver = false;
    const over = () => (isOver = true);
    locks.isLocked(thing).then(over, over); // An answer, if there was still time for another attempt.
    await eventually(() => times >= 1);
    await eventually(() => isOver, "the attempt ends");
    assert.equal(await locks.isLocked(thing), false);
  }
});

test("a look or a forced release that a proxy answers is none", async () => {
  const made = [[200, {}], [200, { held: 1, holds: [{}] }], [200, { held: 1, holds: [null] }], [202, { held: 0, holds: [] }]];
  peer.meddle = (path) => (path === "/v1/lockable" ? made.shift() : undefined);
  assert.equal(await lock.isLocked(thing), false);
  assert.equal(made.length, 0);
  peer.meddle = (path) => (path.endsWith("force-release") ? [200, {}] : undefined);
  await assert.rejects(lock.forceRelease(thing), LockOutcomeUnknownError);
});

test("withLock tells of a loss that only the release finds, with what the work threw", async () => {
  const lost = lock.withLock(thing, async () => {
    await lock.forceRelease(thing);
    throw new Error("work");
  });
  await assert.rejects(lost, (error) => error instanceof LockNotHeldError && error.cause.message === "work");
});
