import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Policy, rowOf } from '../../functions/invites/policy.ts';
import { functionName, LIVE } from '../config/physical-names.ts';
import { type Credentials, signedFetch } from '../local/iam/signer.ts';
import type { Series } from '../local/metrics.ts';
import { type Deployed, readDeployed } from './deployed.ts';
import { outputOf, type Stack } from './stack.ts';

/** What the calls are made against. */
export type SmokeWorld = {
  stack: Stack;
  credentials: Credentials;
  deployed: Deployed | undefined;
  /** The name of an HR source, if the stack has any. */
  source: string | undefined;
  /** Whom to invite, and where to; undefined: nobody. */
  invitation: { channel: string; email: string } | undefined;
  startedAt: Date;
};

type Made = { result: 'passed' | 'failed' | 'skipped'; got: string };

type Call = {
  does: string;
  expects: string;
  /** Begins as after "that". */
  proves: string;
  make(world: SmokeWorld): Promise<Made>;
};

export const smokeWorld = async (
  stack: Stack,
  invitation: SmokeWorld['invitation'],
): Promise<SmokeWorld> => {
  const webhook = await readDeployed(stack, 'hr-webhook');
  return {
    stack,
    credentials: await stack.aws.lambda.config.credentials(),
    deployed: await readDeployed(stack, 'invite-task'),
    source: Object.keys(webhook?.deployment.sources ?? {})[0],
    invitation,
    startedAt: new Date(),
  };
};

const UNKNOWN_ID = `inv1_${'A'.repeat(32)}`;
/** Of no workspace: an id of a channel begins with C or G, and this one is nobody's. */
const NOWHERE = 'C0SMOKETEST';

const made = (isRight: boolean, got: string): Made => ({
  result: isRight ? 'passed' : 'failed',
  got,
});
const skipped = (got: string): Made => ({ result: 'skipped', got });

/** @returns the answer's status and code, as in `404 not_found`. */
const request = async (
  { stack, credentials }: SmokeWorld,
  path: string,
  {
    body,
    headers,
    sign = credentials,
  }: {
    body?: string;
    headers?: Record<string, string>;
    /** `null`: unsigned. */
    sign?: Credentials | null;
  } = {},
): Promise<{ told: string; text: string }> => {
  const url = new URL(outputOf(stack, 'ApiUrl').replace(/\/+$/, '') + path);
  const method = body === undefined ? 'GET' : 'POST';
  const asked = {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body }),
  };
  const response = sign
    ? await signedFetch(url, asked, { credentials: sign, region: stack.region })
    : await fetch(url, asked);
  const text = await response.text();
  const code = /"code":\s*"(\w+)"/.exec(text)?.[1];
  return { told: code ? `${response.status} ${code}` : String(response.status), text };
};

const isEverything = (policy: Policy | undefined): boolean =>
  policy === undefined || rowOf(policy, NOWHERE) !== undefined;

