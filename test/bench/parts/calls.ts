import { countRequests } from '../paths.ts';
import { type Findings, NONE, table } from '../report.ts';
import type { World } from '../world.ts';

/** What each path requests of AWS. Counted once: no machine changes it. */
export const calls = async ({ fakes, builds, withLifecycle, more }: World): Promise<Findings> => {
  const now = await countRequests(fakes, builds.now, more);
  const base = builds.base && (await countRequests(fakes, builds.base, more));
  const followed = await countRequests(fakes, withLifecycle, more);
  const invitation = 'invite-api: a new invitation';
  return {
    rows: [
      {
        what: 'requests to AWS of a new invitation',
        base: `${base?.[invitation] ?? NONE}`,
        now: `${now[invitation]}`,
        goal: '4',
      },
      {
        what: 'the same with `lifecycle`',
        base: NONE,
        now: `${followed[invitation]}`,
        goal: '≤ 6',
      },
    ],
    details: [
      'Requests to AWS of each path; a function reads its secret once, when it starts, and that is not counted:',
      table(
        ['', 'base', 'now', 'with `lifecycle`'],
        Object.entries({ ...now, ...followed }).map(([path]) => [
          path,
          ...[base, now, followed].map((counts) => `${counts?.[path] ?? NONE}`),
        ]),
      ),
    ].join('\n\n'),
  };
};
