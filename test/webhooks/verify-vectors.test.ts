import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../functions/webhooks/delivery.ts';
import { type DeliveryAuth, verify } from '../../functions/webhooks/verify.ts';
import { post, withHeaders } from '../support/verify-deliveries.ts';
import { GITHUB, rowAuth, SLACK } from '../support/verify-descriptions.ts';

const STANDARD_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const STANDARD_SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const DECOY = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';
const standard = (prefix: string, signature = STANDARD_SIGNATURE) =>
  post(
    {
      [`${prefix}-id`]: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      [`${prefix}-timestamp`]: '1614265330',
      [`${prefix}-signature`]: signature,
    },
    '{"test": 2432232314}',
  );

/** The vectors that vendors publish, each in the words of its source. Times in epoch seconds. */
const VECTORS: [string, DeliveryAuth, string, number, Delivery][] = [
  [
    'GitHub',
    GITHUB,
    "It's a Secret to Everybody",
    0,
    post(
      {
        'x-hub-signature-256':
          'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      },
      'Hello, World!',
    ),
  ],
  [
    'Slack',
    SLACK,
    '8f742231b10e8888abcd99yyyzzz85a5',
    1531420618,
    post(
      {
        'x-slack-request-timestamp': '1531420618',
        'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      },
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    ),
  ],
  [
    'Standard Webhooks',
    rowAuth('standard-webhooks'),
    STANDARD_SECRET,
    1614265330,
    standard('webhook'),
  ],
  ['Svix', rowAuth('svix'), STANDARD_SECRET, 1614265330, standard('svix')],
  [
    'Finch',
    rowAuth('finch'),
    '5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH',
    1676312382,
    post(
      {
        'finch-event-id': 'msg_2Lh9KRb0pzN4LePd3XiA4v12Axj',
        'finch-timestamp': '1676312382',
        'finch-signature': 'v1,m7y0TV2C+hlHxU42wCieApTSTaA8/047OAplBqxIV/s=',
      },
      '{"company_id":"720be419-0293-4d32-a707-32179b0827ab"}',
    ),
  ],
  [
    'BambooHR',
    rowAuth('bamboohr'),
    '123b929362d51613054f71e5e5d4bf2c',
    1658248023,
    post(
      {
        'x-bamboohr-timestamp': '1658248023',
        'x-bamboohr-signature': '56491dd9c2b352bc5f4fc627159aae20ddff9c8cb19f239a6de6771dc5310bac',
      },
      '{"employees":[{"changedFields":["First name"],"fields":{"Employee #":{"value":"300"},"First name":{"value":"Tefi"},"Last name":{"value":"Adams"}},"id":"5"}]}',
    ),
  ],
];

test.each(VECTORS)('the published vector of %s holds', (_name, auth, secret, at, delivery) => {
  expect(verify(auth, [secret], delivery, at * 1000)).toBe('verified');
});

describe('a list of signatures', () => {
  const auth = rowAuth('standard-webhooks');
  const result = (signatures: string) =>
    verify(auth, [STANDARD_SECRET], standard('webhook', signatures), 1614265330_000);

  test('is good if the genuine one stands among the published decoys', () => {
    expect(result(`${DECOY} ${STANDARD_SIGNATURE} ${DECOY}`)).toBe('verified');
  });

  test('is good with ten in it', () => {
    expect(result(`${`${DECOY} `.repeat(9)}${STANDARD_SIGNATURE}`)).toBe('verified');
  });

  test('is refused with hundreds in it, the genuine one among them', () => {
    expect(result(`${STANDARD_SIGNATURE}${` ${DECOY}`.repeat(200)}`)).toBe('too_many_signatures');
  });

  test('is refused with the decoy alone', () => {
    expect(result(DECOY)).toBe('bad_signature');
  });

  test('passes over versions that it does not know', () => {
    expect(result(`v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw== ${STANDARD_SIGNATURE}`)).toBe(
      'verified',
    );
  });

  test('is refused if all are of another version', () => {
    expect(result(STANDARD_SIGNATURE.replace('v1,', 'v2,'))).toBe('malformed_signature');
  });

  test('is refused if one of the version cannot be decoded', () => {
    expect(result(`${STANDARD_SIGNATURE} v1,*`)).toBe('malformed_signature');
  });
});

test('a timestamp that is not among the signed bytes as it came is refused', () => {
  const [, auth, secret, at, delivery] = VECTORS[1] as (typeof VECTORS)[number];
  const changed = withHeaders(delivery, { 'x-slack-request-timestamp': '01531420618' });
  expect(verify(auth, [secret], changed, at * 1000)).toBe('bad_signature');
});
