import type { Lookup } from '../../functions/webhooks/source.ts';

/**
 * A directory of the company's own that answers a plain GET: for an HR system whose own API wants
 * a POST (HiBob, Finch, Ashby), or a token that expires within a day (Personio).
 */
export const directory = (system: string): Lookup => ({
  url: `https://people.acme.example/${system}/{id}`,
  headers: { Authorization: 'Bearer {secret}' },
  email: 'email',
});
