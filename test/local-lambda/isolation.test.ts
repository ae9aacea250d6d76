import { dirname } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ask, functionOf, serve } from '../support/local-functions.ts';

const ENVIRONMENT = 'export const handler = async () => process.env;';

test("a function sees Lambda's variables and its own, and nothing of the developer's shell", async () => {
  vi.stubEnv('AWS_PROFILE', 'production');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIADEVELOPER');
  vi.stubEnv('NODE_OPTIONS', '');
  const spec = functionOf(ENVIRONMENT, { environment: { TABLE_NAME: 'invites' } });
  const lambda = await serve(spec);

  // The shell that starts Node.js adds some of these, on Lambda too.
  const { PWD, SHLVL, _, OLDPWD, __CF_USER_TEXT_ENCODING, ...variables } = (await ask(lambda))
    .answer;

  expect(variables).toEqual({
    _HANDLER: 'index.handler',
    _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=/),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_FUNCTION_NAME: 'demo',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/demo',
    AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/\[\$LATEST\]/),
    AWS_REGION: 'us-east-1',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    HOME: '/home/sbx_user1051',
    LAMBDA_TASK_ROOT: spec.codeDir,
    LANG: 'en_US.UTF-8',
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    TABLE_NAME: 'invites',
    TZ: ':UTC',
  });
  vi.unstubAllEnvs();
});

test('a function gets the credentials it is given, and cannot say it is another', async () => {
  const lambda = await serve(
    functionOf(ENVIRONMENT, {
      environment: {
        AWS_ACCESS_KEY_ID: 'demo-key',
        AWS_LAMBDA_FUNCTION_NAME: 'other',
        AWS_SHARED_CREDENTIALS_FILE: '/home/developer/.aws/credentials',
        TZ: 'Europe/Zurich',
      },
    }),
  );

  expect((await ask(lambda)).answer).toMatchObject({
    AWS_ACCESS_KEY_ID: 'demo-key',
    AWS_LAMBDA_FUNCTION_NAME: 'demo',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    TZ: 'Europe/Zurich',
  });
});

test('a function runs in its bundle, under the Node.js of the project, with nine tenths of its memory as heap', async () => {
  const spec = functionOf(`
    import { realpathSync } from 'node:fs';
    export const handler = async () => ({
      sameDirectory: process.cwd() === realpathSync(process.env.LAMBDA_TASK_ROOT),
      node: process.execPath,
      flags: process.execArgv,
    });`);
  const lambda = await serve(spec);

  const { answer } = await ask(lambda);

  expect(answer).toEqual({
    sameDirectory: true,
    node: process.execPath,
    flags: ['--max-old-space-size=231'],
  });
});
