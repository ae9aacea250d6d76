import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InviteError } from '../../functions/errors/invite-error.ts';
import { parseRequest } from '../../functions/invites/request.ts';
import { DEPTH, runs } from '../support/depth.ts';

const CHANNEL = 'C0PARTNER01';
const ASK = { channel: CHANNEL, emails: ['casey@partner.example'] };
const { emails: _, ...WITHOUT_RECIPIENT } = ASK;

const refusalOf = (input: unknown): InviteError => {
  try {
    parseRequest(input);
  } catch (error) {
    if (error instanceof InviteError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
};

/** All that an error could show to anybody. */
const textOf = ({ name, message, stack, facts }: InviteError) =>
  JSON.stringify({ name, message, stack, facts });

describe('an ask', () => {
  test('is limited to the channel unless it says otherwise', () => {
    expect(parseRequest(ASK)).toEqual({
      channel: CHANNEL,
      recipient: { kind: 'email', value: 'casey@partner.example' },
      external_limited: true,
    });
  });

  test('may name everything', () => {
    const all = {
      channel: 'G012AB3CD4E',
      user_ids: ['W012AB3CD4E'],
      external_limited: false,
      resend: 0,
      reference: 'HR:2026-11.case_7',
    };
    expect(parseRequest(all)).toEqual({
      channel: 'G012AB3CD4E',
      recipient: { kind: 'user_id', value: 'W012AB3CD4E' },
      external_limited: false,
      resend: 0,
      reference: 'HR:2026-11.case_7',
    });
  });

  test.each([
    ['emails', 'casey@partner.example'],
    ['user_ids', 'U012AB3CD4E'],
  ])('may give %s as a plain string', (field, value) => {
    expect(parseRequest({ channel: CHANNEL, [field]: value })).toEqual(
      parseRequest({ channel: CHANNEL, [field]: [value] }),
    );
  });

  test.each([
    'a@b.co',
    "o'brien+slack@partner.example",
    'Casey.Two@SUB.Partner.Example',
    `${'a'.repeat(64)}@partner.example`,
    `a@${'b'.repeat(63)}.co`,
    `a@${'b.'.repeat(125)}co`, // 254 characters
    'a@xn--bcher-kva.example',
    'a@partner.xn--p1ai',
    'a@1.2.example',
  ])('may name the address %s, which stays as it is', (address) => {
    expect(parseRequest({ ...ASK, emails: address }).recipient.value).toBe(address);
  });
});

describe('what copying brings along around a value', () => {
  const padded = (text: string) => ` \t\u00a0${text}\r\n`;

  test.each([
    ['emails', 'casey@partner.example'],
    ['user_ids', 'U012AB3CD4E'],
  ])('is left out of channel and %s, and nothing else is', (field, value) => {
    const request = parseRequest({ channel: CHANNEL, [field]: [value] });
    expect(parseRequest({ channel: padded(CHANNEL), [field]: [padded(value)] })).toEqual(request);
    expect(parseRequest({ channel: padded(CHANNEL), [field]: padded(value) })).toEqual(request);
    expect(() => parseRequest({ ...ASK, reference: ' HR-1' })).toThrow('reference must have');
  });

  const INVISIBLE: [string, string][] = [
    ...['\u200b', '\ufeff', '\u2028', '\u2060', '\u00ad', '\u202e', '\u3000', '\u3164'],
    ...['\u180e', '\u2800', '\u0085', '\ufe0f', '\u000b', '\u{e0061}'],
  ].map((mark) => [`U+${mark.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`, mark]);

  test.each(INVISIBLE)(
    'and every other invisible character is told by its place: %s',
    (code, mark) => {
      const at = (emails: string) => refusalOf({ ...ASK, emails }).message;
      expect(at(`${mark}casey@partner.example`)).toContain(`${code} at position 1`);
      expect(at(`casey@partner.example${mark}`)).toContain(`${code} at position 22`);
      expect(at(` cas${mark}ey@partner.example`)).toContain(`${code} at position 4`);
      expect(refusalOf({ ...ASK, channel: `${CHANNEL}${mark}` }).message).toContain(
        `${code} at position 12`,
      );
      const user_ids = `U012AB3${mark}CD4E`;
      expect(refusalOf({ channel: CHANNEL, user_ids }).message).toContain(`${code} at position 8`);
    },
  );
});

describe('what stands for nothing', () => {
  test.each([[null], [''], [[]]])('is as if left out: %j', (nothing) => {
    const empty = { external_limited: nothing, resend: nothing, reference: nothing };
    expect(parseRequest({ ...ASK, user_ids: nothing, ...empty })).toEqual(parseRequest(ASK));
    const byId = { channel: CHANNEL, user_ids: 'U012AB3CD4E' };
    expect(parseRequest({ ...byId, emails: nothing })).toEqual(parseRequest(byId));
  });
});

describe('a domain in another script', () => {
  test.each([
    ['x@münchen.example', 'x@xn--mnchen-3ya.example'],
    ['x@MÜNCHEN.example', 'x@xn--mnchen-3ya.example'],
    ['x@почта.рф', 'x@xn--80a1acny.xn--p1ai'],
    ['x@почта.example', 'x@xn--80a1acny.example'],
    ['x@例え.jp', 'x@xn--r8jz45g.jp'],
    ['x@中文カタカナひらがな.example', 'x@xn--v8j0cwa6gvha3lrdx894a917b.example'],
    ['x@partner。example', 'x@partner.example'],
    ['x@ｐartner.example', 'x@partner.example'],
  ])('%s becomes %s', (emails, value) => {
    expect(parseRequest({ ...ASK, emails }).recipient.value).toBe(value);
  });

  test.each([
    ['x@pаrtner.example', 'U+0430 at position 4 is Cyrillic among Latin'],
    ['x@аpple.example', 'U+0430 at position 3 is Cyrillic among Latin'],
    ['x@partnеr-2.example', 'U+0435 at position 8 is Cyrillic among Latin'],
    ['x@ραrtner.example', 'U+03C1 at position 3 is Greek among Latin'],
    ['x@почταа.рф', 'U+03C4 at position 6 is Greek among Cyrillic'],
    ['x@αβγ.рф', 'U+0440 at position 7 is Cyrillic among Greek'],
    ['x@例aえ.jp', 'U+4F8B at position 3 is Han among Latin'],
  ])('that mixes scripts is refused, its character named: %s', (emails, words) => {
    const [error] = refusalOf({ ...ASK, emails }).facts.errors ?? [];
    expect(error?.detail).toContain(words);
  });

  test.each([
    ['x@xn--prtner-4nf.example', 'U+0430, which is Cyrillic, among Latin letters'],
    ['x@sub.XN--PRTNER-4NF.example', 'U+0430, which is Cyrillic, among Latin letters'],
    ['x@xn--mnchen-3ya.xn--p1ai', 'U+0440, which is Cyrillic, among Latin letters'],
  ])('that mixes scripts is refused in its xn-- form, too: %s', (emails, words) => {
    const [error] = refusalOf({ ...ASK, emails }).facts.errors ?? [];
    expect(error?.detail).toContain(words);
  });

  test.each(['x@\u0301a.example', 'x@xn--a\u00fc.example'])(
    'that cannot be one is refused: %j',
    (emails) => {
      expect(refusalOf({ ...ASK, emails }).facts.errors?.[0]?.field).toBe('emails');
    },
  );
});

describe('a field is refused by its name, with a remedy and without its value', () => {
  const email = (value: string): object => ({ ...WITHOUT_RECIPIENT, emails: [value] });

  test.each<[string, string, object, RegExp]>([
    [
      'channel',
      'left out',
      { emails: ASK.emails },
      /must be given as the id.*Slack shows the id at the/,
    ],
    [
      'channel',
      'a name',
      { ...ASK, channel: '#qx-partner' },
      /not its name; Slack shows the id at/,
    ],
    ['channel', 'a name without #', { ...ASK, channel: 'growthteam' }, /not its name/],
    ['channel', 'empty', { ...ASK, channel: ' ' }, /public or private channel, such as C/],
    ['channel', 'in small letters', { ...ASK, channel: 'c0partner01' }, /in capitals.*bottom/],
    [
      'channel',
      'a link',
      { ...ASK, channel: 'https://qx.slack.com/archives/C012AB3CD4E' },
      /id alone.*part that begins with C or G/,
    ],
    ['channel', 'a mention', { ...ASK, channel: '<#C012AB3CD4E|qx>' }, /id alone/],
    ['channel', 'a direct message', { ...ASK, channel: 'D012AB3CD4E' }, /direct message, which/],
    ['channel', 'too short', { ...ASK, channel: 'C0PART' }, /such as C/],
    ['channel', 'too long', { ...ASK, channel: `C${'0'.repeat(21)}` }, /such as C/],
    ['channel', 'two of them', { ...ASK, channel: `${CHANNEL}\n${CHANNEL}` }, /such as C/],
    [
      'channel',
      'a letter of another script',
      { ...ASK, channel: 'С0PARTNER01' },
      /plain capitals and digits; U\+0421 at position 1 only looks like one/,
    ],
    ['channel', 'a name with an accent', { ...ASK, channel: 'größe' }, /not its name/],
    ['emails', 'a list of null', { ...ASK, emails: [null] }, /this is null$/],
    ['channel', 'null', { ...ASK, channel: null }, /must be given as the id/],
    ['channel', 'a list', { ...ASK, channel: [CHANNEL] }, /must be a text.*this is a list/],
    [
      'channel',
      'an invisible character',
      { ...ASK, channel: `\ufeff${CHANNEL}` },
      /U\+FEFF at position 1/,
    ],
    ['emails', 'left out', WITHOUT_RECIPIENT, /must be given, or user_ids/],
    [
      'user_ids',
      'beside emails',
      { ...ASK, user_ids: ['U012AB3CD4E'] },
      /either emails or user_ids, not both/,
    ],
    ['emails', 'empty', { ...ASK, emails: [] }, /must be given, or user_ids/],
    ['emails', 'empty, both', { channel: CHANNEL, emails: '', user_ids: [] }, /must be given/],
    [
      'emails',
      'two',
      { ...ASK, emails: ['a@b.co', 'c@d.co'] },
      /exactly one.*one request per person/,
    ],
    ['emails', 'null', { ...ASK, emails: null }, /must be given, or user_ids/],
    ['emails', 'a number', { ...ASK, emails: 7 }, /list of one string.*this is a number/],
    ['emails', 'nested', { ...ASK, emails: [['a@b.co']] }, /list of one string/],
    ['emails', 'an object', { ...ASK, emails: { 0: 'a@b.co' } }, /list of one string/],
    [
      'emails',
      'two behind a comma',
      email('qx-a@b.co,qx-c@d.co'),
      /without a comma.*one request per/,
    ],
    ['emails', 'a comma in the name', email('qx-a,b@c.co'), /without a comma/],
    ['emails', 'a comma at the end', email('qx-a@b.co,'), /without a comma/],
    ['emails', 'two behind a semicolon', email('qx-a@b.co;c@d.co'), /semicolon.*one request per/],
    ['emails', 'a semicolon at the end', email('qx-a@b.co;'), /without a semicolon/],
    ['emails', 'two lines', email('qx-a@b.co\nqx-c@d.co'), /one "@"; send one request per person/],
    [
      'emails',
      'a broken list of a form',
      { ...ASK, emails: '["qx@b.co' },
      /list of one string, or/,
    ],
    ['emails', 'mailto:', email('mailto:qx-casey@partner.example'), /alone, without "mailto:"/],
    ['emails', 'an empty text in a list', email(''), /an e-mail address, such as/],
    ['emails', 'no @', email('qx-casey.partner.example'), /an e-mail address, such as/],
    ['emails', 'a name of a person', email('Qx Jürgen'), /an e-mail address, such as/],
    ['emails', 'two @', email('qx-a@b@c.co'), /one address with one "@"/],
    ['emails', 'no name', email('@partner.example'), /a name before the "@"/],
    ['emails', 'no domain', email('qx-casey@'), /a domain after it/],
    ['emails', 'no dot', email('qx-casey@partner'), /domain with a dot/],
    ['emails', 'a dot at the end', email('qx-casey@partner.example.'), /without a dot at its end/],
    ['emails', 'two dots', email('qx-casey@partner..example'), /without an empty part/],
    ['emails', 'a hyphen first', email('qx-casey@-partner.example'), /begin and end with a letter/],
    [
      'emails',
      'a label of 64',
      email(`qx@${'b'.repeat(64)}.co`),
      /at most 63 characters; one has 64/,
    ],
    ['emails', 'an IP address', email('qx-casey@127.0.0.1'), /that ends in letters/],
    ['emails', 'an IP literal', email('qx-casey@[127.0.0.1]'), /U\+005B at position 10 is none/],
    [
      'emails',
      'a path behind',
      email('qx-casey@partner.example/x'),
      /U\+002F at position 25 is none/,
    ],
    ['emails', 'a display name', email('Qx<qx-casey@partner.example>'), /between "<" and ">"/],
    ['emails', 'a name with a comma', email('Qx, C. <qx@partner.example>'), /between "<" and ">"/],
    ['emails', 'in <>', email('<qx-casey@partner.example>'), /between "<" and ">"/],
    [
      'emails',
      'a quoted name',
      email('"qx casey"@partner.example'),
      /no space, and there is U\+0020 at position 4.*%2B/,
    ],
    ['emails', 'quotes', email('"qx-casey"@partner.example'), /ordinary name/],
    ['emails', 'a comment', email('qx(casey)@partner.example'), /ordinary name/],
    [
      'emails',
      'a name of 65',
      email(`${'a'.repeat(65)}@partner.example`),
      /at most 64 characters before the "@"; it has 65/,
    ],
    [
      'emails',
      '255 characters',
      email(`aa@${'b.'.repeat(125)}co`),
      /at most 254 characters; it has 255/,
    ],
    ['emails', 'a space within', email('qx-casey @partner.example'), /U\+0020 at position 9/],
    ['emails', 'a line end', email('qx-casey@partner.\nexample'), /U\+000A at position 18/],
    ['emails', 'a NUL', email('qx-casey\u0000@partner.example'), /U\+0000 at position 9: delete/],
    ['emails', 'a DEL', email('qx-casey\u007f@partner.example'), /U\+007F at position 9/],
    [
      'emails',
      'an umlaut in the name',
      email('qx-jürgen@partner.example'),
      /ASCII before the "@", and U\+00FC at position 5/,
    ],
    ['emails', 'an umlaut in both', email('qx-jürgen@bücher.example'), /ASCII before the "@"/],
    [
      'emails',
      'a Cyrillic letter in a domain',
      email('qx-casey@pаrtner.example'),
      /of one script; U\+0430 at position 11 is Cyrillic among Latin letters/,
    ],
    ['emails', 'an underscore', email('qx-casey@my_company.example'), /without an underscore/],
    ['emails', 'a bracket behind', email('qx-casey@partner.example>'), /U\+003E at position 25/],
    ['user_ids', 'a name', { ...WITHOUT_RECIPIENT, user_ids: ['@qx-casey'] }, /such as U/],
    ['user_ids', 'a channel', { ...WITHOUT_RECIPIENT, user_ids: ['C012AB3CD4E'] }, /such as U/],
    ['user_ids', 'two', { ...WITHOUT_RECIPIENT, user_ids: ['U012AB3CD4E', 'U2'] }, /exactly one/],
    ['user_ids', 'behind a comma', { channel: CHANNEL, user_ids: 'U012AB3CD4E,U2' }, /such as U/],
    ['user_ids', 'in small letters', { channel: CHANNEL, user_ids: 'u012ab3cd4e' }, /capitals/],
    [
      'external_limited',
      'text',
      { ...ASK, external_limited: 'qx-true' },
      /true or false.*this is a text/,
    ],
    ['external_limited', 'a number', { ...ASK, external_limited: 0 }, /this is a number/],
    ['resend', 'more than any invite has', { ...ASK, resend: 1_000_001 }, /whole number.*attempts/],
    ['resend', 'true', { ...ASK, resend: true }, /must be a number.*this is a boolean/],
    ['resend', 'negative', { ...ASK, resend: -1 }, /whole number.*attempts/],
    ['resend', 'a fraction', { ...ASK, resend: 1.5 }, /whole number.*attempts/],
    ['resend', 'text', { ...ASK, resend: '1' }, /must be a number.*this is a text/],
    ['resend', 'past counting', { ...ASK, resend: 2 ** 53 }, /whole number.*attempts/],
    ['reference', 'too long', { ...ASK, reference: 'q'.repeat(65) }, /1 to 64/],
    ['reference', 'an address', { ...ASK, reference: 'qx@b.co' }, /1 to 64 letters/],
    ['reference', 'a number', { ...ASK, reference: 7 }, /a text in quotes; this is a number/],
    ['reference', 'an object', { ...ASK, reference: {} }, /this is an object/],
    ['reference', 'two lines', { ...ASK, reference: 'qx\n' }, /1 to 64/],
    [
      'message',
      'unknown',
      { ...ASK, message: 'qx' },
      /leave it out, since the fields are channel, emails/,
    ],
    ['token', 'unknown', { ...ASK, token: 'xoxb-qx' }, /leave it out/],
    ['constructor', 'unknown', { ...ASK, constructor: 'qx' }, /leave it out/],
    ['__proto__', 'unknown', JSON.parse('{"__proto__":{"channel":"C0"}}'), /leave it out/],
    ['email', 'for emails', { ...ASK, email: 'qx@b.co' }, /did you mean emails\?/],
    ['emails[]', 'for emails', { ...ASK, 'emails[]': 'qx@b.co' }, /did you mean emails\?/],
    ['emails[0]', 'for emails', { ...ASK, 'emails[0]': 'qx@b.co' }, /did you mean emails\?/],
    ['dry_run', 'in the body', { ...ASK, dry_run: true }, /\?dry_run=true/],
    ['mail', 'for emails', { ...ASK, mail: 'qx@b.co' }, /did you mean emails\?/],
    ['channel_id', 'for channel', { ...ASK, channel_id: 'qx' }, /did you mean channel\?/],
    ['userId', 'for user_ids', { ...ASK, userId: 'qx' }, /did you mean user_ids\?/],
    ['externalLimited', 'as in code', { ...ASK, externalLimited: 1 }, /mean external_limited\?/],
  ])('%s: %s', (field, _what, input, remedy) => {
    const error = refusalOf(input);
    expect(error).toMatchObject({ name: 'InvalidRequest', status: 422, retryable: false });
    expect(error.facts.code).toBe('invalid_request');
    const found = error.facts.errors?.find((one) => one.field === field);
    expect(found?.detail).toMatch(remedy);
    expect(error.message).toContain(`${field} ${found?.detail}`);
    expect(textOf(error)).not.toMatch(/qx/i);
  });

  test('all of them at once', () => {
    const input = {
      channel: 'general',
      emails: 'nobody',
      external_limited: 'no',
      resend: 'yes',
      reference: ' ',
      message: 'hello',
    };
    const fields = refusalOf(input).facts.errors?.map(({ field }) => field);
    expect(fields?.sort()).toEqual(Object.keys(input).sort());
  });

  test('not by a name that could be a secret or a person', () => {
    const error = refusalOf({
      ...ASK,
      'qx@partner.example': 1,
      'xoxb-qx': 1,
      [`qx${'q'.repeat(40)}`]: 1,
    });
    expect(error.facts.errors?.map(({ field }) => field)).toEqual(Array(3).fill('a field'));
    expect(textOf(error)).not.toContain('qx');
  });

  test('in an answer that does not grow with the request', () => {
    const input = Object.fromEntries(Array.from({ length: 4000 }, (_, at) => [`field_${at}`, 1]));
    const error = refusalOf(input);
    expect(error.facts.errors).toHaveLength(10);
    expect(textOf(error).length).toBeLessThan(10_000);
  });
});

test.each([undefined, null, 'channel', 7, true, [], [ASK]])(
  '%j is no ask, and the refusal says what one is',
  (input) => {
    const error = refusalOf(input);
    expect(error).toMatchObject({ name: 'InvalidRequest', status: 422 });
    expect(error.message).toMatch(/must be an object with the field channel/);
  },
);

describe('whatever the input', () => {
  /** All that a JSON string can hold, halves of surrogate pairs included. */
  const anyText = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });

  /** Values near the right ones, so that many runs get past the first check. */
  const near = fc.record(
    {
      channel: fc.oneof(fc.stringMatching(/^[CGD][A-Z0-9]{6,22}$/), fc.jsonValue()),
      emails: fc.oneof(fc.array(fc.emailAddress(), { maxLength: 2 }), fc.jsonValue()),
      user_ids: fc.oneof(fc.stringMatching(/^[UW][A-Z0-9]{5,22}$/), fc.jsonValue()),
      external_limited: fc.oneof(fc.boolean(), fc.jsonValue()),
      resend: fc.oneof(fc.nat(), fc.jsonValue()),
      reference: fc.oneof(fc.stringMatching(/^[\w.:-]{1,66}$/), fc.jsonValue()),
      other: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  test('it is an ask or a refusal of class InvalidRequest, and nothing else is ever thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), near), (input) => {
        let request: ReturnType<typeof parseRequest>;
        try {
          request = parseRequest(input);
        } catch (error) {
          expect(error).toBeInstanceOf(InviteError);
          expect(error).toMatchObject({ name: 'InvalidRequest', status: 422 });
          expect((error as InviteError).facts.errors?.length).toBeGreaterThan(0);
          return;
        }
        expect(request.channel).toMatch(/^[CG][A-Z0-9]{8,20}$/);
        expect(request.external_limited).toBeTypeOf('boolean');
        expect(request.resend ?? 0).toBeGreaterThanOrEqual(0);
        expect(request.reference ?? 'x').toMatch(/^[\w.:-]{1,64}$/);
      }),
      runs(500),
    );
  });

  test('an accepted address is one plain ASCII address with a dotted domain', () => {
    const part = fc.string({
      unit: fc.constantFrom(...'ab0.-_+,@"<> \n\u0000\u007fäа'),
      maxLength: 8,
    });
    const address = fc.oneof(
      fc.tuple(part, part).map(([local, domain]) => `${local}@${domain}.co`),
      anyText,
      fc.emailAddress(),
    );
    let accepted = 0;
    fc.assert(
      fc.property(address, (value) => {
        try {
          const { recipient } = parseRequest({ ...ASK, emails: [value] });
          const [local = '', domain = ''] = value.trim().split('@');
          const isAscii = /^[\x21-\x7e]*$/.test(domain);
          expect(recipient.value.slice(0, local.length + 1)).toBe(`${local}@`);
          if (isAscii) expect(recipient.value).toBe(`${local}@${domain}`);
          else expect(recipient.value).toContain('xn--');
          expect(recipient.value).toMatch(/^[!-+\--?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i);
          expect(recipient.value.length).toBeLessThanOrEqual(254);
        } catch (error) {
          if (error instanceof InviteError) return;
          throw error;
        }
        accepted += 1;
      }),
      runs(1000),
    );
    expect(accepted).toBeGreaterThan(100 * DEPTH);
  });

  test('a refusal repeats no value', () => {
    const marked = fc.tuple(anyText, anyText).map(([before, after]) => `${before} QXJ ${after}`);
    const value = fc.oneof(marked, fc.array(marked), fc.dictionary(marked, marked, { minKeys: 1 }));
    const fields = ['channel', 'emails', 'user_ids', 'external_limited', 'resend', 'reference'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fields, 'x', 'a QXJ b'), value), (input) => {
        expect(textOf(refusalOf(input))).not.toContain('QXJ');
      }),
      runs(300),
    );
  });

  test('an ask with a field more is refused for it', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        fc.pre(
          !Object.hasOwn(
            { ...ASK, user_ids: 1, external_limited: 1, resend: 1, reference: 1 },
            name,
          ),
        );
        // As JSON gives it: an own property, whatever the name.
        const input = Object.defineProperty({ ...ASK }, name, { value, enumerable: true });
        expect(refusalOf(input).message).toMatch(/is unknown(; leave it out| \(did you mean)/);
      }),
      {
        examples: [
          ['__proto__', { channel: 'C' }],
          ['constructor', null],
          ['', 1],
        ],
      },
    );
  });

  test('fields of a prototype are no fields of the ask', () => {
    expect(refusalOf(Object.create(ASK)).message).toMatch(/^Invalid request: channel must be/);
    expect(parseRequest(Object.assign(Object.create({ resend: 1 }), ASK))).not.toHaveProperty(
      'resend',
    );
  });
});
