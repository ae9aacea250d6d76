import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Step, startAwsProxy } from '../support/aws-proxy.ts';
import { type FunctionsAgain, killBusy, startFunctionsAgain } from '../support/functions-again.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';

const TASK = 'SlackConnectInvites-invite-task';

let run: LocalRun;
/** The same functions once more, their way to the table leading through a proxy that kills them. */
let fragile: FunctionsAgain;
let proxy: Awaited<ReturnType<typeof startAwsProxy>>;
let deathAt: ((step: Step) => boolean) | undefined;

beforeAll(async () => {
  run = await startLocalRun();
  proxy = await startAwsProxy(run.stack.awsUrl, (step) => {
    if (!deathAt?.(step)) return false;
    deathAt = undefined;
    killBusy(fragile.lambda, TASK);
    return true;
  });
  fragile = await startFunctionsAgain(run, {
    environment: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
  });
});
afterAll(async () => {
  await fragile.close();
  await proxy.close();
  await run.close();
});
beforeEach(() => run.sandbox('POST', 'reset'));

let people = 0;
const newRequest = () => ({ channel: CHANNEL, emails: [`fragile.${++people}@partner.example`] });

/** Asks at the fragile door. @returns what Lambda says of the dead process. */
const dieAt = async (input: object, death: NonNullable<typeof deathAt>): Promise<string> => {
  deathAt = death;
  const { payload } = await fragile.task(input);
  expect(deathAt).toBeUndefined();
  return String(payload.errorType);
};

type Claimed = { pk: object; claim?: object; ttl: { N: string } };
const claims = async () => {
  const { Items } = (await run.dynamo('Scan', {})) as { Items: Claimed[] };
  return Items.filter(({ claim }) => claim !== undefined);
};

/** Lets the lease of whatever is claimed end. */
const leaseEnds = async () => {
  for (const { pk } of await claims()) {
    await run.dynamo('UpdateItem', {
      Key: { pk },
      UpdateExpression: 'SET claim.#until = :past',
      ExpressionAttributeNames: { '#until': 'until' },
      ExpressionAttributeValues: { ':past': { N: '1' } },
    });
  }
};

// The writes of one invitation, in their order: claim, gate, sending, (Slack,) settle.
const isClaim = ({ operation, body }: Step) =>
  operation === 'PutItem' && body.includes('attribute_not_exists');
const isGate = ({ operation }: Step) => operation === 'UpdateItem';
const isSending = ({ operation, body }: Step) =>
  operation === 'PutItem' && body.includes('"sending"');
const isSettle = ({ operation, body }: Step) =>
  operation === 'PutItem' && body.includes('"sent"') && !body.includes('"claim"');

describe('a function killed before anything was sent', () => {
  test.each([
    ['before the claim', isClaim, 'before', 201],
    ['after the claim', isClaim, 'after', 409],
    ['before its place at the gate', isGate, 'before', 409],
    ['after its place at the gate', isGate, 'after', 409],
    ['before the mark', isSending, 'before', 409],
  ] as const)(
    '%s loses nothing: asked again, at the latest when the lease is over, it sends',
    async (_, is, when, status) => {
      const request = newRequest();
      const died = await dieAt(request, (step) => step.when === when && is(step));
      expect(died).toBe('Runtime.ExitError');
      expect(await run.slackCalls()).toBe(0);

      const early = await run.post(request);
      expect(early.status).toBe(status);
      if (status === 409) {
        expect(early.body.class).toBe('InProgress');
        await leaseEnds();
        expect(await run.post(request)).toMatchObject({ status: 201, body: { attempts: 1 } });
      }
      expect(await run.slackCalls()).toBe(1);
    },
  );

  test('leaves a claim that the table drops within a day, since no invite came to be', async () => {
    await dieAt(newRequest(), (step) => step.when === 'after' && isClaim(step));
    const [left, ...others] = await claims();
    const seconds = Number(left?.ttl.N) - Date.now() / 1000;
    expect(others).toEqual([]);
    expect(seconds).toBeGreaterThan(86_400 - 60);
    expect(seconds).toBeLessThan(86_400 + 60);
    await leaseEnds();
  });
});

describe('a function killed when something may have been sent', () => {
  const unknownUntilResent = async (request: object, callsBefore: number) => {
    expect(await run.post(request)).toMatchObject({ status: 409, body: { class: 'InProgress' } });
    await leaseEnds();
    const refused = await run.post(request);
    expect(refused).toMatchObject({ status: 409, body: { class: 'OutcomeUnknown', attempts: 1 } });
    expect(await run.get(`/invites/${refused.body.id}`)).toMatchObject({
      body: { status: 'unknown' },
    });
    expect(await run.slackCalls()).toBe(callsBefore);

    expect(await run.post({ ...request, resend: 1 })).toMatchObject({
      status: 201,
      body: { attempts: 2 },
    });
    expect(await run.slackCalls()).toBe(callsBefore + 1);
  };

  test('after the mark is unknown, and a resend sends', async () => {
    const request = newRequest();
    await dieAt(request, (step) => step.when === 'after' && isSending(step));
    await unknownUntilResent(request, 0);
  });

  test('while Slack has the request is unknown, and a resend sends', async () => {
    const request = newRequest();
    await run.sandbox('POST', 'faults', { hang: true, times: 1 });
    const dying = fragile.task(request);
    await expect.poll(() => run.slackCalls()).toBe(1);
    killBusy(fragile.lambda, TASK);
    await dying;
    await unknownUntilResent(request, 1);
  });

  test('before the settlement is unknown, and a resend sends', async () => {
    const request = newRequest();
    await dieAt(request, (step) => step.when === 'before' && isSettle(step));
    await unknownUntilResent(request, 1);
  });

  test('after the settlement is sent: asked again, nothing happens', async () => {
    const request = newRequest();
    await dieAt(request, (step) => step.when === 'after' && isSettle(step));
    expect(await run.post(request)).toMatchObject({ status: 200, body: { status: 'sent' } });
    expect(await run.slackCalls()).toBe(1);
  });

  test('during a resend never sends a third time by itself', async () => {
    const request = newRequest();
    await run.post(request);
    await dieAt({ ...request, resend: 1 }, (step) => step.when === 'before' && isSettle(step));
    await leaseEnds();
    for (const again of [request, { ...request, resend: 1 }]) {
      expect(await run.post(again)).toMatchObject({
        status: 409,
        body: { class: 'OutcomeUnknown', attempts: 2 },
      });
    }
    expect(await run.slackCalls()).toBe(2);
  });
});

describe('a lost answer of the table', () => {
  test.each([
    ['claim', isClaim],
    ['mark', isSending],
    ['settlement', isSettle],
  ] as const)(
    'to the %s, which did land, is found again: one call, one invitation',
    async (_, is) => {
      let lost = false;
      deathAt = undefined;
      const request = newRequest();
      const flaky = await startAwsProxy(run.stack.awsUrl, (step) => {
        if (lost || step.when !== 'after' || !is(step)) return false;
        lost = true;
        return true;
      });
      const again = await startFunctionsAgain(run, {
        environment: { AWS_ENDPOINT_URL_DYNAMODB: flaky.url },
      });
      try {
        const { payload, functionError } = await again.task(request);
        expect(functionError).toBeUndefined();
        expect(payload).toMatchObject({ status: 'sent', attempts: 1 });
        expect(lost).toBe(true);
        expect(await run.post(request)).toMatchObject({ status: 200, body: { status: 'sent' } });
        expect(await run.slackCalls()).toBe(1);
      } finally {
        await again.close();
        await flaky.close();
      }
    },
  );
});
