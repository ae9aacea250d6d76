import { readFileSync } from 'node:fs';
import type { ChannelPolicy, Policy } from '../invites/policy.ts';
import type { HrSource } from '../webhooks/source.ts';

/**
 * What the stack decided at deploy and outgrows a function's environment of 4 KB: a file beside the
 * code, with the members that the function needs.
 */
export type Deployment = {
  policy: Policy & { channels: Readonly<Record<string, ChannelPolicy>> };
  sources: Readonly<Record<string, HrSource>>;
};

/** The file's name, next to the bundle. */
export const DEPLOYMENT_FILE = 'deployment.json';

const BEFORE_ROWS = '"channels":{\n';
const AFTER_ROWS = '\n}';

/** Writes the file: JSON, with a line for each channel, which {@link readDeployment} counts on. */
export const deploymentText = ({ policy, ...others }: Partial<Deployment>): string => {
  if (!policy) return JSON.stringify(others);
  const { channels, ...rest } = policy;
  const rows = Object.entries(channels).map(
    ([channel, row]) => `${JSON.stringify(channel)}:${JSON.stringify(row)}`,
  );
  const written = `{${BEFORE_ROWS}${rows.join(',\n')}${AFTER_ROWS}${further(rest)}`;
  return `{"policy":${written}${further(others)}`;
};

/** The end of an object that has members already. */
const further = (members: object): string => {
  const text = JSON.stringify(members);
  return text === '{}' ? '}' : `,${text.slice(1)}`;
};

/**
 * Reads the file. A channel is parsed when somebody wants its row, and none before: thousands of
 * them cost a cold start nothing.
 */
export const readDeployment = (
  file: string,
): { policy?: Policy; sources?: Deployment['sources'] } => {
  const bytes = readFileSync(file);
  const start = bytes.indexOf(BEFORE_ROWS);
  if (start === -1) return JSON.parse(String(bytes));
  // Each row begins behind a line end.
  const begin = start + BEFORE_ROWS.length - 1;
  const end = bytes.indexOf(AFTER_ROWS, begin);
  const { policy, ...others } = JSON.parse(
    `${bytes.toString('utf8', 0, begin)}${bytes.toString('utf8', end)}`,
  );
  const rows = bytes.subarray(begin, end);
  return { ...others, policy: { ...policy, channels: (channel: string) => rowIn(rows, channel) } };
};

const rowIn = (rows: Buffer, channel: string): ChannelPolicy | undefined => {
  const name = `\n${JSON.stringify(channel)}:`;
  const at = rows.indexOf(name);
  if (at === -1) return undefined;
  const begin = at + Buffer.byteLength(name);
  const end = rows.indexOf('\n', begin);
  return JSON.parse(rows.toString('utf8', begin, end === -1 ? rows.length : end - 1));
};
