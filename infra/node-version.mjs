// Plain JavaScript, because an older Node cannot even load TypeScript to say so.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `This project runs on Node 24, and this is Node ${process.versions.node}: run "npm ci" once more (it brings Node 24 along), and use "npm start", "npm test" or "npx".`,
  );
  process.exit(1);
}
