// Holds a lock, and tells what it believes: at once, and for each line that it is sent.
import { createInterface } from "node:readline";
import { connect, createLock } from "../../dist/index.js";

const client = connect(process.env.HOLDFAST_HTTP, { sessionLeaseMs: 10_000 });
const held = await createLock({ client }).hold({ type: "thing", key: "thing:sleeper" });
const tell = () => console.log(`${held.state} ${held.token}`);
tell();
for await (const _ of createInterface({ input: process.stdin })) {
  tell();
}
