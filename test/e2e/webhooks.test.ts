import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PROVIDER_NAMES } from '../../functions/webhooks/providers.ts';
import { deliveryOf, signedDelivery } from '../support/deliveries.ts';
import {
  counted,
  eventExecutions,
  mailsTo,
  newcomer,
  untilIdle,
  untilInvited,
} from '../support/hr-events.ts';
import { type HrStandIn, startHrStandIn } from '../support/hr-stand-in.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { endToEndOf } from '../support/provider-samples.ts';
import { SENDERS } from '../support/signatures.ts';
import { type OtherSource, ROTATED, SOURCES, signingSecret } from '../support/sources.ts';

let run: LocalRun;
let hr: HrStandIn;
beforeAll(async () => {
  hr = await startHrStandIn();
  run = await startLocalRun({ lookupOrigin: hr.origin });
});
afterAll(async () => {
  await run.close();
  await hr.close();
});
beforeEach(() => run.sandbox('POST', 'reset'));

/** Only the signed time tells two events of theirs apart: of what is signed anew the invite decides. */
const OTHERS: OtherSource[] = ['bamboohr-fields', 'generic-hmac'];
const DATED: string[] = [
  ...PROVIDER_NAMES.filter((name) => endToEndOf(name).events[0]?.id.startsWith('dated:')),
  ...OTHERS,
];

/** What the door counted during an action. */
const countedDuring = async (action: () => Promise<unknown>) => {
  const start = run.lines.length;
  await action();
  return counted(run.lines.slice(start));
};

test('there is a sender for every provider', () => {
  const providers = SENDERS.map((name) => SOURCES[name]?.provider);
  expect(PROVIDER_NAMES.filter((name) => !providers.includes(name))).toEqual([]);
});

describe.each(SENDERS)('a signed delivery of %s', (source) => {
  const person = newcomer();
  const first = deliveryOf(source, person);
  let executions: number;

  test('becomes an invitation', async () => {
    hr.people.set(person.id, person.email);
    executions = (await eventExecutions(run)).length;
    const results = await countedDuring(async () => {
      const response = await run.deliver(first);
      expect([response.status, await response.text()]).toEqual([200, '']);
      await untilInvited(run, person.email);
    });
    expect(results).toEqual([[source, 'accepted', 1]]);
  });

  test('delivered again is a duplicate', async () => {
    const results = await countedDuring(async () => {
      expect((await run.deliver(first)).status).toBe(200);
    });
    expect(results).toEqual([[source, 'duplicate', 1]]);
    await untilIdle(run);
    expect((await eventExecutions(run)).length).toBe(executions + 1);
    expect(await mailsTo(run, person.email)).toBe(0);
  });

  test('signed anew a minute later sends nothing either', async () => {
    const again = deliveryOf(source, person, Date.now() + 60_000);
    const results = await countedDuring(async () => {
      expect((await run.deliver(again)).status).toBe(200);
    });
    expect(results).toEqual([[source, DATED.includes(source) ? 'accepted' : 'duplicate', 1]]);
    await untilIdle(run);
    expect(await run.slackCalls()).toBe(0);
  });
});

describe('a sender that makes sure of the address', () => {
  const nothingStarts = async (action: () => Promise<unknown>) => {
    const before = (await eventExecutions(run)).length;
    expect(await countedDuring(action)).toEqual([]);
    expect((await eventExecutions(run)).length).toBe(before);
  };
  const challenge = (headers: Record<string, string>) =>
    run.deliver({ source: 'okta', method: 'GET', headers, body: '' });

  test('gets Okta’s challenge back, if it knows the secret', async () => {
    await nothingStarts(async () => {
      const response = await challenge({
        authorization: signingSecret('okta'),
        'x-okta-verification-challenge': 'Bh9mPjq4t7',
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toEqual({ verification: 'Bh9mPjq4t7' });
    });
  });

  test('gets no challenge back without the secret', async () => {
    const response = await challenge({ 'x-okta-verification-challenge': 'Bh9mPjq4t7' });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('Bh9mPjq4t7');
  });

  test.each(['Ping test', '{"text":"Ping test"}'])(
    'gets 200 for HiBob’s unsigned %s',
    async (body) => {
      await nothingStarts(async () => {
        const headers = { 'content-type': 'application/json' };
        const ping = await run.deliver({ source: 'hibob', method: 'POST', headers, body });
        expect(ping.status).toBe(200);
      });
    },
  );

  test.each(['greenhouse', 'ashby'] as const)(
    'gets 200 for the signed ping of %s',
    async (source) => {
      await nothingStarts(async () => {
        const ping = await run.deliver(signedDelivery(source, '{"action":"ping"}'));
        expect(ping.status).toBe(200);
      });
    },
  );

  test('gets 401 for a ping of Greenhouse that nobody signed', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = '{"action":"ping"}';
    const ping = await run.deliver({ source: 'greenhouse', method: 'POST', headers, body });
    expect(ping.status).toBe(401);
  });

  test('gets 200 for Deel’s simulation', async () => {
    const body =
      '{"data":{"meta":{"event_type":"contract.created","is_simulation":true},"resource":{"worker_email":"simulated@partner.example"}}}';
    await nothingStarts(async () => {
      expect((await run.deliver(signedDelivery('deel', body))).status).toBe(200);
    });
  });
});

test('either of two secrets signs while they are rotated', async () => {
  for (const secret of ROTATED) {
    const { email } = newcomer();
    const body = JSON.stringify({
      action: 'hire_candidate',
      payload: {
        application: { candidate: { email_addresses: [{ type: 'personal', value: email }] } },
      },
    });
    expect((await run.deliver(signedDelivery('greenhouse', body, { secret }))).status).toBe(200);
    await untilInvited(run, email);
  }
});
