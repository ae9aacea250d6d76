import { once } from 'node:events';
import { createServer } from 'node:net';
import { UsageError } from '../command-line/arguments.ts';

/** The ports of the local run. */
export type Ports = { http: number; slack: number; aws: number; hr: number };

/** The variables of the environment that move them. */
const VARIABLES = { http: 'PORT', slack: 'SLACK_PORT', aws: 'AWS_PORT', hr: 'HR_PORT' } as const;

/** @throws UsageError for anything but a port, and for one port in two places */
export const readPorts = (env: NodeJS.ProcessEnv): Ports => {
  const ports = {
    http: httpPort(env),
    slack: slackPort(env),
    aws: awsPort(env),
    hr: readPort(env, VARIABLES.hr, 3003),
  };
  const [twice] = Object.values(Object.groupBy(entries(ports), ({ port }) => port)).filter(
    (group) => group && group.length > 1,
  );
  if (twice) {
    const names = twice.map(({ variable }) => variable).join(' and ');
    throw new UsageError(`${names} must differ: each is ${twice[0]?.port}`);
  }
  return ports;
};

/** The port of the local Slack. @throws UsageError */
export const slackPort = (env: NodeJS.ProcessEnv): number => readPort(env, VARIABLES.slack, 3001);

/** The port of the HTTP API. @throws UsageError */
export const httpPort = (env: NodeJS.ProcessEnv): number => readPort(env, VARIABLES.http, 3000);

/** The port of the AWS services. @throws UsageError */
export const awsPort = (env: NodeJS.ProcessEnv): number => readPort(env, VARIABLES.aws, 3002);

/**
 * Makes sure that the ports are free, before the seconds that a synthesis takes.
 * @throws UsageError naming every port that is not, and what to do
 */
export const assertFree = async (ports: Partial<Ports>): Promise<void> => {
  const tried = await Promise.all(
    entries(ports).map(async (entry) => ({ ...entry, problem: await problemOf(entry.port) })),
  );
  const found = tried.filter(({ problem }) => problem !== undefined);
  if (found.length === 0) return;
  const said = found.map(
    ({ variable, port, problem }) => `The port ${port} ${problem} (${variable}).`,
  );
  const instead = found.map(({ variable, port }) => `${variable}=${otherPort(port)}`);
  throw new UsageError(
    `${said.join(' ')} End what uses it, or choose another one, as in ${instead.join(' ')} npm start`,
  );
};

const entries = (ports: Partial<Ports>) =>
  Object.entries(ports).map(([name, port]) => ({
    variable: VARIABLES[name as keyof Ports],
    port,
  }));

const readPort = (env: NodeJS.ProcessEnv, variable: string, standard: number): number => {
  const text = env[variable];
  if (text === undefined || text === '') return standard;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535) {
    throw new UsageError(`${variable} must be a port from 1 to 65535, not "${text}"`);
  }
  return value;
};

const problemOf = async (port: number): Promise<string | undefined> => {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EADDRINUSE' ? 'is in use' : `cannot be had, ${code}`;
  }
  server.close();
  await once(server, 'close');
  return undefined;
};

/** A number that is easy to remember next to the first. It may not be free. */
const otherPort = (port: number): number =>
  port < 1024 ? port + 8000 : port < 65_000 ? port + 100 : port - 100;
