import { createHmac } from 'node:crypto';
import type { HrSource } from '../../functions/webhooks/source.ts';

/** What `npm start` sets up for trying the HR door, if the configuration names no HR sources. */
export type ExampleSources = {
  sources: Record<string, HrSource>;
  /** The values of the HR sources' secrets. */
  secrets: Record<string, unknown>;
  credentials: Record<string, unknown>;
};

/** The key for lookups at the local BambooHR. */
export const BAMBOOHR_API_KEY = 'local-api-key';

const SECRETS = {
  greenhouse: 'local-signing-secret',
  zapier: 'local-static-secret',
  bamboohr: 'local-private-key',
};

/**
 * One HR source that signs and one that sends a fixed header, with the address in their events; and
 * one whose events carry only an id, so the address is looked up.
 *
 * @param channel that their rules invite to.
 */
export function exampleSources(channel: string): ExampleSources {
  return {
    sources: {
      greenhouse: {
        provider: 'greenhouse',
        rules: [
          {
            when: "action = 'hire_candidate'",
            invite: {
              channel,
              email: "payload.application.candidate.email_addresses[type = 'personal'].value",
              reference: 'payload.application.id',
            },
          },
        ],
      },
      zapier: {
        provider: 'generic',
        auth: { header: { name: 'authorization', prefix: 'Bearer ' } },
        rules: [{ when: "event = 'contractor.joined'", invite: { channel, email: 'email' } }],
      },
      bamboohr: {
        provider: 'bamboohr',
        rules: [
          {
            when: "type = 'employee.created'",
            invite: { channel, reference: 'data.employeeId' },
          },
        ],
        lookup: {
          url: 'https://api.bamboohr.com/api/gateway.php/acme/v1/employees/{id}/?fields=homeEmail',
          headers: { Authorization: 'Basic {secret:base64}' },
          email: 'homeEmail',
        },
      },
    },
    secrets: SECRETS,
    credentials: { bamboohr: `${BAMBOOHR_API_KEY}:x` },
  };
}

/** The employee of the local BambooHR who has an address. */
export const employeeOf = (domain: string) => ({ id: '42', homeEmail: `ines.employee@${domain}` });

const hired = (domain: string) =>
  JSON.stringify({
    action: 'hire_candidate',
    payload: {
      application: {
        id: 46194062,
        candidate: {
          email_addresses: [{ value: `hired.person@${domain}`, type: 'personal' }],
        },
      },
    },
  });
const joined = (domain: string) =>
  JSON.stringify({
    event: 'contractor.joined',
    event_id: 'evt-1',
    email: `new.contractor@${domain}`,
  });

const CREATED = JSON.stringify({
  type: 'employee.created',
  data: { companyId: '1', employeeId: '42' },
});

/**
 * @param domain of the people's addresses.
 * @param now epoch milliseconds: what BambooHR signs has a time in it.
 * @returns a command for each example, with its signature if it has one.
 */
export function exampleDeliveries(
  apiUrl: string,
  domain: string,
  now: number,
): { title: string; command: string }[] {
  const sign = (secret: string, content: string) =>
    createHmac('sha256', secret).update(content).digest('hex');
  const post = (source: string, headers: string[], body: string) =>
    [
      "curl -sS -i -H 'content-type: application/json'",
      ...headers.map((header) => `-H '${header}'`),
      `-d '${body}' ${apiUrl}/webhooks/${source}`,
    ].join(' ');
  const hire = hired(domain);
  const seconds = Math.floor(now / 1000);
  const bamboohr = sign(SECRETS.bamboohr, `${CREATED}${seconds}`);
  return [
    {
      title: 'Greenhouse: its events are signed and contain the address',
      command: post('greenhouse', [`signature: sha256 ${sign(SECRETS.greenhouse, hire)}`], hire),
    },
    {
      title: 'Zapier, or any other sender of a fixed header',
      command: post('zapier', [`authorization: Bearer ${SECRETS.zapier}`], joined(domain)),
    },
    {
      title:
        'BambooHR: its events contain an id, and the address is looked up (the signature is good for 3 hours)',
      command: post(
        'bamboohr',
        [`x-bamboohr-timestamp: ${seconds}`, `x-bamboohr-signature: ${bamboohr}`],
        CREATED,
      ),
    },
  ];
}
