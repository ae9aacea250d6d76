import { SFNClient } from '@aws-sdk/client-sfn';
import { UsageError } from '../command-line/arguments.ts';
import { runOperation } from '../command-line/operation.ts';
import { FUNCTION_NAMES, functionName, LIVE } from '../config/physical-names.ts';
import { describe, type Endpoint, moveAlias } from './lambda.ts';
import {
  beforeLastDeploy,
  type DeployedFunction,
  type Move,
  planMoves,
  type Version,
} from './plan.ts';

const EXAMPLE = 'npm run rollback -- --stack SlackConnectInvites';

const USAGE = `Moves the alias "${LIVE}" of all functions of a stack to the versions of an earlier moment.

  ${EXAMPLE}

  --stack NAME   the stack's name
  --to TIME      to the versions that were the newest at this time, such as 2026-11-22T10:12:31Z;
                 without it, to those before the last deploy
  --yes          do it; without it, the plan is shown and nothing changes

The credentials and the region are those of the AWS CLI: the environment, or AWS_PROFILE.
State machines, table, secrets and routes stay as they are (docs/operating.md, "Rolling back").`;

const readTime = (text: string): number => {
  const time = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `--to must be a time with its zone, such as 2026-11-22T10:12:31Z, not "${text}"`,
    );
  }
  // The plan shows whole seconds.
  return Math.floor(time / 1000) * 1000 + 999;
};

/** Whom the SDK would call as whom: as the AWS CLI does. */
async function endpointOf(env: NodeJS.ProcessEnv): Promise<Endpoint> {
  const { config } = new SFNClient({});
  const region = await config.region().catch(() => {
    throw new UsageError('No region: set AWS_REGION, or AWS_PROFILE to a profile that has one');
  });
  const credentials = await config.credentials().catch(() => {
    throw new UsageError(
      'No AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with temporary credentials, AWS_SESSION_TOKEN too)',
    );
  });
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const address = env.AWS_ENDPOINT_URL_LAMBDA ?? env.AWS_ENDPOINT_URL;
  const suffix = region.startsWith('cn-')
    ? 'amazonaws.com.cn'
    : region.startsWith('eusc-')
      ? 'amazonaws.eu'
      : 'amazonaws.com';
  return {
    url: new URL(address ?? `https://lambda.${region}.${suffix}`),
    signing: {
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
      region,
      service: 'lambda',
    },
  };
}

async function functionsOf(endpoint: Endpoint, stack: string): Promise<DeployedFunction[]> {
  const found = await Promise.all(
    FUNCTION_NAMES.map((name) => describe(endpoint, functionName(stack, name), LIVE)),
  );
  const functions = found.filter((one) => one !== undefined);
  if (functions.length > 0) return functions;
  throw new UsageError(
    `There is no function of a stack ${stack} with an alias "${LIVE}" in ${endpoint.signing.region}: check --stack, the region and the account`,
  );
}

const iso = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;
const when = ({ publishedAt }: Version) => iso(publishedAt);
const named = (version: Version) => `${version.version} (${when(version)})`;

function showPlan(moves: Move[], stack: string): void {
  const width = Math.max(...moves.map(({ name }) => name.length - stack.length - 1));
  for (const { name, from, to, why } of moves) {
    const what = to ? `${named(from)} → ${named(to)}` : `${named(from)} stays: ${why}`;
    console.log(`  ${name.slice(stack.length + 1).padEnd(width)}  ${what}`);
  }
}

/** The moments that `--to` can name: each published version's, the newest first. */
function showTimes(functions: DeployedFunction[]): void {
  const times = functions.flatMap(({ versions }) => versions.map(when));
  const newest = [...new Set(times)].sort().reverse().slice(0, 20);
  console.log(`\nVersions were published at: ${newest.join(', ')}`);
}

type Options = { stack?: string; to?: string; yes?: boolean };

async function rollBack({ stack, to, yes }: Options, env: NodeJS.ProcessEnv): Promise<void> {
  if (!stack) throw new UsageError(`Missing: --stack.\n\n${USAGE}`);

  const given = to === undefined ? undefined : readTime(to);
  const endpoint = await endpointOf(env);
  const functions = await functionsOf(endpoint, stack);
  const moment = given ?? beforeLastDeploy(functions);
  const moves = planMoves(functions, moment);
  console.log(`${stack}, to the versions of ${iso(moment)}:\n`);
  showPlan(moves, stack);
  const due = moves.filter((move): move is DueMove => move.to !== undefined);
  if (yes && due.length > 0) return moveAll(endpoint, due, { stack, moment });
  showTimes(functions);
  console.log(
    due.length > 0
      ? `Nothing was changed. Add --yes to move ${due.length}.`
      : 'There is nothing to move.',
  );
}

type DueMove = Move & { to: Version };

/** @throws UsageError that says how to go on, if some aliases could not be moved */
async function moveAll(
  endpoint: Endpoint,
  moves: DueMove[],
  { stack, moment }: { stack: string; moment: number },
): Promise<void> {
  const again = (time: number) => `npm run rollback -- --stack ${stack} --to ${iso(time)} --yes`;
  const results = await Promise.allSettled(
    moves.map(({ name, to, revisionId }) =>
      moveAlias(endpoint, name, LIVE, { FunctionVersion: to.version, RevisionId: revisionId }),
    ),
  );
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${moves[index]?.name}: ${result.reason.message}`] : [],
  );
  if (failures.length > 0) {
    const moved = moves.length - failures.length;
    throw new UsageError(
      [...failures, `Moved ${moved} of ${moves.length}. For the others: ${again(moment)}`].join(
        '\n',
      ),
    );
  }
  const newest = Math.max(...moves.map(({ from }) => from.publishedAt));
  console.log(`\nMoved ${moves.length}. Forward again: ${again(newest)}`);
}

await runOperation({
  usage: USAGE,
  example: EXAMPLE,
  options: { stack: { type: 'string' }, to: { type: 'string' }, yes: { type: 'boolean' } },
  run: async (options, env) => {
    await rollBack(options, env).catch((error: Error) => {
      // What AWS refuses is told in words, too.
      throw new UsageError(error.message);
    });
    return 0;
  },
});
