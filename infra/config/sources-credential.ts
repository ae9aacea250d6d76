import type * as z from 'zod';

// A credential that stands in the configuration goes into cdk.json, the template's assets and the
// functions' code, where everybody who may read one of them can read it.

type Issues = { addIssue(issue: z.core.$ZodSuperRefineIssue): void };

/** Whether the credential of a lookup comes out of the secret, and not out of a header's template. */
export const checkHeaders = (headers: Record<string, unknown>, context: Issues): void => {
  for (const [name, template] of Object.entries(headers)) {
    if (!saysCredential(name)) continue;
    if (typeof template !== 'string' || /\{(secret|token)/.test(template)) continue;
    context.addIssue({
      code: 'custom',
      path: [name],
      input: template,
      message:
        'a template with {secret}, {secret:base64} or {token}, such as "Bearer {secret}"; the credential itself belongs in the secret',
    });
  }
};

/** What the grant itself says, and may be said once. */
const OF_THE_GRANT = ['grant_type', 'client_id', 'client_secret'];

/** Whether there is none among the fields with which a token is requested. */
export const checkParameters = (parameters: Record<string, unknown>, context: Issues): void => {
  for (const [name, value] of Object.entries(parameters)) {
    if (!OF_THE_GRANT.includes(name) && !saysCredential(name)) continue;
    context.addIssue({
      code: 'custom',
      path: [name],
      input: saysCredential(name) ? 'what may be a credential' : value,
      message:
        'nothing: grant_type is client_credentials, and the client is the credential in the secret, as "id:secret"; leave it out',
    });
  }
};

/** Whether there is none in the address, where {secret} cannot stand either: addresses are logged. */
export const checkQuery = (address: string, context: Issues): void => {
  const query = URL.parse(address.replace('{id}', ID))?.searchParams ?? [];
  for (const [name, value] of query) {
    if (!saysCredential(name) || value.includes(ID)) continue;
    context.addIssue({
      code: 'custom',
      input: address,
      message: `an address without a value for "${name}"; a credential belongs in the secret, and goes out as {secret} in one of the headers`,
    });
  }
};

/** Stands for the person's id where an address is looked at. */
const ID = 'person-id';

const CREDENTIAL = /(key|token|secret|passw(or)?d|pwd|credentials?)$|^auth$|^authori[sz]ation$/i;

/** What identifies a credential, such as `X-Key-Id`, is none. */
const saysCredential = (name: string): boolean => {
  const words = name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/);
  return words.some((word) => CREDENTIAL.test(word)) && words.at(-1)?.toLowerCase() !== 'id';
};
