import { describe, expect, test } from 'vitest';
import { createDoor } from '../../functions/webhooks/door.ts';
import { createEvaluate, createSandbox } from '../../functions/webhooks/expression.ts';
import { applyRules, type RuleMatch, type RulesOutcome } from '../../functions/webhooks/rules.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { INVOCATION } from '../support/invocation.ts';
import { post } from '../support/verify-deliveries.ts';
import { codeBlocksOf, read } from './markdown.ts';

// The recipes of docs/webhooks.md, each tried with what it shows of its sender's deliveries.

const PAGE = read('docs/webhooks.md');
const blocks = codeBlocksOf(PAGE, 'json').map((block) => JSON.parse(block));
const sources: Record<string, HrSource> = Object.assign(
  {},
  ...blocks.map(({ sources }) => sources ?? {}),
);
/** Deliveries that the page shows within its text. */
const inline = [...PAGE.matchAll(/`(\{"event":"contractor\.joined".*?\})`/g)].map(
  ([, json]) => json,
);

const sandbox = createSandbox();
const evaluate = createEvaluate(sandbox);

/** Sends a delivery to the door of one recipe. @returns the status, and whom its rules take. */
const deliver = async (
  name: string,
  secret: string,
  headers: Record<string, string>,
  body: string,
  query: Record<string, string> = {},
) => {
  const outcomes: RulesOutcome[] = [];
  const secrets = async () => ({ signing: [secret] });
  const door = createDoor({
    sources: new Map([[name, sources[name] as HrSource]]),
    secrets: { of: secrets, renewed: secrets },
    sandbox,
    receive: async ({ source }, events) => {
      outcomes.push(...events.map((event) => applyRules(source, event, () => evaluate)));
      return { received: [] };
    },
  });
  const result = await door(name, { ...post(headers, body), query }, INVOCATION);
  const taken = outcomes.flatMap((outcome): Partial<RuleMatch>[] => outcome.taken);
  expect(outcomes.flatMap(({ failed }) => failed)).toEqual([]);
  return {
    reply: 'reply' in result ? result.reply : undefined,
    taken: taken.map(({ email, lookupId, reference }) => ({ email, lookupId, reference })),
  };
};

const JSON_TYPE = { 'content-type': 'application/json' };
const basic = (credential: string) => `Basic ${Buffer.from(credential).toString('base64')}`;

test('Workday’s report invites the contingent workers in it, by the first address there is', async () => {
  const [report] = blocks.filter(({ Report_Entry }) => Report_Entry);
  const secret = 'ISU_Slack:correct-horse';
  const { reply, taken } = await deliver(
    'workday',
    secret,
    { ...JSON_TYPE, authorization: basic(secret) },
    JSON.stringify(report),
  );
  expect(reply?.status).toBe(200);
  expect(taken).toEqual([
    { email: 'casey@partner.example', lookupId: undefined, reference: 'C-1042' },
  ]);
});

describe('Entra ID', () => {
  const [notice] = blocks.filter(({ value }) => value);
  const secret = notice.value[0].clientState as string;

  test('has its members looked up who were added, and not those who were removed', async () => {
    const { reply, taken } = await deliver('entra', secret, JSON_TYPE, JSON.stringify(notice));
    expect(reply?.status).toBe(200);
    const id = '9cfaeffd-5afd-563e-bbf6-dde4467330ee';
    expect(taken).toEqual([{ email: undefined, lookupId: id, reference: id }]);
  });

  test('is not believed with another client state', async () => {
    const forged = JSON.stringify(notice).replaceAll(secret, 'another-client-state');
    const { reply, taken } = await deliver('entra', secret, JSON_TYPE, forged);
    expect(reply?.status).toBe(401);
    expect(taken).toEqual([]);
  });

  test('gets its validation token back', async () => {
    const query = { validationToken: 'Validation: Testing client application reachability' };
    const { reply } = await deliver('entra', secret, {}, '', query);
    expect(reply).toMatchObject({ status: 200, body: query.validationToken });
  });

  test.each([
    [
      { otherMails: ['casey@partner.example'], mail: 'casey@acme.example' },
      'casey@partner.example',
    ],
    [{ otherMails: [], mail: 'casey@partner.example' }, 'casey@partner.example'],
    [{ otherMails: [], mail: null }, undefined],
  ])('reads the address out of a user such as %j', (user, email) => {
    const { lookup } = sources.entra as HrSource;
    expect(evaluate(lookup?.email ?? '', user, user)).toEqual({ value: email });
  });
});

describe('what one composes', () => {
  const secret = 'a-secret-of-one-s-own';
  const casey = 'casey@partner.example';
  const [zapier = '', make = ''] = inline;

  test('in Zapier invites the person', async () => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${secret}` };
    const { reply, taken } = await deliver('zapier', secret, headers, zapier);
    expect(reply?.status).toBe(200);
    expect(taken).toEqual([{ email: casey, lookupId: undefined, reference: '1042' }]);
    const trial = JSON.stringify({ ...JSON.parse(zapier), test: true });
    expect((await deliver('zapier', secret, headers, trial)).taken).toEqual([]);
  });

  test('in Make invites all people of one request', async () => {
    const headers = { ...JSON_TYPE, 'x-api-key': secret };
    const { reply, taken } = await deliver('make', secret, headers, make);
    expect(reply?.status).toBe(200);
    expect(taken.map(({ email, reference }) => [email, reference])).toEqual([
      [casey, '1042'],
      ['robin@partner.example', '1043'],
    ]);
  });

  const multipart = ['--b', 'Content-Disposition: form-data; name="email"', '', casey, '--b--', ''];
  test.each([
    ['JSON', 'application/json', JSON.stringify({ email: casey })],
    [
      'a form',
      'application/x-www-form-urlencoded',
      new URLSearchParams({ email: casey }).toString(),
    ],
    ['form data', 'multipart/form-data; boundary=b', multipart.join('\r\n')],
  ])('in n8n invites the person, as %s', async (_name, type, body) => {
    const headers = {
      'content-type': type,
      authorization: `Bearer ${secret}`,
      'x-event': 'contractor.joined',
    };
    const { reply, taken } = await deliver('n8n', secret, headers, body);
    expect(reply?.status).toBe(200);
    expect(taken.map(({ email }) => email)).toEqual([casey]);
  });
});

test('BambooHR’s fields give the address bare or in an object', () => {
  const [rule] = (sources['bamboo-fields'] as HrSource).rules;
  for (const home of ['casey@partner.example', { value: 'casey@partner.example' }]) {
    const event = { id: '5', changedFields: ['Home Email'], fields: { 'Home Email': home } };
    const outcome = applyRules(
      { rules: rule ? [rule] : [] },
      { payload: event, body: event },
      () => evaluate,
    );
    expect(outcome).toMatchObject({
      taken: [{ email: 'casey@partner.example', reference: '5' }],
      failed: [],
    });
  }
});
