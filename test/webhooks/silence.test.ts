import { beforeEach, expect, test } from 'vitest';
import { heardTable } from '../../functions/aws/record-table.ts';
import { HEARD_MS } from '../../functions/lib/times.ts';
import { createHeard, findSilent, type HeardStore } from '../../functions/webhooks/silence.ts';
import { INVOCATION } from '../support/invocation.ts';
import { newTable } from '../support/tables.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2030-01-01T00:00:00Z');
const WATCHED = { greenhouse: 24, okta: 72 };

let store: HeardStore;
let notes: string[];
let now: number;
let heard: ReturnType<typeof createHeard>;
beforeEach(async () => {
  store = heardTable(await newTable());
  notes = [];
  now = START;
  heard = createHeard(
    {
      async note(source, at, invocation) {
        notes.push(source);
        await store.note(source, at, invocation);
      },
    },
    new Set(Object.keys(WATCHED)),
    () => now,
  );
});

const silent = () => findSilent(store, WATCHED, now, INVOCATION);

test('a source is silent after its own hours, and not once it is heard again', async () => {
  await heard('greenhouse', INVOCATION);
  await heard('okta', INVOCATION);
  now += 24 * HOUR_MS;
  expect(await silent()).toEqual([]);
  now += 1;
  expect(await silent()).toEqual([{ source: 'greenhouse', since: '2030-01-01T00:00:00.000Z' }]);
  await heard('greenhouse', INVOCATION);
  expect(await silent()).toEqual([]);
});

test('the silence of a source that was never heard begins with the first look', async () => {
  expect(await silent()).toEqual([]);
  now += 24 * HOUR_MS + 1;
  expect(await silent()).toMatchObject([{ source: 'greenhouse' }]);
});

test('a process notes a source once in ten minutes, however much it sends', async () => {
  for (let minute = 0; minute < 20; minute += 1) {
    await heard('greenhouse', INVOCATION);
    now += HEARD_MS / 10;
  }
  expect(notes).toEqual(['greenhouse', 'greenhouse']);
});

test('a source whose silence nobody is told of is not noted', async () => {
  await heard('bamboohr', INVOCATION);
  expect(notes).toEqual([]);
});

test('what cannot be noted fails no delivery, and the next one notes it', async () => {
  let attempts = 0;
  const away = createHeard(
    {
      async note() {
        attempts += 1;
        throw new Error('The table is away');
      },
    },
    new Set(['greenhouse']),
  );
  await away('greenhouse', INVOCATION);
  await away('greenhouse', INVOCATION);
  expect(attempts).toBe(2);
});
