import { expect, test } from 'vitest';
import { ConfigError } from '../../infra/config/error.ts';
import { loadConfig } from '../../infra/config/load.ts';
import { SECRET_ARN, SOURCES } from './configurations.ts';
import { resources, synthesized } from './synthesized.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LAMBDA_ALLOWS = 4_096;

type Settings = Record<string, unknown>;
const fits = (settings: Settings): boolean => {
  try {
    loadConfig({ slackConnectInvites: settings });
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain("the functions' environment");
    return false;
  }
};

/** The settings with the longest list of channels, and then the longest domain, that synth takes. */
const filled = (settings: Settings): Settings => {
  const channels = Array.from({ length: 300 }, (_, n) => `C${String(n).padStart(10, '0')}`);
  const denied = (length: number) => [`${'a'.repeat(length)}.example`];
  const allowedChannels = ['C0PARTNER01', ...channels];
  const others = { ...settings, allowedEmailDomains: [] };
  const all = { ...others, allowedChannels, deniedEmailDomains: denied(1) };
  while (!fits(all)) allowedChannels.pop();
  for (let length = 2; fits({ ...all, deniedEmailDomains: denied(length) }); length++) {
    all.deniedEmailDomains = denied(length);
  }
  return all;
};

/** As long as it can become: a name of CloudFormation's, the ARN of a new secret, an ARN of another partition. */
// biome-ignore lint/suspicious/noExplicitAny: intrinsic functions
const longestOf = (name: string, value: any): string => {
  if (typeof value === 'string') return value;
  if (name === 'TABLE_NAME') return 'x'.repeat(255);
  if (name.endsWith('SECRET_ARN')) return 'x'.repeat(200);
  const machine: string = value['Fn::Join'][1].at(-1);
  return `arn:aws-us-gov:states:${'x'.repeat(16)}:123456789012${machine}`;
};

/** What the functions of a stack with these settings take of Lambda's environment. */
const sizes = (settings: Settings): Record<string, number> => {
  const context = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `slackConnectInvites.${key}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const functions = resources(synthesized({ context }), 'AWS::Lambda::Function');
  return Object.fromEntries(
    functions.map(({ Properties }) => {
      const variables = Object.entries<unknown>(Properties.Environment.Variables);
      const values = variables.map(([name, value]) => [name, longestOf(name, value)]);
      const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(values)));
      return [Properties.Environment.Variables.DOOR, bytes];
    }),
  );
};

const largest = (settings: Settings): number => Math.max(...Object.values(sizes(filled(settings))));

const SHIPPED = largest({});
const EXISTING_SECRET = largest({ secretArn: SECRET_ARN });
const WITH_SOURCES = largest({ sources: SOURCES });
const WITH_BOTH = largest({ sources: SOURCES, secretArn: SECRET_ARN });

const justFits = (bytes: number) => {
  expect(bytes).toBeLessThanOrEqual(LAMBDA_ALLOWS);
  expect(bytes).toBeGreaterThan(LAMBDA_ALLOWS - 3);
};

test.each([
  ['as shipped', SHIPPED],
  ['with an existing secret', EXISTING_SECRET],
  ['with webhook sources', WITH_SOURCES],
  ['with webhook sources and an existing secret', WITH_BOTH],
])('Lambda takes the largest environment that synth takes: %s', (_, bytes) => justFits(bytes));
