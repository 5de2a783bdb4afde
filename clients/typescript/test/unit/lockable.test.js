import assert from "node:assert/strict";
import { test } from "node:test";
import { LockRequestRejectedError, LockableParamsError, createLockOwner, createLockable, uniqueOwner } from "../../dist/index.js";

test("keys are those of the other clients", () => {
  const order = createLockable({ name: "order", singular: false, prefix: "shop" });
  assert.deepEqual(order("42"), { type: "order", key: "shop:order:42" });
  assert.equal(order({ hall: "3", bin: "7" }).key, "shop:order:bin:7:hall:3");
  assert.equal(order("a:b%").key, "shop:order:a%3Ab%25");
  assert.equal(createLockable({ name: "scheduler", singular: true })().key, "scheduler");
  assert.equal(order.name, "order");
  assert.equal(order.prefix, "shop");
  assert.equal(order.singular, false);
});

test("parameters have to fit the definition", () => {
  const one = createLockable({ name: "one", singular: true });
  const many = createLockable({ name: "many", singular: false });
  const reason = (expected) => (error) => error instanceof LockableParamsError && error.reason === expected;
  assert.throws(() => one("x"), reason("singular_with_params"));
  assert.throws(() => many(), reason("plural_without_params"));
  assert.throws(() => many(""), reason("plural_without_params"));
  assert.throws(() => many({}), reason("plural_without_params"));
});

test("names that look alike or have no bytes are refused", () => {
  const many = createLockable({ name: "many", singular: false });
  for (const wrong of ["a\nb", "\u0085", "\ud800", "x".repeat(1025)]) {
    assert.throws(() => many(wrong), LockRequestRejectedError, JSON.stringify(wrong));
  }
  assert.equal(many("\u{1f512}").key, "many:\u{1f512}");
});

test("owners have a type, an id and perhaps a scope", () => {
  const user = createLockOwner({ name: "user", within: "org" });
  assert.deepEqual(user("acme", "ada"), { type: "user", id: "ada", within: { type: "org", id: "acme" } });
  assert.deepEqual(createLockOwner({ name: "job" })("7"), { type: "job", id: "7" });
  assert.equal(user.within, "org");
  assert.throws(() => createLockOwner({ name: "job" })(""), LockRequestRejectedError);
  assert.notEqual(uniqueOwner().id, uniqueOwner().id);
});

test("unique owners are UUIDs, also where a page has no randomUUID", () => {
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  try {
    const ids = Array.from({ length: 100 }, () => uniqueOwner().id);
    assert.equal(new Set(ids).size, 100);
    ids.forEach((id) => assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/));
  } finally {
    delete crypto.randomUUID;
  }
});