/** The calls in their order, each with what it shows. docs/doctor.md has them from here. */
export const CALLS = {
  read_unknown: {
    does: 'GET /invites/{id} of an id that is not there, signed',
    expects: '404 no_such_invite',
    proves:
      'your credentials, the gateway and its role check work, the function starts, and it reads the table',
    async make(world) {
      const { told } = await request(world, `/invites/${UNKNOWN_ID}`);
      return made(/^404 \w+/.test(told), told);
    },
  },
  read_unsigned: {
    does: 'the same, unsigned',
    expects: '403 of the gateway, or 401',
    proves: 'nobody reads invites without credentials',
    async make(world) {
      const { told } = await request(world, `/invites/${UNKNOWN_ID}`, { sign: null });
      return made(told === '403' || told === '401', told);
    },
  },
  read_forged: {
    does: 'the same, signed with a wrong secret key',
    expects: '403 of the gateway, or 401',
    proves: 'the gateway checks signatures',
    async make(world) {
      const sign = { ...world.credentials, secretAccessKey: 'x'.repeat(40) };
      const { told } = await request(world, `/invites/${UNKNOWN_ID}`, { sign });
      return made(told === '403' || told === '401', told);
    },
  },
  unreadable: {
    does: 'POST /invites with a body that is not JSON',
    expects: '400 unreadable_body',
    proves: 'the function answers its own problem documents through the gateway',
    async make(world) {
      const { told } = await request(world, '/invites', { body: '{' });
      return made(/^400 \w+/.test(told), told);
    },
  },
  refused_channel: {
    does: 'POST /invites for a channel that the policy does not list',
    expects: '403 channel_not_allowed',
    proves: 'the deployed policy is in force',
    async make(world) {
      // Where the policy would let it through, the call would go to Slack.
      if (isEverything(world.deployed?.deployment.policy)) {
        return skipped('the policy lists every channel');
      }
      const body = JSON.stringify({ channel: NOWHERE, emails: ['smoke@example.invalid'] });
      const { told } = await request(world, '/invites', { body });
      return made(told === '403 channel_not_allowed', told);
    },
  },
  task: {
    does: 'invoking invite-task with no recipient',
    expects: 'the error InvalidRequest',
    proves: 'you may invoke the task door, and its errors have the names that state machines catch',
    async make({ stack }) {
      const answer = await stack.aws.lambda.send(
        new InvokeCommand({
          FunctionName: functionName(stack.name, 'invite-task'),
          Qualifier: LIVE,
          Payload: Buffer.from(JSON.stringify({ channel: NOWHERE })),
        }),
      );
      const { errorType } = JSON.parse(Buffer.from(answer.Payload ?? []).toString() || '{}');
      return made(errorType === 'InvalidRequest', `the error ${errorType}`);
    },
  },
  webhook_unsigned: {
    does: 'a delivery to an HR source, unsigned',
    expects: '401',
    proves: 'the route is open to HR systems, and an unsigned delivery is refused',
    async make(world) {
      if (world.source === undefined) return skipped('the configuration has no HR source');
      const { told } = await request(world, `/webhooks/${world.source}`, {
        body: '{}',
        sign: null,
      });
      return made(told.startsWith('401'), told);
    },
  },
  webhook_forged: {
    does: 'a delivery to an HR source with a forged signature',
    expects: '401',
    proves: 'the function reads the secret of the sources and believes no signature but theirs',
    async make(world) {
      if (world.source === undefined) return skipped('the configuration has no HR source');
      const forged = 'f'.repeat(64);
      const headers = {
        ...Object.fromEntries(
          ['signature', 'x-signature', 'x-bamboohr-signature'].map((name) => [
            name,
            `sha256 ${forged}`,
          ]),
        ),
        authorization: `Bearer ${forged}`,
        'x-bamboohr-timestamp': String(Math.floor(Date.now() / 1000)),
      };
      const path = `/webhooks/${world.source}`;
      const { told } = await request(world, path, { body: '{}', headers, sign: null });
      return made(told.startsWith('401'), told);
    },
  },
  execution: {
    does: 'StartExecution of the workflow for an id that is not there',
    expects: 'it fails with Conflict',
    proves:
      'the workflow may invoke the functions, which take a ticket, read the table, and send nothing that nobody requested',
    async make({ stack }) {
      const { executionArn } = await stack.aws.stepFunctions.send(
        new StartExecutionCommand({
          stateMachineArn: outputOf(stack, 'WorkflowArn'),
          name: `smoke-${randomUUID()}`,
          input: JSON.stringify({ id: UNKNOWN_ID, generation: 1 }),
        }),
      );
      for (let waited = 0; waited < 60; waited += 1) {
        const { status, error } = await stack.aws.stepFunctions.send(
          new DescribeExecutionCommand({ executionArn }),
        );
        if (status !== 'RUNNING') {
          return made(
            status === 'FAILED' && error === 'Conflict',
            `${status} ${error ?? ''}`.trim(),
          );
        }
        await sleep(1_000);
      }
      return made(false, 'it still runs after a minute, behind others in the queue');
    },
  },
  metric: {
    does: 'looking for the metric that the first call left',
    expects: 'Invites, of the function invite-api, outcome refused',
    proves: "the functions' logs become metrics, without which no alarm can ring",
    async make(world) {
      for (let waited = 0; waited < 30; waited += 1) {
        const count = await counted(world);
        if (count > 0) return made(true, `Invites ${count}`);
        await sleep(world.stack.isLocal ? 200 : 5_000);
      }
      return made(false, 'no such metric');
    },
  },
  invitation: {
    does: 'POST /invites for the person named on the command line',
    expects: '201, or 200 if there is an invite already',
    proves: 'the token, the channel and the way to Slack work',
    async make(world) {
      if (!world.invitation) return skipped('nobody was named (--channel and --email)');
      const { channel, email } = world.invitation;
      const body = JSON.stringify({ channel, emails: [email] });
      const { told, text } = await request(world, '/invites', { body });
      const { status } = JSON.parse(text) as { status?: string };
      return made(/^20[01]/.test(told), `${told} ${status ?? ''}`.trim());
    },
  },
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof CALLS;

/** How often `invite-api` refused since the calls began, by the metric. */
const counted = async ({ stack, startedAt }: SmokeWorld): Promise<number> => {
  const dimensions = { stack: stack.name, function: 'invite-api', outcome: 'refused' };
  if (stack.isLocal) {
    const url = new URL('/_local/metrics', await endpointOf(stack));
    const { metrics } = (await (await fetch(url)).json()) as { metrics: Series[] };
    const own = metrics.find(
      ({ name, dimensions: found }) =>
        name === 'Invites' &&
        found.function === dimensions.function &&
        found.outcome === dimensions.outcome,
    );
    return own?.points.reduce((sum, point) => sum + point.sum, 0) ?? 0;
  }
  const { Datapoints = [] } = await stack.aws.cloudWatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'SlackConnectInvites',
      MetricName: 'Invites',
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(startedAt.getTime() - 60_000),
      EndTime: new Date(Date.now() + 60_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
};

const endpointOf = async ({ aws }: Stack): Promise<string> => {
  const { protocol, hostname, port } = await (aws.lambda.config.endpoint?.() ??
    Promise.reject(new Error('the local run has no endpoint')));
  return `${protocol}//${hostname}:${port}`;
};
