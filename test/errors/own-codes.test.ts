import { describe, expect, test } from 'vitest';
import { ERROR_CLASSES } from '../../functions/errors/classes.ts';
import { codeRow, OWN_CODES, type OwnCode } from '../../functions/errors/codes.ts';
import { ownError } from '../../functions/errors/invite-error.ts';

const CODES = Object.keys(OWN_CODES) as OwnCode[];

/** The error of a code, with something for each value that its text has braces for. */
const made = (code: OwnCode) => {
  const { description, remedy } = codeRow(code);
  const names = [...`${description} ${remedy}`.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return ownError(
    code,
    Object.fromEntries(names.map((name) => [name, `value-of-${name}`])) as never,
  );
};

describe.each(CODES)('%s', (code) => {
  test('can be made, of its class', () => {
    const { name, status, facts } = made(code);
    expect(name).toBe(codeRow(code).class);
    expect(status).toBe(codeRow(code).status ?? ERROR_CLASSES[name].status);
    expect(facts.code).toBe(code);
    expect(facts.slackError).toBeUndefined();
  });

  test('has a text of whole sentences, with every value in its place', () => {
    const { detail } = made(code).facts;
    expect(detail).not.toMatch(/[{}]|undefined/);
    for (const text of [detail, codeRow(code).description, codeRow(code).remedy]) {
      expect(text).toMatch(/^[A-Z].*[^.]\.$/);
    }
  });
});

/** Their makers know when: the claim that stands in the way, and the gate's next place. */
const TOLD_BY_THEIR_MAKERS: OwnCode[] = ['in_progress', 'gate_closed'];

test('a remedy that names retry_after is that of an error that has one', () => {
  const telling = CODES.filter((code) => codeRow(code).remedy.includes('retry_after'));
  expect(telling.filter((code) => codeRow(code).retryAfter === undefined)).toEqual(
    TOLD_BY_THEIR_MAKERS,
  );
});

test('what can be tried again says when, unless no answer has it', () => {
  const silent = CODES.filter((code) => {
    const { class: name, retryAfter, onlyRecorded } = codeRow(code);
    return ERROR_CLASSES[name].retryable && retryAfter === undefined && !onlyRecorded;
  });
  // Only the workflow gets `blocked`: the block knows when the next look is due.
  expect(silent).toEqual([...TOLD_BY_THEIR_MAKERS, 'blocked']);
});
