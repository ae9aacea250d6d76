import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from './builds.ts';
import { goalTable, missed, type Row } from './report.ts';

const PACKAGES = ['@aws-sdk/client-secrets-manager', '@slack/web-api', 'esbuild', 'undici'];

/** What the figures were taken on, and how. */
export const machine = ({ rounds, first }: { rounds: number; first: boolean }): string => {
  const { devDependencies, dependencies } = JSON.parse(
    readFileSync(join(PROJECT, 'package.json'), 'utf8'),
  );
  const versions = PACKAGES.map(
    (name) => `${name} ${{ ...devDependencies, ...dependencies }[name]}`,
  );
  const processors = cpus();
  return [
    `${new Date().toISOString().slice(0, 10)}, revision ${revision()}`,
    `${processors.length} processors (${processors[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, ${process.arch}`,
    `Node ${process.versions.node}, ${versions.join(', ')}`,
    `${rounds} rounds${first ? ', before everything else that ran on the machine (a control group of the greatest weight)' : ''}`,
  ]
    .map((line) => `- ${line}`)
    .join('\n');
};

const revision = (): string => {
  try {
    const args = ['describe', '--always', '--dirty'];
    return execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
};

/** Which goals were not reached in this run. */
const goalsText = (rows: readonly Row[]): string => {
  const beyond = missed(rows).map(({ what, now, goal }) => `- ${what}: ${now}, goal ${goal}`);
  if (beyond.length === 0) return 'Every goal was reached in this run.';
  return `Not reached in this run:

${beyond.join('\n')}

A start has a part that no code of a function shortens: Node itself, the line *empty*. On a machine that
others use at the same time that part is a larger share of the plain function's time, and every ratio
is nearer to 1.`;
};

type Contents = { rows: Row[]; details: string[]; base: string; machine: string };

/** The text of docs/benchmarks.md. */
export const document = ({ rows, details, base, machine }: Contents): string => `# Benchmarks

\`npm run bench\` takes these figures and writes this page. \`npm run bench -- --help\` says how to take
some of them, and beside which revision. The machine decides the milliseconds; the ratios were taken
within a round, and compare.

${machine}

${goalTable(rows, base)}

${goalsText(rows)}

## Method

The functions' bundles come out of a synthesis, as a deploy uploads them. Each runs in a process of
its own under the local run's Runtime API and runtime client, which loads \`node:http\` by \`require\`
as AWS's own client does: an ES import of it would take most of 20 ms, and hide them where a bundle
does the same. AWS and Slack are servers on this machine behind TLS, with a certificate authority of
their own, that answer at once and check nothing. In each round everything is measured once, in
turn. A figure is the median of all rounds, a ratio the median of the ratios within a round. The stack
is one without \`lifecycle\`; where a figure has it, that is said.

- The *plain function* ([plain.ts](../test/bench/baselines/plain.ts)) sends an invitation by
  \`@slack/web-api\` with a token from the SDK's client of Secrets Manager, bundled with the SDK and
  otherwise as the CDK bundles by default. It keeps no ledger, no pace and no connection apart.
- The *floor* ([floor.ts](../test/bench/baselines/floor.ts)) makes the same calls as \`invite-api\`,
  recorded from a new invitation, with the least code. It keeps its connections, Slack's among them.
- *empty* is Node and the runtime client, and a handler that does nothing.
- *base* is the same function at revision ${base}, with the packages that it had.

What a table of this page does not say of a deploy: no real network was measured, no ARM64, and not
Lambda's own work before the process starts.

## Figures

${details.join('\n\n')}
`;
