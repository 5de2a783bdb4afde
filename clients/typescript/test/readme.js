// The README's examples, as modules. They are compiled as a user's would be.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const folder = new URL("dist/readme/", root);

export function compile(change = (code) => code) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const readme = readFileSync(new URL("README.md", root), "utf8");
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => change(match[1]));
  const files = examples.map((code, i) => {
    const file = new URL(`example${i}.ts`, folder);
    writeFileSync(file, code);
    return file.pathname;
  });
  const options = { target: "ES2022", module: "NodeNext", lib: ["ES2022", "DOM", "ESNext.Disposable"], types: [], strict: true, noUnusedLocals: true };
  writeFileSync(new URL("tsconfig.json", folder), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
  const tsc = new URL("node_modules/typescript/bin/tsc", root).pathname;
  try {
    execFileSync(process.execPath, [tsc, "-p", folder.pathname], { cwd: root, encoding: "utf8" });
  } catch (error) {
    throw new Error(`an example of README.md does not compile:\n${error.stdout}`);
  }
  return files.map((file) => file.replace(/\.ts$/, ".js"));
}

/** The first example, for a cluster with these addresses. */
export async function runnable(addresses) {
  const [first] = compile((code) => code.replace(/"http:\/\/127[^"]*"/, JSON.stringify(addresses.join(","))));
  return import(first);
}
