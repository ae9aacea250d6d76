import type { HrSource } from '../../functions/webhooks/source.ts';

/** A configuration with token authorization. */
export const JWT = {
  issuer: 'https://login.acme.example/',
  audience: ['invites'],
  scopes: ['invites:send'],
};

/** The ARN of an existing secret. */
export const SECRET_ARN =
  'arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack/bot-token-AbCdEf';

/** Webhook sources of each kind: one whose events have the address, one with a lookup, one with a proof of its own. */
export const SOURCES: Record<string, HrSource> = {
  greenhouse: {
    provider: 'greenhouse',
    rules: [
      {
        when: 'action = "hire_candidate"',
        invite: {
          channel: 'C0PARTNER01',
          email: 'payload.application.candidate.email_addresses[type = "personal"][0].value',
        },
      },
    ],
  },
  'acme-bamboo': {
    provider: 'bamboohr',
    rules: [{ when: 'type = "employee.created"', invite: { channel: 'C0PARTNER01' } }],
    lookup: {
      url: 'https://api.bamboohr.com/api/gateway.php/acme/v1/employees/{id}/?fields=homeEmail',
      headers: { Authorization: 'Basic {secret:base64}' },
      email: 'homeEmail',
    },
  },
  zapier: {
    provider: 'generic',
    auth: { header: { name: 'authorization', prefix: 'Bearer ' } },
    rules: [{ when: 'event = "joined"', invite: { channel: 'C0PARTNER01', email: 'email' } }],
  },
};

/** The context that adds them to the shipped configuration. */
export const WITH_SOURCES = { 'slackConnectInvites.sources': JSON.stringify(SOURCES) };
