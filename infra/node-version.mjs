// Plain JavaScript, because an older Node cannot even load TypeScript to say so.
import { readFileSync } from 'node:fs';

const { devDependencies } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const [wanted] = devDependencies.node.split('.');
const { node: actual } = process.versions;
if (actual.split('.')[0] !== wanted) {
  console.error(
    `This project runs on Node ${wanted}, and this is Node ${actual}: run "npm ci" with install scripts allowed (without ignore-scripts), which brings Node ${wanted} along, and use "npm start", "npm test" or "npx".`,
  );
  process.exit(1);
}
