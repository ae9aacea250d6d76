import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Delivery } from '../support/deliveries.ts';
import {
  driveEveryEvent,
  EVENT_CODES,
  EVENT_POLICY,
  EVENT_SECRETS,
} from '../support/every-event.ts';
import { counted, eventExecutions, impatient } from '../support/hr-events.ts';
import { type HrStandIn, startHrStandIn } from '../support/hr-stand-in.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { SOURCES } from '../support/sources.ts';

let run: LocalRun;
let hr: HrStandIn;
let delivered: Delivery[];
let calls: number;
beforeAll(async () => {
  hr = await startHrStandIn();
  run = await startLocalRun({
    policy: EVENT_POLICY,
    edit: impatient,
    lookupOrigin: hr.origin,
  });
  ({ delivered, calls } = await driveEveryEvent(run, hr));
}, 120_000);
afterAll(async () => {
  await run.close();
  await hr.close();
});

/** By what the deliveries proved themselves. */
const proofs = (): string[] =>
  delivered
    .flatMap(({ headers }) => Object.entries(headers))
    .filter(([name]) => /signature|authorization/.test(name))
    .map(([, value]) => value);

describe('what the functions print', () => {
  test.each(EVENT_SECRETS)('never holds %s', (secret) => {
    expect(run.lines.filter((line) => line.includes(secret))).toEqual([]);
  });

  test('never holds a signature', () => {
    const all = proofs();
    expect(all.length).toBeGreaterThan(50);
    for (const proof of all) {
      expect(run.lines.filter((line) => line.includes(proof))).toEqual([]);
    }
  });

  test('says why a delivery was refused, by a reason off a list', () => {
    const reasons = run.lines
      .filter((line) => line.includes('"delivery_refused"'))
      .map((line) => JSON.parse(line).message.reason);
    expect([...new Set(reasons)].sort()).toEqual([
      'bad_signature',
      'body_too_large',
      'invalid_json',
      'invalid_utf8',
      'missing_header',
      'not_a_handshake',
      'not_an_object',
      'stale',
      'too_deep',
      'unknown_source',
    ]);
  });
});

describe('the history of an event’s execution', () => {
  test('begins with its id and holds no address, secret, signature or field of the event', async () => {
    const executions = await eventExecutions(run);
    expect(executions.length).toBeGreaterThan(20);
    for (const { executionArn, name } of executions) {
      const described = await run.states('DescribeExecution', { executionArn });
      const event = name.slice(0, name.lastIndexOf('-'));
      expect(JSON.parse(String(described.input))).toEqual({ event });
      const history = await run.states('GetExecutionHistory', { executionArn, maxResults: 1000 });
      const all = JSON.stringify([described, history]);
      for (const secret of [...EVENT_SECRETS, ...proofs()]) expect(all).not.toContain(secret);
    }
  });
});

describe('the metrics', () => {
  type Emf = Record<string, unknown> & {
    _aws: { CloudWatchMetrics: { Dimensions: string[][] }[] };
  };
  const records = (): Emf[] =>
    run.lines.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));

  test('of the door count every result, under the names of sources only', () => {
    const all = counted(run.lines);
    expect([...new Set(all.map(([, result]) => result))].sort()).toEqual([
      'accepted',
      'duplicate',
      'failed',
      'ignored',
      'refused',
    ]);
    const known = [...Object.keys(SOURCES), 'unknown'];
    expect(all.filter(([source]) => !known.includes(source))).toEqual([]);
    expect(all.filter(([source]) => source === 'unknown')).toEqual([['unknown', 'refused', 1]]);
  });

  test('of the door are one record for each result of a delivery, one for failed expressions, and one for an error', () => {
    const own = records().filter((record) => record.function === 'hr-webhook');
    const keys = own.map(({ requestId, result, code }) => `${requestId} ${result} ${code}`);
    expect(new Set(keys).size).toBe(own.length);
    const sets = own.flatMap(({ _aws }) =>
      _aws.CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions.map((set) => set.join())),
    );
    expect([...new Set(sets)].sort()).toEqual([
      'stack,class',
      'stack,code',
      'stack,function,class',
      'stack,function,result',
      'stack,source',
      'stack,source,result',
    ]);
  });

  test('of the functions behind it are one record an invocation', () => {
    const own = records().filter((record) => record.function !== 'hr-webhook');
    expect(own).toHaveLength(calls);
    expect(new Set(own.map(({ requestId }) => requestId)).size).toBe(calls);
  });

  test('count every code that an event can come to', () => {
    const codes = new Set(records().map(({ code }) => code));
    expect(EVENT_CODES.filter((code) => !codes.has(code))).toEqual([]);
    expect(codes).not.toContain('other');
  });

  test('of hr-invite know how an event went on', () => {
    const own = records().filter((record) => record.function === 'hr-invite');
    expect([...new Set(own.map(({ outcome }) => outcome))].sort()).toEqual([
      'blocked',
      'existing',
      'given_up',
      'pending_email',
      'queued',
      'refused',
    ]);
  });
});
