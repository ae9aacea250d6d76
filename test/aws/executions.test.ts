import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { executionsOf, workflowOf } from '../../functions/aws/executions.ts';
import type { InviteError } from '../../functions/errors/invite-error.ts';

const ARN = 'arn:aws:states:eu-central-1:000000000000:stateMachine:invites';
const QUEUED = { id: `inv1_${'A'.repeat(32)}`, generation: 1_893_456_000_000 };
const NAME = `${QUEUED.id}-1893456000000`;

type Answer = { error: string } | { status: string; input?: string } | 'hangs' | 'drops';
type Operation = 'StartExecution' | 'DescribeExecution';

/** A Step Functions that answers each operation as the test says, again and again. */
let server: Server;
let answers: Partial<Record<Operation, Answer>>;
let requests: [operation: Operation, input: unknown][];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] as Operation;
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk);
    requests.push([operation, JSON.parse(Buffer.concat(body).toString())]);
    const answer = answers[operation] ?? { status: 'RUNNING' };
    if (answer === 'hangs') return;
    if (answer === 'drops') {
      request.socket.destroy();
      return;
    }
    const failed = 'error' in answer;
    response.writeHead(failed ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
    const message = `User ${ARN} is not allowed`;
    response.end(
      JSON.stringify(
        failed
          ? { __type: `com.amazonaws.swf.service.v2.model#${answer.error}`, message }
          : { ...answer, executionArn: 'arn', startDate: 1 },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_SFN', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  answers = {};
  requests = [];
});

const start = (signal = new AbortController().signal) =>
  workflowOf(executionsOf(ARN)).start(QUEUED, { signal });

const failureOf = (starting: Promise<unknown>): Promise<InviteError> =>
  starting.then(
    () => expect.unreachable(),
    (failure) => failure,
  );

describe('a start', () => {
  test('is of the execution of this generation, with ids only', async () => {
    expect(await start()).toBe(true);
    const input = JSON.stringify(QUEUED);
    expect(requests).toEqual([['StartExecution', { stateMachineArn: ARN, name: NAME, input }]]);
  });

  test('of what runs already, with the same input, is a start', async () => {
    expect([await start(), await start()]).toEqual([true, true]);
    expect(requests[1]).toEqual(requests[0]);
  });

  test('of what runs already, with the input written otherwise, is a start', async () => {
    answers = {
      StartExecution: { error: 'ExecutionAlreadyExists' },
      DescribeExecution: { status: 'RUNNING', input: JSON.stringify(QUEUED, null, 2) },
    };
    expect(await start()).toBe(true);
    const executionArn = `${ARN.replace('stateMachine', 'execution')}:${NAME}`;
    expect(requests.at(-1)).toEqual(['DescribeExecution', { executionArn }]);
  });

  test('of what exists with the very same input is none, though its description says that it runs', async () => {
    answers = {
      StartExecution: { error: 'ExecutionAlreadyExists' },
      DescribeExecution: { status: 'RUNNING', input: JSON.stringify(QUEUED) },
    };
    expect(await start()).toBe(false);
  });

  test.each(['SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT', 'PENDING_REDRIVE'])(
    'of what has %s is none',
    async (status) => {
      answers = {
        StartExecution: { error: 'ExecutionAlreadyExists' },
        DescribeExecution: { status },
      };
      expect(await start()).toBe(false);
    },
  );
});

describe.each([
  ['start', {}],
  ['look at what has the name', { StartExecution: { error: 'ExecutionAlreadyExists' } }],
] as const)('where the %s fails', (_, before) => {
  const operation = 'StartExecution' in before ? 'DescribeExecution' : 'StartExecution';
  const failing = (answer: Answer, signal?: AbortSignal) => {
    answers = { ...before, [operation]: answer };
    return failureOf(start(signal));
  };

  test.each([
    'AccessDeniedException',
    'StateMachineDoesNotExist',
    'StateMachineDeleting',
    'InvalidArn',
    'InvalidName',
    'InvalidExecutionInput',
    'UnrecognizedClientException',
  ])('for %s, it is a defect, and nothing of the account is repeated', async (error) => {
    const failure = await failing({ error });
    expect(failure).toMatchObject({ name: 'Defect', facts: { code: 'workflow_misconfigured' } });
    expect(failure.message).toContain(error);
    expect(`${failure.message} ${JSON.stringify(failure)}`).not.toContain('arn:aws');
    expect(requests.at(-1)?.[0]).toBe(operation);
  });

  test.each<[string, Answer]>([
    ['is throttled', { error: 'ThrottlingException' }],
    ['meets a limit', { error: 'ExecutionLimitExceeded' }],
    ['meets a failure of the service', { error: 'InternalServerError' }],
    ['finds nothing yet', { error: 'ExecutionDoesNotExist' }],
    ['hears nothing', 'drops'],
  ])('since it %s, the same may be asked again', async (_reason, answer) => {
    const failure = await failing(answer);
    expect(failure).toMatchObject({
      name: 'Unavailable',
      facts: { code: 'workflow_unavailable', retryAfter: 5 },
    });
    expect(failure.message).toMatch(/may be in the queue or not\. Send the same request again/);
    expect(`${failure.message} ${JSON.stringify(failure)}`).not.toContain('arn:aws');
  });

  test('since it hangs, it is given up at the invocation’s signal', async () => {
    const hanging = new AbortController();
    const failure = failing('hangs', hanging.signal);
    await expect.poll(() => requests.at(-1)?.[0]).toBe(operation);
    hanging.abort();
    expect(await failure).toMatchObject({ name: 'Unavailable' });
  });
});

test('after the signal, nothing is begun', async () => {
  expect(await failureOf(start(AbortSignal.abort()))).toMatchObject({ name: 'Unavailable' });
  expect(requests).toEqual([]);
});
