// Against a cluster: HOLDFAST_HTTP has the addresses of its peers, and HOLDFAST_PIDS their processes, in the same order, of which one is killed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, test } from "node:test";
import {
  LockAlreadyHeldError,
  LockNotHeldError,
  LockRequestRejectedError,
  SemaphoreCapacityExceededError,
  SemaphoreWaitTimedOutError,
  connect,
  createLock,
  createLockOwner,
  createLockable,
  createSemaphore,
} from "../../dist/index.js";
import { runnable } from "../readme.js";
import { eventually } from "../unit/peer.js";

const addresses = process.env.HOLDFAST_HTTP?.split(",");
const pids = process.env.HOLDFAST_PIDS?.split(",").map(Number);
const it = (name, body) => test(name, { skip: addresses ? false : "HOLDFAST_HTTP is not set" }, body);

const thing = createLockable({ name: "thing", singular: false });
const user = createLockOwner({ name: "user", within: "org" });
const ann = user("acme", "ann");
const bob = user("acme", "bob");

let clients = [];

function open(options = {}) {
  const client = connect(addresses, { requestTimeoutMs: 60_000, ...options });
  clients.push(client);
  return client;
}

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
});

it("owners acquire, are refused, extend and release, from any process", async () => {
  const key = thing("owners");
  const lock = createLock({ client: open() });
  const elsewhere = createLock({ client: open() });
  assert.equal(await lock.acquire(ann, key, { ttlMs: 600_000 }), true);
  assert.equal(await lock.acquire(ann, key), true);
  assert.equal(await elsewhere.acquire(bob, key), false);
  await assert.rejects(elsewhere.hold(key, { owner: bob }), (error) => error instanceof LockAlreadyHeldError && error.currentOwnerId === "ann");
  await assert.rejects(elsewhere.hold(key, { waitMs: 100 }), LockAlreadyHeldError);
  await assert.rejects(elsewhere.release(bob, key), LockNotHeldError);
  assert.equal(await elsewhere.extend(ann, key, 900_000), true);
  assert.deepEqual((await elsewhere.get(key)).owner, ann);
  await elsewhere.release(ann, key);
  assert.equal(await lock.isLocked(key), false);
  await assert.rejects(lock.extend(ann, key, 1000), LockNotHeldError);
  assert.equal(await lock.forceRelease(key), false);
});

it("a wait is granted with a higher token, and one that is aborted leaves the queue", async () => {
  const key = thing("waits");
  const lock = createLock({ client: open() });
  const other = createLock({ client: open() });
  const first = await lock.hold(key);
  const stop = new AbortController();
  const given = other.hold(key, { waitMs: 600_000, signal: stop.signal });
  given.catch(() => {});
  await eventually(async () => (await waiters(key)) === 1);
  const third = other.hold(key, { waitMs: Infinity });
  await eventually(async () => (await waiters(key)) === 2);
  stop.abort(new Error("enough"));
  await assert.rejects(given, /enough/);
  await eventually(async () => (await waiters(key)) === 1);
  await first.release();
  assert.ok((await third).token > first.token);
});

async function waiters({ key }) {
  for (const address of addresses) {
    const response = await fetch(`${address}/v1/lockable?kind=mutex&key=${encodeURIComponent(key)}`).catch(() => undefined);
    if (response?.ok) {
      return (await response.json()).waiterCount;
    }
  }
  return undefined;
}

it("a hold that is taken by force is lost, and so is one whose session somebody has ended", async () => {
  const lock = createLock({ client: open({ sessionLeaseMs: 12_000, name: "unlucky" }) });
  const taken = await lock.hold(thing("taken"));
  let reason;
  taken.onLost((why) => (reason = why));
  assert.equal(await createLock({ client: open() }).forceRelease(taken.lockable), true);
  await eventually(() => reason !== undefined);
  assert.equal(reason, "force-released");
  assert.ok(taken.signal.aborted);
  await assert.rejects(taken.release(), LockNotHeldError);
  const kept = await lock.hold(thing("taken"));
  const { sessions } = await (await fetch(`${addresses[0]}/v1/sessions`)).json();
  const { id } = sessions.find((session) => session.name === "unlucky");
  await fetch(`${addresses[0]}/v1/sessions/end`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ id }),
  });
  await eventually(() => kept.state === "lost");
  assert.equal(kept.lossReason, "session-lost");
  assert.ok((await lock.hold(thing("taken"))).token > kept.token);
});

