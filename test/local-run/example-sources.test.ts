import { expect, test } from 'vitest';
import { verify } from '../../functions/webhooks/verify.ts';
import { cdkJsonContext } from '../../infra/config/cdk-json.ts';
import { loadConfig } from '../../infra/config/load.ts';
import {
  employeeOf,
  exampleDeliveries,
  exampleSources,
} from '../../infra/local/example-sources.ts';
import { rowAuth } from '../support/verify-descriptions.ts';

const CHANNEL = 'C0PARTNER01';

test('the examples of the HR door are sources that pass synthesis, each with its secret', () => {
  const examples = exampleSources(CHANNEL);
  const sources = JSON.stringify(examples.sources);
  const config = loadConfig({ ...cdkJsonContext(), 'slackConnectInvites.sources': sources });
  expect(config.sources).toEqual(examples.sources);
  expect(Object.keys(examples.secrets)).toEqual(Object.keys(config.sources));
});

test('the people of the deliveries have addresses of the domain that is given', () => {
  const commands = exampleDeliveries('http://127.0.0.1:3210', 'other.example', 0).map(
    ({ command }) => command,
  );
  expect(commands.join('\n').match(/[\w.]+@[\w.]+/g)).toEqual([
    'hired.person@other.example',
    'new.contractor@other.example',
  ]);
  expect(employeeOf('other.example').homeEmail).toBe('ines.employee@other.example');
});

test('a delivery is one line that a shell takes, to the address that is given', () => {
  for (const { command } of exampleDeliveries(
    'http://127.0.0.1:3210',
    'partner.example',
    Date.now(),
  )) {
    expect(command).toMatch(/^curl -sS -i .* http:\/\/127\.0\.0\.1:3210\/webhooks\/[a-z]+$/);
    expect(command.split("'").length % 2).toBe(1);
  }
});

test('the delivery with an id is signed at the time that it is printed', () => {
  const now = 1_796_000_000_000;
  const command =
    exampleDeliveries('http://127.0.0.1:3210', 'partner.example', now).at(-1)?.command ?? '';
  const headers = Object.fromEntries(
    [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name, value]),
  );
  const body = Buffer.from(/-d '([^']+)'/.exec(command)?.[1] ?? '');
  const auth = rowAuth('bamboohr');
  const verdict = (at: number) =>
    verify(auth, ['local-private-key'], { method: 'POST', headers, body }, at);
  expect(verdict(now)).toBe('verified');
  expect(verdict(now + 3 * 3_600_000 + 1000)).toBe('stale');
});
