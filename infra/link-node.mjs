// Puts the Node of the lock file where "npm run" and "npx" look for programs. Every platform has a
// package of its own, all with a program of the same name, and npm 10 links none of them. Plain
// JavaScript, since the Node that runs it is the machine's.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';

const packages = new URL('../node_modules/', import.meta.url);
const platform = `${process.platform}-${process.arch}`;
const own = [`node-${platform}`, `node-bin-${platform}`].find((name) =>
  existsSync(new URL(`${name}/bin/node`, packages)),
);
if (own !== undefined) {
  const link = new URL('.bin/node', packages);
  mkdirSync(new URL('.', link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(`../${own}/bin/node`, link);
}
