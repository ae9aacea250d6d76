import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allow as allowCommand } from '../../infra/operate/allow.ts';
import { deliveryOf } from '../support/deliveries.ts';
import { newcomer, newestRecord, untilIdle } from '../support/hr-events.ts';
import { CHANNEL, type LocalRun, startLocalRun } from '../support/local-run.ts';
import { operate } from '../support/operated.ts';
import { ASYNC, delayLane, openLane, untilSettled } from '../support/queue.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await startLocalRun({
    policy: {
      channels: { [CHANNEL]: { emailDomains: ['listed.example'] } },
      deniedEmailDomains: ['acme.example'],
    },
  });
});
afterAll(() => run.close());
beforeEach(() => run.dynamo('DeleteItem', { Key: { pk: { S: `grant#${CHANNEL}` } } }));

const allow = (...args: string[]) => operate(run, allowCommand, ...args);
const GRANT = ['--channel', CHANNEL, '--domain', 'partner.example', '--reason', 'signed today'];

let people = 0;
const newRequest = () => ({ channel: CHANNEL, emails: `granted.${++people}@partner.example` });

describe('npm run allow', () => {
  test('lets a domain in from the next request on, and --revoke ends it', async () => {
    const request = newRequest();
    expect(await run.post(request)).toMatchObject({
      status: 403,
      body: {
        code: 'email_domain_not_allowed',
        detail: expect.stringMatching(/partner\.example.*channels\.C0PARTNER01\.emailDomains/),
      },
    });
    const { code, output } = await allow(...GRANT, '--until', '2099-01-01');
    expect(output).toContain('partner.example, every caller: in force, until 2099-01-01T00:00:00');
    expect(code).toBe(0);
    expect(await run.post(request)).toMatchObject({ status: 201 });
    expect((await run.task(newRequest())).payload.status).toBe('sent');

    expect(await allow('--revoke', ...GRANT)).toMatchObject({ code: 0 });
    expect(await run.post(newRequest())).toMatchObject({ status: 403 });
    expect((await run.task(newRequest())).payload.errorType).toBe('NotAllowed');
  });

  test('keeps who did it, when and why, and lists what is over, too', async () => {
    await allow(...GRANT, '--caller', 'role/crm');
    await allow('--revoke', ...GRANT.slice(0, 4), '--reason', 'left');
    await allow('--channel', 'C0UNLISTED1', '--domain', '*.B.example', '--reason', 'a trial');
    const who = 'by arn:aws:iam::000000000000:user/local';
    const { output } = await allow('--list');
    expect(output).toMatch(/C0PARTNER01\n {2}partner\.example, role\/crm: revoked\n/);
    expect(output).toMatch(new RegExp(`granted 20[\\d-]+T[\\d:.]+Z ${who}: signed today\n`));
    expect(output).toMatch(new RegExp(`revoked 20[\\d-]+T[\\d:.]+Z ${who}: left\n`));
    expect(output).toContain('C0UNLISTED1\n  *.b.example, every caller: in force\n');
    const one = await allow('--list', '--channel', 'C0UNLISTED1');
    expect(one.output).not.toContain(CHANNEL);
    expect(await allow('--list', '--channel', 'C0NOTHING01')).toMatchObject({
      code: 0,
      output: 'Nothing was ever granted in C0NOTHING01.\n',
    });
  });

  test('to one caller leaves the others out', async () => {
    await allow(...GRANT, '--caller', 'task');
    expect(await run.post(newRequest())).toMatchObject({ status: 403 });
    expect((await run.task(newRequest())).payload.status).toBe('sent');
  });

  test('that is revoked while a request waits ends it NotAllowed', async () => {
    await allow(...GRANT);
    await delayLane(run, 10);
    const { body } = await run.post(newRequest(), ASYNC);
    expect(body.status).toBe('queued');
    await allow('--revoke', ...GRANT);
    expect(await untilSettled(run, body.id)).toMatchObject({
      status: 'failed',
      error: { class: 'NotAllowed', code: 'email_domain_not_allowed' },
    });
    await openLane(run);
  });

  test('is for HR rules, too', async () => {
    await allow(...GRANT, '--caller', 'source/greenhouse');
    await run.deliver(deliveryOf('greenhouse', newcomer()));
    await untilIdle(run);
    expect((await newestRecord(run)).status).toEqual({ S: 'sent' });
  });
});

describe('is refused in words', () => {
  test.each<[string, string[], RegExp]>([
    ['nothing', [], /^Missing: --channel, --domain, --reason\./],
    ['no reason', GRANT.slice(0, 4), /^Missing: --reason\./],
    ['a name of a channel', ['--channel', '#x', ...GRANT.slice(2)], /^--channel must be the id of/],
    ['all domains', [...GRANT, '--domain', '*'], /^--domain must be a domain: only the config/],
    ['an address', [...GRANT, '--domain', 'a@b.example'], /U\+0040 at position 2/],
    ['an invisible character', [...GRANT, '--domain', 'b\u200b.example'], /U\+200B at position 2/],
    ['a denied domain', [...GRANT, '--domain', 'eu.acme.example'], /deniedEmailDomains/],
    ['a caller of no form', [...GRANT, '--caller', 'crm'], /^--caller must be one of the callers/],
    ['an end that is no day', [...GRANT, '--until', '2099-02-30'], /^--until must be a date/],
    ['an end in words', [...GRANT, '--until', 'tomorrow'], /^--until must be a date/],
    ['an end in the past', [...GRANT, '--until', '2020-01-01'], /is over already/],
    ['a reason of two lines', [...GRANT.slice(0, 4), '--reason', 'a\nb'], /^--reason must be one/],
    ['nothing to revoke', ['--revoke', ...GRANT], /^Nothing that is in force is granted/],
    ['a list of a domain', ['--list', '--domain', 'b.example'], /^--domain means nothing with/],
    ['an end of an end', ['--revoke', ...GRANT, '--until', '2099-01-01'], /^--until means nothing/],
  ])('%s', async (_, args, words) => {
    const { code, output } = await allow(...args);
    expect(output).toMatch(words);
    expect(output).not.toContain('    at ');
    expect(code).toBe(1);
  });
});

test('what a person copies is read as at every door', async () => {
  const { output } = await allow(
    ...['--channel', ` ${CHANNEL}\n`, '--domain', '\tBücher.example\u00a0', '--reason', ' x '],
  );
  expect(output).toContain('  xn--bcher-kva.example, every caller: in force\n');
});
