import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionModel, FunctionSpec } from '../../infra/local/lambda/function-model.ts';
import { LOOKUP_CREDENTIALS, WEBHOOK_SECRETS } from '../support/sources.ts';
import {
  type Baseline,
  type Build,
  bundleBaselines,
  checkOut,
  type Door,
  LIFECYCLE,
  PROJECT,
  synthesizeTree,
} from './builds.ts';
import { makeCertificate } from './certificate.ts';
import {
  hrDelivery,
  invitationRequest,
  queued,
  SIGNING_SECRET,
  slackEvent,
  task,
  turn,
} from './events.ts';
import { type Call, type Fakes, SLACK_INVITE_ID, startFakes } from './fakes.ts';
import { startFunction } from './function-process.ts';

/** A function to be measured, and the event of each call of it. */
export type Subject = { spec: FunctionSpec; event: () => object; prepare?: () => void };

/** Where the services are. */
export type Addresses = Fakes['addresses'];

/** What the parts of the benchmark measure. */
export type World = {
  fakes: Fakes;
  /** Today's source tree, and that of the base where there is one. */
  trees: Record<'now', string> & Partial<Record<'base', string>>;
  builds: Record<'now', Build> & Partial<Record<'base', Build>>;
  /** Today's stack that follows what becomes of its invitations. */
  withLifecycle: Build;
  baselines: Record<Baseline, string>;
  /** Variables that every function has: whose certificates it trusts. */
  more: Record<string, string>;
  /** A function of ours, at other addresses than the fakes' own if so. */
  ours(build: 'now' | 'base' | 'lifecycle', door: Door, addresses?: Addresses): Subject;
  baseline(name: Baseline, addresses?: Addresses): Subject;
  close(): Promise<void>;
};

const EVENTS: Partial<Record<Door, () => object>> = {
  'invite-api': invitationRequest,
  'invite-task': task,
  'lane-ticket': queued,
  'hr-webhook': hrDelivery,
};

