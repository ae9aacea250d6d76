import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startAwsProxy } from '../support/aws-proxy.ts';
import { type Changes, startFunctionsAgain } from '../support/functions-again.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun();
});
afterAll(() => run.close());
beforeEach(() => run.sandbox('POST', 'reset'));

let people = 0;
const newRequest = () => ({ channel: CHANNEL, emails: [`wired.${++people}@partner.example`] });

const functionsWith = async (changes: Changes) => {
  const functions = await startFunctionsAgain(run, changes);
  onTestFinished(functions.close);
  return functions;
};

describe('what the stack decided gets to the domain', () => {
  test('workspace: a token of another one is 502, and sends nothing', async () => {
    const { post } = await functionsWith({ config: { workspace: 'T0CAUTIOUS1' } });
    expect(await post(newRequest())).toMatchObject({
      status: 502,
      body: { class: 'SlackCredentials', code: 'wrong_workspace' },
    });
    expect(await run.slackCalls()).toBe(0);
  });

  test('workspace: the token of the right one sends, and is looked at once a process', async () => {
    const { post } = await functionsWith({ config: { workspace: 'T0ACMECORP1' } });
    for (let time = 0; time < 3; time += 1)
      expect(await post(newRequest())).toMatchObject({ status: 201 });
    expect(await run.slackCalls()).toBe(3);
    expect(await run.slackCalls('auth.test')).toBe(1);
  });

  test('retentionDays: after a send, the table keeps the item for that long', async () => {
    const { post } = await functionsWith({ config: { retentionDays: 30 } });
    const { body } = await post(newRequest());
    const { Item } = await run.dynamo('GetItem', { Key: { pk: { S: `invite#${body.id}` } } });
    const { ttl } = Item as { ttl: { N: string } };
    const seconds = Number(ttl.N) - Date.now() / 1000;
    expect(Math.abs(seconds - 30 * 86_400)).toBeLessThan(60);
  });
});

// The domain has half a second; the backstop acts a second later, and Lambda another one later.
const SHORT = 2500;

describe.each([
  ['does not answer', 'before'],
  ['stalls in the middle of its answer', 'after'],
] as const)('a table that %s', (_, stallsAt) => {
  test('is given up at the domain’s own deadline: 503, nothing sent', async () => {
    const proxy = await startAwsProxy(run.stack.awsUrl, ({ when }) =>
      when === stallsAt ? 'stall' : false,
    );
    onTestFinished(proxy.close);
    const { post, task } = await functionsWith({
      environment: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
      timeoutMs: SHORT,
    });
    const [http, thrown] = await Promise.all([post(newRequest()), task(newRequest())]);

    expect(http).toMatchObject({
      status: 503,
      body: { class: 'Unavailable', code: 'table_unavailable' },
    });
    expect(thrown.payload.errorType).toBe('Unavailable');
    expect(await run.slackCalls()).toBe(0);
  });
});

test('a secret that stalls in the middle of its answer is given up: 503, nothing sent', async () => {
  const proxy = await startAwsProxy(run.stack.awsUrl, ({ when }) =>
    when === 'after' ? 'stall' : false,
  );
  onTestFinished(proxy.close);
  const { post } = await functionsWith({
    environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: proxy.url },
  });
  expect(await post(newRequest())).toMatchObject({
    status: 503,
    body: { class: 'Unavailable', code: 'secret_unavailable' },
  });
  expect(await run.slackCalls()).toBe(0);
});
