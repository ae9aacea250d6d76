import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AwsError } from '../../infra/local/lib/aws-service.ts';
import { door, startEndpoint } from '../support/local-endpoint.ts';
import { operator, signedFetch } from '../support/local-signing.ts';

let endpoint: Awaited<ReturnType<typeof startEndpoint>>;

beforeAll(async () => {
  endpoint = await startEndpoint();
});
afterAll(() => endpoint.close());
beforeEach(() => {
  endpoint.invoke.mockReset();
  endpoint.lines.length = 0;
});

const call = (path: string, init: Parameters<typeof signedFetch>[1] = {}) =>
  signedFetch(`${endpoint.url}/2015-03-31/functions${path}`, { service: 'lambda', ...init });
const post = (path: string, init = {}) => call(path, { method: 'POST', body: '{}', ...init });
const result = { payload: Buffer.from('{"ok":true}'), requestId: 'id-1', logTail: 'last line\n' };

test.each(['', '/'])('lists functions at "%s"', async (end) => {
  expect(await (await call(end)).json()).toMatchObject({
    Functions: [{ FunctionName: 'Stack-door' }, { FunctionName: 'Stack-other' }],
    NextMarker: null,
  });
});

test.each([
  'Stack-door',
  'Stack-door:$LATEST',
  '000000000000:function:Stack-door',
  encodeURIComponent(door.arn),
  'Stack-door:live',
  encodeURIComponent(`${door.arn}:live`),
])('invokes %s', async (name) => {
  endpoint.invoke.mockResolvedValue(result);
  const response = await post(`/${name}/invocations`, { body: '{"a":1}' });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('{"ok":true}');
  expect(response.headers.get('x-amz-executed-version')).toBe('$LATEST');
  expect(response.headers.get('x-amzn-requestid')).toBe('id-1');
  expect(response.headers.has('x-amz-function-error')).toBe(false);
  expect(response.headers.has('x-amz-log-result')).toBe(false);
  expect(endpoint.invoke).toHaveBeenCalledWith('Stack-door', Buffer.from('{"a":1}'), {});
});

test('invokes with {} for no payload', async () => {
  endpoint.invoke.mockResolvedValue(result);
  await post('/Stack-door/invocations', { body: '' });
  expect(endpoint.invoke).toHaveBeenCalledWith('Stack-door', Buffer.from('{}'), {});
});

test('says when the function failed, and gives the end of the log when asked', async () => {
  endpoint.invoke.mockResolvedValue({ ...result, functionError: 'Unhandled' });
  const response = await post('/Stack-door/invocations', {
    headers: { 'x-amz-log-type': 'Tail' },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-amz-function-error')).toBe('Unhandled');
  expect(atob(response.headers.get('x-amz-log-result') ?? '')).toBe('last line\n');
});

test('logs each invocation with its outcome and time, not its payload', async () => {
  const refused = Buffer.from('{"errorType":"NotAllowed","errorMessage":"person@partner.example"}');
  endpoint.invoke.mockResolvedValueOnce(result);
  endpoint.invoke.mockResolvedValueOnce({
    ...result,
    payload: refused,
    functionError: 'Unhandled',
  });
  await post('/Stack-door/invocations');
  await post('/Stack-door/invocations');
  expect(endpoint.lines).toEqual([
    expect.stringMatching(/^Invoke Stack-door ok \d+ ms$/),
    expect.stringMatching(/^Invoke Stack-door NotAllowed \d+ ms$/),
  ]);
});

const refusals: [string, () => Promise<Response>, number, string][] = [
  ['an unknown function', () => post('/gone/invocations'), 404, 'ResourceNotFoundException'],
  [
    'a version that is not there',
    () => post('/Stack-door/invocations?Qualifier=7'),
    404,
    'ResourceNotFoundException',
  ],
  [
    'a payload that is no JSON',
    () => post('/Stack-door/invocations', { body: '{"a":' }),
    400,
    'InvalidRequestContentException',
  ],
  [
    'a payload over 6 MB',
    () => post('/Stack-door/invocations', { body: `"${'x'.repeat(6_291_456)}"` }),
    413,
    'RequestEntityTooLargeException',
  ],
  [
    'a function that may not invoke',
    () => post('/Stack-door/invocations', { credentials: endpoint.functionCredentials }),
    403,
    'AccessDeniedException',
  ],
  [
    'a wrong secret',
    () => call('', { credentials: { ...operator, secretAccessKey: 'x' } }),
    403,
    'InvalidSignatureException',
  ],
  [
    'a caller who would not wait',
    () => post('/Stack-door/invocations', { headers: { 'x-amz-invocation-type': 'Event' } }),
    400,
    'InvalidParameterValueException',
  ],
  ['another operation', () => call('/Stack-door/policy'), 404, 'UnknownOperationException'],
];
test.each(refusals)('refuses %s', async (_, send, status, code) => {
  const response = await send();
  expect(response.status).toBe(status);
  expect(response.headers.get('x-amzn-errortype')).toBe(code);
  expect(await response.json()).toMatchObject({ Message: expect.any(String) });
  expect(endpoint.invoke).not.toHaveBeenCalled();
});

test("passes Lambda's own refusals on", async () => {
  const refusal = new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  endpoint.invoke.mockRejectedValue(refusal);
  const response = await post('/Stack-door/invocations');
  expect(response.status).toBe(429);
  expect(response.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException');
});