/** @param base a revision of git. */
export const createWorld = async (base: string): Promise<World> => {
  const directory = mkdtempSync(join(tmpdir(), 'slack-connect-invites-bench-'));
  const inside = (name: string) => join(directory, name);
  const certificate = makeCertificate(directory);
  const baselines = await bundleBaselines(inside('baselines'));
  const baseTree = checkOut(base, inside('base'));
  const builds: World['builds'] = {
    now: await synthesizeTree(PROJECT, inside('assembly-now')),
    ...(baseTree && { base: await synthesizeTree(baseTree, inside('assembly-base')) }),
  };
  const withLifecycle = await synthesizeTree(PROJECT, inside('assembly-lifecycle'), LIFECYCLE);
  const fakes = await startFakes(certificate);
  giveSecrets(fakes, builds.now);
  giveSecrets(fakes, withLifecycle);
  const more = { NODE_EXTRA_CA_CERTS: certificate.caFile };
  const specOf = (model: FunctionModel, addresses = fakes.addresses) =>
    specAt(addresses, model, more);

  const stories = new Map<string, Story>();
  for (const [build, functions] of Object.entries({ ...builds, lifecycle: withLifecycle })) {
    for (const door of STORIES) {
      const model = functions[door];
      if (!model) continue;
      const walk = (by: Door, event: () => object) => {
        fakes.table.clear();
        return callsOf(fakes, { spec: specOf(functions[by]), event });
      };
      stories.set(`${build}: ${door}`, await storyOf(door, walk, fakes.table));
    }
  }
  const callsFile = inside('calls.json');
  const calls = await callsOf(fakes, {
    spec: specOf(builds.now['invite-api']),
    event: invitationRequest,
  });
  writeFileSync(
    callsFile,
    JSON.stringify(calls.filter(({ service }) => service !== 'secretsmanager')),
  );

  return {
    fakes,
    trees: { now: PROJECT, ...(baseTree && { base: baseTree }) },
    builds,
    withLifecycle,
    baselines,
    more,
    ours(name, door, addresses) {
      const build = name === 'lifecycle' ? withLifecycle : (builds[name] as Build);
      const spec = specOf(build[door], addresses);
      const event = EVENTS[door];
      if (event) return { spec, event };
      const story = stories.get(`${name}: ${door}`) as Story;
      const prepare = () => {
        for (const [key, item] of story.items) fakes.table.set(key, item);
      };
      return { spec, event: story.event, prepare };
    },
    baseline(name, addresses) {
      const model = builds.now['invite-api'];
      const spec = specOf(model, addresses);
      const environment = { ...spec.environment, CALLS: callsFile };
      const codeDir = baselines[name];
      return { spec: { ...spec, name, codeDir, environment }, event: invitationRequest };
    },
    async close() {
      await fakes.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

/** The function as it is started: its environment of the template, and the way to the fakes. */
export const specAt = (
  addresses: Addresses,
  { name, arn, codeDir, timeoutMs, memoryMb, environment }: FunctionModel,
  more: Record<string, string> = {},
): FunctionSpec => ({
  name,
  arn,
  codeDir,
  timeoutMs,
  memoryMb,
  environment: {
    ...environment,
    AWS_ACCESS_KEY_ID: 'ASIABENCHMARK0000000',
    AWS_SECRET_ACCESS_KEY: 'benchmark',
    AWS_SESSION_TOKEN: 'b'.repeat(600),
    AWS_ENDPOINT_URL_DYNAMODB: addresses.dynamodb.href,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: addresses.secretsmanager.href,
    AWS_ENDPOINT_URL_SFN: addresses.states.href,
    AWS_ENDPOINT_URL_EVENTBRIDGE: addresses.events.href,
    SLACK_API_URL: new URL('/api/', addresses.slack).href,
    ...more,
  },
});

/** Puts values into the secrets that a build's functions are told of. */
export const giveSecrets = (fakes: Fakes, build: Build): void => {
  for (const { environment } of Object.values(build)) {
    const { SECRET_ARN, WEBHOOK_SECRET_ARN, LOOKUP_SECRET_ARN, SIGNING_SECRET_ARN } = environment;
    if (SECRET_ARN) fakes.secrets.set(SECRET_ARN, JSON.stringify({ token: 'xoxb-benchmark' }));
    if (WEBHOOK_SECRET_ARN) fakes.secrets.set(WEBHOOK_SECRET_ARN, JSON.stringify(WEBHOOK_SECRETS));
    if (LOOKUP_SECRET_ARN) fakes.secrets.set(LOOKUP_SECRET_ARN, JSON.stringify(LOOKUP_CREDENTIALS));
    if (SIGNING_SECRET_ARN) fakes.secrets.set(SIGNING_SECRET_ARN, SIGNING_SECRET);
  }
};

/** The calls that a function makes for its first event. */
export const callsOf = async (fakes: Fakes, { spec, event, prepare }: Subject): Promise<Call[]> => {
  const running = await startFunction(spec);
  fakes.calls.length = 0;
  prepare?.();
  await running.invoke(event());
  await running.stop();
  return fakes.calls.splice(0);
};

/** Functions that only act on what another one has left in the table. */
const STORIES = ['invite-turn', 'hr-invite', 'slack-events'] as const;

/** What another function has left in the table, and the event that follows. */
type Story = { event: () => object; items: Fakes['table'] };

const storyOf = async (
  door: (typeof STORIES)[number],
  walk: (door: Door, event: () => object) => Promise<Call[]>,
  table: Fakes['table'],
): Promise<Story> => {
  const items = async (by: Door, event: () => object) => {
    const calls = await walk(by, event);
    const started = calls.find(({ operation }) => operation === 'StartExecution');
    const { input = '{}' } = JSON.parse(started?.body ?? '{}');
    return { input: JSON.parse(input), items: new Map(table) };
  };
  switch (door) {
    case 'hr-invite': {
      const { input, items: left } = await items('hr-webhook', hrDelivery);
      return { event: () => input, items: left };
    }
    case 'invite-turn': {
      const { input, items: left } = await items('invite-api', () =>
        invitationRequest(undefined, { prefer: 'respond-async' }),
      );
      return { event: () => turn(input), items: left };
    }
    case 'slack-events': {
      const { items: left } = await items('invite-api', invitationRequest);
      return { event: () => slackEvent(SLACK_INVITE_ID), items: left };
    }
  }
};
