import { rmSync } from 'node:fs';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalStack, type LogEntry, startLocalStack } from '../../infra/local/local-stack.ts';
import { writeAssembly } from '../support/local-assembly.ts';
import { operator, signedFetch } from '../support/local-signing.ts';
import { templateWithMachine } from './assembly.ts';

/** A door that starts the workflow with what it is told to do, and does what the workflow tells it. */
const code = `
import { SFNClient, StartExecutionCommand } from ${JSON.stringify(import.meta.resolve('@aws-sdk/client-sfn'))};
const sfn = new SFNClient();
const later = JSON.stringify({ retry_after: 1 });
let calls = 0;
const doings = {
  ticket: () => ({ at: new Date(Date.now() + 50).toISOString(), more: 1 }),
  well: () => ({ ok: true }),
  later: () => {
    if (calls++ > 0) return { calls };
    throw Object.assign(new Error(later), { name: 'Later' });
  },
  away: () => { throw Object.assign(new Error('nobody there'), { name: 'Away' }); },
  crash: () => process.exit(3),
};
export const handler = async (event) => {
  if (event.do) return doings[event.do]();
  const [name, task] = event.body.split(' ');
  const command = new StartExecutionCommand({
    stateMachineArn: process.env.WORKFLOW_ARN, name, input: JSON.stringify({ do: task }),
  });
  const { executionArn } = await sfn.send(command);
  return { statusCode: 202, body: executionArn };
};
`;

const lines: LogEntry[] = [];
let directory: string;
let stack: LocalStack;

beforeAll(async () => {
  directory = writeAssembly(templateWithMachine(), code);
  stack = await startLocalStack({
    assemblyDir: directory,
    stackName: 'Stack',
    ports: { http: 0, aws: 0 },
    slackApiUrl: 'http://127.0.0.1:3001/api/',
    slackToken: 'xoxb-put-in-by-the-operator',
    log: (entry) => lines.push(entry),
  });
});

afterAll(async () => {
  await stack.close();
  rmSync(directory, { recursive: true });
});

/** Starts an execution by the HTTP door and waits for its end. */
async function run(name: string, task: string) {
  const response = await signedFetch(`${stack.apiUrl}/items`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: `${name} ${task}`,
  });
  const executionArn = await response.text();
  const client = new SFNClient({
    endpoint: stack.awsUrl,
    region: 'us-east-1',
    credentials: operator,
  });
  const describe = () => client.send(new DescribeExecutionCommand({ executionArn }));
  await expect
    .poll(async () => (await describe()).status, { timeout: 15_000, interval: 100 })
    .not.toBe('RUNNING');
  return describe();
}

test('the stack says which state machines there are', () => {
  expect(stack.stateMachines).toEqual([
    {
      name: 'Stack-workflow',
      arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Stack-workflow',
    },
  ]);
});

test('a function starts an execution, which calls functions', async () => {
  expect(await run('well', 'well')).toMatchObject({ status: 'SUCCEEDED', output: '{"ok":true}' });
});

test('what a function tells in its error is waited for, and asked again', async () => {
  expect(await run('later', 'later')).toMatchObject({ status: 'SUCCEEDED', output: '{"calls":2}' });
});

test('an error that stays ends the execution after the retries', async () => {
  const { status, error, cause } = await run('away', 'away');
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'Away' });
  expect(JSON.parse(cause ?? '')).toMatchObject({
    errorType: 'Away',
    errorMessage: 'nobody there',
    trace: expect.any(Array),
  });
});

test('a function that dies is told by the name that Lambda has for it', async () => {
  expect(await run('crash', 'crash')).toMatchObject({
    status: 'FAILED',
    error: 'Runtime.ExitError',
    cause: expect.stringContaining('exit status 3'),
  });
});

test("each end is logged under the state machine's name", () => {
  expect(lines.filter(({ source }) => source === 'Stack-workflow')).toEqual(
    [
      /^well SUCCEEDED/,
      /^later SUCCEEDED/,
      /^away FAILED Away/,
      /^crash FAILED Runtime\.ExitError/,
    ].map((pattern) => ({ source: 'Stack-workflow', line: expect.stringMatching(pattern) })),
  );
});

test('the end of the stack aborts what is under way', async () => {
  const signed = await signedFetch(`${stack.awsUrl}/`, {
    method: 'POST',
    service: 'states',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartExecution',
    },
    body: JSON.stringify({
      stateMachineArn: stack.stateMachines[0]?.arn,
      name: 'last',
      input: '{"do":"well"}',
    }),
  });
  expect(signed.status).toBe(200);
  await stack.close();
  expect(lines).toContainEqual({
    source: 'Stack-workflow',
    line: expect.stringMatching(/^last ABORTED/),
  });
});
