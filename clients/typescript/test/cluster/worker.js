// Increments the counter in a file, so many times, each time under the lock; and tells of each.
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createLock, createLockable } from "../../dist/index.js";

const [file, times] = process.argv.slice(2);
const client = connect(process.env.HOLDFAST_HTTP, { name: "worker", requestTimeoutMs: 60_000 });
const lock = createLock({ client });
const counter = createLockable({ name: "counter", singular: true })();
for (let i = 0; i < Number(times); i++) {
  await lock.withLock(counter, { waitMs: Infinity }, async ({ token }) => {
    const { count, tokens } = JSON.parse(readFileSync(file, "utf8"));
    await new Promise((resolve) => setTimeout(resolve, 2));
    writeFileSync(file, JSON.stringify({ count: count + 1, tokens: [...tokens, token] }));
  });
}
await client.close();