it("a process that stood still finds its hold lost when it looks, and somebody else has it", async () => {
  const sleeper = spawn(process.execPath, [new URL("sleeper.js", import.meta.url).pathname], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const lines = createInterface({ input: sleeper.stdout })[Symbol.asyncIterator]();
    const [state, token] = (await lines.next()).value.split(" ");
    assert.equal(state, "held");
    sleeper.kill("SIGSTOP");
    const next = await createLock({ client: open() }).hold(thing("sleeper"), { waitMs: Infinity });
    assert.ok(next.token > Number(token));
    // Whatever it does first, be it a timer or this, it is to see the loss.
    sleeper.stdin.write("look\n");
    sleeper.kill("SIGCONT");
    assert.equal((await lines.next()).value, `lost ${token}`);
    assert.equal(next.state, "held");
  } finally {
    sleeper.kill("SIGKILL");
  }
});

it("a TTL is the same here and there", async () => {
  const key = thing("ttl");
  const lock = createLock({ client: open() });
  const handle = await lock.hold(key, { ttlMs: 3000 });
  await handle.extend(6000);
  assert.ok(handle.leaseLeftMs > 3000 && handle.leaseLeftMs <= 6000);
  await eventually(() => handle.state === "lost");
  assert.equal(handle.lossReason, "expired");
  const next = await lock.hold(key, { waitMs: 600_000 });
  assert.ok(next.token > handle.token);
});

it("permits are counted", async () => {
  const key = thing("permits");
  const calls = createSemaphore({ client: open(), max: 3 });
  assert.equal(await calls.acquire(ann, key, 2), true);
  await assert.rejects(calls.hold(key, { permits: 2 }), SemaphoreCapacityExceededError);
  await assert.rejects(calls.hold(key, { permits: 2, waitMs: 100 }), SemaphoreWaitTimedOutError);
  await assert.rejects(calls.acquire(bob, key, 4), SemaphoreCapacityExceededError);
  assert.equal(await calls.available(key), 1);
  await assert.rejects(calls.release(ann, key, 3), LockNotHeldError);
  await calls.release(ann, key);
  const two = await calls.hold(key, { permits: 2 });
  assert.equal((await calls.holders(key)).length, 2);
  await two.release();
  await calls.release(ann, key);
  assert.equal(await calls.available(key), 3);
});

it("closing the client frees what it kept, and not what has a TTL or lasts until it is released", async () => {
  const client = open();
  const lock = createLock({ client });
  await lock.hold(thing("kept"));
  await lock.hold(thing("timed"), { owner: ann, ttlMs: 600_000 });
  const lasting = await lock.hold(thing("lasting"), { owner: ann, untilReleased: true });
  assert.equal(lasting.leaseLeftMs, Infinity);
  await client.close();
  const other = createLock({ client: open() });
  assert.equal(await other.isLocked(thing("kept")), false);
  assert.equal(await other.isLocked(thing("timed")), true);
  await other.release(ann, thing("timed"));
  assert.equal(await other.isLocked(thing("lasting")), true);
  await other.release(ann, thing("lasting"));
});

it("what the cluster does not accept is said in its words", async () => {
  const lock = createLock({ client: open() });
  await assert.rejects(lock.hold({ type: "x", key: "x".repeat(2000) }), (error) => {
    assert.ok(error instanceof LockRequestRejectedError, error.name);
    assert.match(error.message, /1024 bytes/);
    return true;
  });
  assert.ok(await lock.hold(thing("still-works")));
});

it("the example of the README works", async () => {
  const { main } = await runnable(addresses);
  assert.ok(Number.isSafeInteger(await main()));
});

it("processes that count under the lock lose no count, also when a peer dies", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "holdfast-")), "counter.json");
  writeFileSync(file, JSON.stringify({ count: 0, tokens: [] }));
  const counted = () => {
    try {
      return JSON.parse(readFileSync(file, "utf8"));
    } catch {
      return { count: 0, tokens: [] }; // It is being written.
    }
  };
  const workers = [1, 2, 3, 4].map(() =>
    spawn(process.execPath, [new URL("worker.js", import.meta.url).pathname, file, "75"], { stdio: ["ignore", "inherit", "inherit"] }),
  );
  const exits = workers.map((worker) => once(worker, "exit"));
  const key = thing("killed");
  const lock = createLock({ client: open() });
  const other = createLock({ client: open() });
  const held = await lock.hold(key);
  const waiting = other.hold(key, { waitMs: Infinity });
  await eventually(async () => (await waiters(key)) === 1);
  await eventually(() => counted().count >= 20);
  if (pids) {
    process.kill(pids[await leader()], "SIGKILL");
  }
  for (const exit of exits) {
    assert.deepEqual(await exit, [0, null]);
  }
  const { count, tokens } = counted();
  assert.equal(count, 300);
  assert.ok(tokens.every((token, i) => i === 0 || token > tokens[i - 1]), String(tokens));
  assert.ok(held.isHeld, held.state);
  await held.release();
  assert.ok((await waiting).token > held.token);
});

async function leader() {
  for (;;) {
    for (const [i, address] of addresses.entries()) {
      const peer = await fetch(`${address}/v1/peer`).then((response) => response.json(), () => undefined);
      if (peer?.leads.length > 0) {
        return i;
      }
    }
  }
}
