import { expect, test } from 'vitest';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { credentialShape, secretShape } from '../../infra/local/secret-shape.ts';

const rules = [{ when: 'true', invite: { channel: 'C0PARTNER01' } }];
const lookup = { url: 'https://hr.example/{id}', email: 'email' };
const sources: Record<string, HrSource> = {
  greenhouse: { provider: 'greenhouse', rules },
  bob: { provider: 'generic', auth: { basic: true }, rules },
  bamboohr: {
    provider: 'bamboohr',
    rules,
    lookup: { ...lookup, headers: { Authorization: 'Basic {secret:base64}' } },
  },
  open: { provider: 'okta', rules, lookup },
};

test('each source has its place in the secret, in the shape that it needs', () => {
  expect(secretShape(sources)).toEqual({
    greenhouse: 'SIGNING-SECRET',
    bob: 'USER:PASSWORD',
    bamboohr: 'SIGNING-SECRET',
    open: 'SIGNING-SECRET',
  });
});

test('each lookup that needs a credential has its place in a secret of their own', () => {
  expect(credentialShape(sources)).toEqual({ bamboohr: 'LOOKUP-CREDENTIAL' });
  const { greenhouse, open } = sources;
  expect(credentialShape({ greenhouse, open } as typeof sources)).toBeUndefined();
});
