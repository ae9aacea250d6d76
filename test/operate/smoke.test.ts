import { afterAll, beforeAll, expect, test } from 'vitest';
import { smoke } from '../../infra/operate/smoke.ts';
import { CALLS } from '../../infra/operate/smoke-calls.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { operated } from '../support/operated.ts';

let run: LocalRun;

beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());

test('every call of the smoke test passes against the local run, and nobody is invited', async () => {
  const outcomes = await smoke(await operated(run), undefined);
  expect(outcomes.map(({ call, result, got }) => `${call} ${result}: ${got}`)).toEqual([
    'read_unknown passed: 404 no_such_invite',
    'read_unsigned passed: 403',
    'read_forged passed: 403',
    'unreadable passed: 400 unreadable_body',
    'refused_channel passed: 403 channel_not_allowed',
    'task passed: the error InvalidRequest',
    'webhook_unsigned passed: 401',
    'webhook_forged passed: 401',
    'execution passed: FAILED Conflict',
    expect.stringMatching(/^metric passed: Invites \d+$/),
    'invitation skipped: nobody was named (--channel and --email)',
  ]);
  expect(await run.slackCalls()).toBe(0);
});

test('it invites the person who is named, and nobody else', async () => {
  const invitation = { channel: 'C0PARTNER01', email: 'smoke@partner.example' };
  const outcomes = await smoke(await operated(run), invitation);
  expect(outcomes.at(-1)).toEqual({ call: 'invitation', result: 'passed', got: '201 sent' });
  expect(await run.slackCalls()).toBe(1);
});

test('a call that goes wrong fails, and the others are made all the same', async () => {
  const stack = await operated(run);
  const outputs = { ...stack.outputs, WorkflowArn: `${stack.outputs.WorkflowArn}-nowhere` };
  const outcomes = await smoke({ ...stack, outputs }, undefined);
  expect(outcomes.filter(({ result }) => result === 'failed').map(({ call }) => call)).toEqual([
    'execution',
  ]);
  expect(outcomes).toHaveLength(Object.keys(CALLS).length);
});
