import assert from "node:assert/strict";
import { test } from "node:test";
import { Belief } from "../../dist/belief.js";
import { clock } from "../../dist/transport.js";
import { eventually } from "./peer.js";

function beliefAt(suspectAt, deadline) {
  const clock = { time: 0 };
  return [new Belief(suspectAt, deadline, () => clock.time), clock];
}

test("the state follows from the clock, not from timers", () => {
  const [belief, clock] = beliefAt(50, 100);
  const at = (time) => ((clock.time = time), [belief.state, belief.isInDanger, belief.leftMs]);
  assert.deepEqual(at(49), ["held", false, 51]);
  assert.deepEqual(at(50), ["suspect", false, 50]);
  assert.deepEqual(at(75), ["suspect", true, 25]);
  assert.deepEqual(at(99.9)[0], "suspect");
  assert.deepEqual(at(100), ["lost", true, 0]);
});

test("a confirmation moves the deadline on, and never back", () => {
  const [belief, clock] = beliefAt(50, 100);
  assert.ok(belief.confirm(80, 150));
  assert.ok(belief.confirm(10, 20));
  clock.time = 79;
  assert.equal(belief.state, "held");
  clock.time = 149;
  assert.equal(belief.state, "suspect");
});

test("lost is final, also when a confirmation was under way", () => {
  const [belief, clock] = beliefAt(50, 100);
  clock.time = 100;
  assert.equal(belief.confirm(200, 300), false);
  clock.time = 0;
  assert.equal(belief.state, "lost", "not even a clock that goes back changes that");
  const [other] = beliefAt(50, 100);
  other.expire();
  assert.equal(other.confirm(200, 300), false);
  assert.equal(other.state, "lost");
});

test("listeners hear of each change", async () => {
  const start = performance.now();
  const belief = new Belief(start + 40, start + 120);
  const states = new Set();
  const unwatch = belief.watch(() => states.add(`${belief.state} ${belief.isInDanger}`));
  await eventually(() => states.has("lost true"));
  unwatch();
});

test("the clock follows whichever of two goes further, and never goes back", () => {
  let process = 0;
  let wall = 1_000_000;
  const now = clock(() => process, () => wall);
  const after = (processMs, wallMs) => ((process += processMs), (wall += wallMs), now());
  assert.equal(after(0, 0), 0);
  assert.equal(after(1000, 1000), 1000);
  assert.equal(after(0, 60_000), 61_000, "suspended");
  assert.equal(after(1000, 1000), 62_000);
  assert.equal(after(1000, -3_600_000), 63_000, "set back");
  assert.equal(after(10, 60_010), 123_010, "and suspended");
  for (let i = 0; i < 100; i++) {
    after(1, i % 2 === 0 ? 0 : 2);
  }
  assert.equal(now(), 123_110, "a coarse wall clock adds nothing");
});
