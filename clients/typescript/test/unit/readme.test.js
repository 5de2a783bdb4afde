import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../readme.js";

test("the examples of the README compile", () => {
  assert.ok(compile().length >= 3);
});
