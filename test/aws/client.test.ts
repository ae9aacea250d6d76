import dns from 'node:dns';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type AwsClient, awsClient } from '../../functions/aws/client.ts';
import { AWS_ANSWER_MS } from '../../functions/lib/times.ts';
import { LOCAL } from '../support/dynalite.ts';
import { httpAnswer, startHostileServer } from '../support/hostile-server.ts';
import { INVOCATION } from '../support/invocation.ts';
import { startEndpoint } from '../support/local-endpoint.ts';

type Server = Awaited<ReturnType<typeof startHostileServer>>;

const clientOf = ({ port }: Pick<Server, 'port'>): AwsClient =>
  awsClient('dynamodb', { ...LOCAL, AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}` });

const refused = (status: number, type: string, headers = {}): string =>
  httpAnswer(status, JSON.stringify({ __type: `com.amazonaws#${type}`, message: 'no' }), headers);
const DONE = httpAnswer(200, '{"Item":{}}');

/** A server that gives one answer after the other, the last one for ever; undefined: it hangs up. */
const answering = (...answers: (string | undefined)[]): Promise<Server> => {
  let next = 0;
  return startHostileServer({
    onRequest: (socket) => {
      const answer = answers[Math.min(next, answers.length - 1)];
      next += 1;
      if (answer === undefined) socket.resetAndDestroy();
      else socket.write(answer);
    },
  });
};

/** The requests that a server has received, over whichever connection. */
const requestsTo = ({ received }: Server): string[] =>
  received.flatMap((text) => text.split(/(?=POST \/ )/)).filter((text) => text !== '');

const get = (client: AwsClient, invocation = INVOCATION) =>
  client('GetItem', { TableName: 'ledger' }, invocation);

const nameOf = async (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => expect.unreachable(),
    (error: Error) => error.name,
  );

describe('against an endpoint that checks signatures', () => {
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
  beforeAll(async () => {
    endpoint = await startEndpoint();
  });
  afterAll(() => endpoint.close());

  /** What a function is told of its role's session. */
  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: endpoint.functionCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoint.functionCredentials.secretAccessKey,
    AWS_SESSION_TOKEN: endpoint.functionCredentials.sessionToken,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint.url,
    AWS_ENDPOINT_URL_SFN: endpoint.url,
    ...more,
  });
  const key = { TableName: 'ledger', Key: { pk: { S: 'mine#é "1"' } } };

  test('what was put is got, whatever characters are in it', async () => {
    const client = awsClient('dynamodb', environment());
    const Item = { ...key.Key, text: { S: 'Zoë & "Łukasz" 🦊' } };
    await client('PutItem', { TableName: 'ledger', Item }, INVOCATION);
    expect(await client('GetItem', key, INVOCATION)).toEqual({ Item });
  });

  test('a condition that does not hold is an error of its own name', async () => {
    const client = awsClient('dynamodb', environment());
    const put = { TableName: 'ledger', Item: key.Key, ConditionExpression: 'attribute_exists(x)' };
    expect(await nameOf(client('PutItem', put, INVOCATION))).toBe(
      'ConditionalCheckFailedException',
    );
  });

  test('Step Functions are asked in their own name', async () => {
    const client = awsClient('states', environment());
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Stack-workflow';
    const start = { stateMachineArn, name: 'one', input: '{}' };
    expect(await nameOf(client('StartExecution', start, INVOCATION))).toBe(
      'StateMachineDoesNotExist',
    );
  });

  test.each([
    ['another secret', { AWS_SECRET_ACCESS_KEY: 'guessed' }, 'InvalidSignatureException'],
    ['another session', { AWS_SESSION_TOKEN: 'guessed' }, 'UnrecognizedClientException'],
    ['no session', { AWS_SESSION_TOKEN: undefined }, 'UnrecognizedClientException'],
    ['no credentials', { AWS_ACCESS_KEY_ID: undefined }, 'CredentialsProviderError'],
  ])('%s is refused', async (_, wrong, name) => {
    const client = awsClient('dynamodb', environment(wrong));
    expect(await nameOf(client('GetItem', key, INVOCATION))).toBe(name);
  });

  test('nothing of the account is in an error', async () => {
    const client = awsClient('dynamodb', environment());
    const failure = client('DeleteItem', key, INVOCATION).catch((error: Error) => error);
    const { name, message, stack } = (await failure) as Error;
    expect(name).toBe('AccessDeniedException');
    expect(message + stack).not.toMatch(/arn:|000000000000/);
  });
});

describe('what is tried once more', () => {
  test.each<[string, string | undefined]>([
    ['a connection that is reset', undefined],
    ['an answer that is cut off', 'HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"It\r\n'],
    ['an answer that is no JSON', httpAnswer(200, '<html>')],
    ['an error of the service’s', refused(500, 'InternalServerError')],
    ['a page of a load balancer’s', httpAnswer(503, '<html>')],
    ['throttling', refused(400, 'ThrottlingException')],
    ['too many requests', refused(429, 'Whatever')],
    [
      'a signature that expired on its way',
      httpAnswer(
        403,
        '{"__type":"InvalidSignatureException","message":"Signature expired: 20300101"}',
      ),
    ],
  ])('%s, over another connection', async (_, first) => {
    const server = await answering(first, DONE);
    expect(await get(clientOf(server))).toEqual({ Item: {} });
    expect(requestsTo(server)).toHaveLength(2);
    expect(server.received).toHaveLength(2);
  });

  test('is tried twice at most', async () => {
    const server = await answering(refused(500, 'InternalServerError'));
    expect(await nameOf(get(clientOf(server)))).toBe('InternalServerError');
    expect(requestsTo(server)).toHaveLength(2);
  });

  test('is what nobody answers in time, and it is over by then', async () => {
    const server = await startHostileServer({});
    const client = clientOf(server);
    const began = performance.now();
    expect(await nameOf(get(client))).toBe('TimeoutError');
    expect(performance.now() - began).toBeGreaterThan(2 * AWS_ANSWER_MS - 50);
    expect(server.received).toHaveLength(2);
    await expect.poll(server.open).toBe(0);
  });

  test('is an answer that drips', async () => {
    const server = await startHostileServer({
      onRequest: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n');
        const drops = setInterval(() => socket.write(' '), 20);
        socket.on('close', () => clearInterval(drops));
      },
    });
    expect(await nameOf(get(clientOf(server)))).toBe('TimeoutError');
    await expect.poll(server.open).toBe(0);
  });

  test('is a connection that was kept and has died meanwhile', async () => {
    const used = new Set<Socket>();
    const server = await startHostileServer({
      onRequest: (socket) => {
        if (used.has(socket)) socket.resetAndDestroy();
        else socket.write(DONE);
        used.add(socket);
      },
    });
    const client = clientOf(server);
    await get(client);
    expect(await get(client)).toEqual({ Item: {} });
    expect(server.received).toHaveLength(2);
  });
});

