import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEvaluate, createSandbox } from '../../functions/webhooks/expression.ts';
import { lookup } from '../../functions/webhooks/lookup.ts';
import { createAccessTokens } from '../../functions/webhooks/lookup-request.ts';
import { applyRules } from '../../functions/webhooks/rules.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';

/** As the operator's page has it. */
const SOURCE: HrSource = {
  provider: 'bamboohr',
  rules: [{ when: 'type = "employee.created"', invite: { channel: 'C0PARTNER01' } }],
  lookup: {
    url: 'https://api.bamboohr.com/api/gateway.php/acme/v1/employees/{id}/?fields=homeEmail,firstName',
    headers: { Authorization: 'Basic {secret:base64}' },
    email: 'homeEmail',
  },
};

/** The API key is the user, and the password is any text. */
const CREDENTIAL = '0123456789abcdef0123456789abcdef01234567:x';
// printf '0123456789abcdef0123456789abcdef01234567:x' | base64 -w0
const BASIC = 'Basic MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzp4';

type Employee = { firstName: string; homeEmail?: string };

/**
 * BambooHR's Get Employee, as far as its reference tells: Basic with the key, JSON only when asked
 * for, `id` always there and as text, what the key may not see left out, 404 for an unknown id.
 * @see https://documentation.bamboohr.com/reference/get-employee
 */
const startBambooHr = async (employees: Record<string, Employee>) => {
  const server = createServer((request, response) => {
    const { status, body = '' } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  const answer = ({ headers, url = '' }: IncomingMessage) => {
    const { pathname, searchParams } = new URL(url, 'http://bamboohr.invalid');
    if (headers.authorization !== BASIC) return { status: 401 };
    const [, id = ''] =
      /^\/api\/gateway\.php\/acme\/v1\/employees\/([^/]+)\/$/.exec(pathname) ?? [];
    const employee = employees[id];
    if (!employee) return { status: 404 };
    if (headers.accept !== 'application/json') return { status: 200, body: '<employee/>' };
    const fields = searchParams.get('fields')?.split(',') ?? [];
    const shown = Object.entries(employee).filter(([name]) => fields.includes(name));
    return { status: 200, body: JSON.stringify({ id, ...Object.fromEntries(shown) }) };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};

const evaluate = createEvaluate(createSandbox());

const lookupAt = (origin: URL, id: string, credential = CREDENTIAL) =>
  lookup(SOURCE.lookup as never, id, {
    tokens: createAccessTokens(),
    credential,
    evaluate,
    origin,
  });

describe("BambooHR's employee.created", () => {
  it('leads to the home e-mail of the person', async () => {
    const payload = { type: 'employee.created', data: { companyId: 'acme', employeeId: '42' } };
    const { taken } = applyRules(SOURCE, { payload, body: payload, subject: '42' }, () => evaluate);
    expect(taken).toEqual([
      { rule: 0, channel: 'C0PARTNER01', lookupId: '42', external_limited: true },
    ]);

    const origin = await startBambooHr({
      42: { firstName: 'Casey', homeEmail: 'casey@partner.example' },
    });
    expect(await lookupAt(origin, taken[0]?.lookupId ?? '')).toEqual({
      email: 'casey@partner.example',
    });
  });

  it('waits for a person without an address', async () => {
    const origin = await startBambooHr({ 42: { firstName: 'Casey' } });
    expect(await lookupAt(origin, '42')).toEqual({ pending: 'no_email' });
  });

  it('waits for a person that is not there to be read', async () => {
    const origin = await startBambooHr({});
    expect(await lookupAt(origin, '42')).toEqual({ pending: 'not_found' });
  });

  it('gives up with a wrong key, which BambooHR would answer by shutting the company out', async () => {
    const origin = await startBambooHr({ 42: { firstName: 'Casey' } });
    expect(await lookupAt(origin, '42', 'another:x')).toEqual({
      failed: 'unauthorized',
      retryable: false,
    });
  });
});
