import { createHmac } from 'node:crypto';
import type { Source } from '../../functions/webhooks/source.ts';
import { cdkJsonContext, writtenConfig } from '../config/context.ts';

/** What `npm start` sets up for trying the HR door, where the configuration names no sources. */
export type ExampleSources = {
  sources: Record<string, Source>;
  /** The value of the sources' secret. */
  secrets: Record<string, string>;
};

const SECRETS = { greenhouse: 'local-signing-secret', zapier: 'local-static-secret' };

/**
 * One source that signs and one that sends a fixed header, both of whose events carry the address.
 *
 * @param context as from `-c key=value`.
 * @returns undefined where the configuration has sources of its own, or does not allow the channel.
 */
export function exampleSources(
  context: Record<string, string>,
  channel: string,
): ExampleSources | undefined {
  const { sources, allowedChannels = [] } = (writtenConfig({ ...cdkJsonContext(), ...context }) ??
    {}) as { sources?: unknown; allowedChannels?: string | string[] };
  const allows = [allowedChannels].flat().some((one) => one === channel || one === '*');
  if (sources !== undefined || !allows) return undefined;
  return {
    sources: {
      greenhouse: {
        provider: 'greenhouse',
        rules: [
          {
            when: "action = 'hire_candidate'",
            invite: {
              channel,
              email: "payload.application.candidate.email_addresses[type = 'personal'][0].value",
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
    },
    secrets: SECRETS,
  };
}

const HIRED = JSON.stringify({
  action: 'hire_candidate',
  payload: {
    application: {
      id: 46194062,
      candidate: {
        email_addresses: [{ value: 'hired.person@partner.example', type: 'personal' }],
      },
    },
  },
});
const JOINED = JSON.stringify({
  event: 'contractor.joined',
  event_id: 'evt-1',
  email: 'new.contractor@partner.example',
});

/** @returns a command for each of the examples, the first with its signature computed. */
export function exampleDeliveries(apiUrl: string): { title: string; command: string }[] {
  const signature = createHmac('sha256', SECRETS.greenhouse).update(HIRED).digest('hex');
  const post = (source: string, header: string, body: string) =>
    `curl -sS -i -H 'content-type: application/json' -H '${header}' -d '${body}' ${apiUrl}/webhooks/${source}`;
  return [
    {
      title: 'signed, as Greenhouse does',
      command: post('greenhouse', `signature: sha256 ${signature}`, HIRED),
    },
    {
      title: 'with a fixed header, as Zapier and others do',
      command: post('zapier', `authorization: Bearer ${SECRETS.zapier}`, JOINED),
    },
  ];
}