describe('what is not tried again', () => {
  test.each(['ConditionalCheckFailedException', 'ValidationException', 'AccessDeniedException'])(
    '%s',
    async (type) => {
      const server = await answering(refused(400, type));
      expect(await nameOf(get(clientOf(server)))).toBe(type);
      expect(requestsTo(server)).toHaveLength(1);
    },
  );

  test('what the invocation has no time for any more', async () => {
    const server = await startHostileServer({});
    const ending = new AbortController();
    const failure = nameOf(get(clientOf(server), { ...INVOCATION, signal: ending.signal }));
    await expect.poll(() => requestsTo(server)).toHaveLength(1);
    ending.abort();
    expect(await failure).toBe('AbortError');
    await expect.poll(server.open).toBe(0);
    expect(server.received).toHaveLength(1);
  });

  test('what comes after the invocation’s end is not even sent', async () => {
    const server = await answering(DONE);
    const signal = AbortSignal.abort();
    expect(await nameOf(get(clientOf(server), { ...INVOCATION, signal }))).toBe('AbortError');
    expect(requestsTo(server)).toEqual([]);
  });
});

describe('a clock that is wrong', () => {
  const HOUR_MS = 3_600_000;
  const date = new Date(Date.now() + HOUR_MS).toUTCString();
  const signedAt = (request = ''): number => {
    const [, text = ''] = /x-amz-date: (\w+)/i.exec(request) ?? [];
    return Date.parse(text.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'));
  };

  test('is set by the answer, and the request is signed anew', async () => {
    const server = await answering(refused(403, 'InvalidSignatureException', { date }), DONE);
    const client = clientOf(server);
    await get(client);
    await get(client);
    const [first, second, third] = requestsTo(server).map(signedAt);
    expect(first).toBeLessThan(Date.now() + HOUR_MS / 2);
    expect(second).toBeGreaterThan(Date.now() + HOUR_MS / 2);
    expect(third).toBeGreaterThan(Date.now() + HOUR_MS / 2);
  });

  test('is no reason to repeat what was refused once it is right', async () => {
    const server = await answering(refused(403, 'InvalidSignatureException', { date }));
    const client = clientOf(server);
    expect(await nameOf(get(client))).toBe('InvalidSignatureException');
    expect(await nameOf(get(client))).toBe('InvalidSignatureException');
    expect(requestsTo(server)).toHaveLength(3);
  });

  test('is one that is minutes off, and not seconds', async () => {
    const soon = new Date(Date.now() + 60_000).toUTCString();
    const server = await answering(refused(403, 'InvalidSignatureException', { date: soon }));
    expect(await nameOf(get(clientOf(server)))).toBe('InvalidSignatureException');
    expect(requestsTo(server)).toHaveLength(1);
  });
});

test('a connection is kept for the next request', async () => {
  const server = await answering(DONE);
  const client = clientOf(server);
  for (let call = 0; call < 3; call += 1) await get(client);
  expect(requestsTo(server)).toHaveLength(3);
  expect(server.received).toHaveLength(1);
});

test('what a request starts belongs to the trace of its invocation', async () => {
  const server = await answering(DONE);
  const environment = {
    ...LOCAL,
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${server.port}`,
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  };
  await get(awsClient('dynamodb', environment));
  const [request = ''] = requestsTo(server);
  expect(request).toMatch(/x-amzn-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793/i);
  expect(request).not.toMatch(/SignedHeaders=[^,]*trace/);
});

describe('the address', () => {
  test.each([
    ['dynamodb', 'eu-central-1', 'dynamodb.eu-central-1.amazonaws.com'],
    ['dynamodb', 'cn-north-1', 'dynamodb.cn-north-1.amazonaws.com.cn'],
    ['states', 'us-east-1', 'states.us-east-1.amazonaws.com'],
  ] as const)('of %s in %s is the region’s own', async (service, region, host) => {
    const names: string[] = [];
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((
      name: string,
      _: unknown,
      done: (error: Error) => void,
    ) => {
      names.push(name);
      done(Object.assign(new Error(), { code: 'ENOTFOUND' }));
    }) as never);
    onTestFinished(() => lookup.mockRestore());
    const client = awsClient(service, { ...LOCAL, AWS_REGION: region });
    await nameOf(client('Anything', {}, INVOCATION));
    expect(names).toEqual([host, host]);
  });

  test('is never another machine’s, whatever a variable says', () => {
    const environment = { ...LOCAL, AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.example' };
    expect(() => awsClient('dynamodb', environment)).toThrow('AWS_ENDPOINT_URL_DYNAMODB');
  });
});
