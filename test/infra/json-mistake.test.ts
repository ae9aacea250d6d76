import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonMistake } from '../../infra/config/json-mistake.ts';
import { runs } from '../support/depth.ts';

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** JSON in which a few characters were replaced, inserted or left out. */
const nearlyJson = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.array(
      fc.tuple(
        fc.nat(200),
        fc.nat(1),
        fc.constantFrom('', ',', '"', '}', ']', ':', '//', '\\', '\t', '“', '0', 'x'),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([json, edits]) =>
    edits.reduce((text, [at, drop, insert]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + drop);
    }, json),
  );

test('a mistake is found exactly where the runtime finds one, within the text or at its end', () => {
  fc.assert(
    fc.property(nearlyJson, (text) => {
      const mistake = jsonMistake(text);
      expect(mistake === undefined).toBe(isJson(text));
      if (!mistake) return;
      expect(mistake.character).toBeGreaterThanOrEqual(1);
      expect(mistake.character).toBeLessThanOrEqual(text.length + 1);
      expect(mistake.what.length).toBeGreaterThan(10);
    }),
    runs(1000),
  );
});

test('line and column are those that an editor shows', () => {
  expect(jsonMistake('{\r\n  "a": 1,\r\n}')).toMatchObject({ line: 3, column: 1, character: 15 });
  expect(jsonMistake('{\n\n"a": b}')).toMatchObject({ line: 3, column: 6, character: 9 });
});
