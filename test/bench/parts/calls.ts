import { countRequests } from '../paths.ts';
import { type Findings, NONE, table } from '../report.ts';
import type { World } from '../world.ts';

/** What each path requests of AWS. Counted once: no machine changes it. */
export const calls = async ({ fakes, builds, more }: World): Promise<Findings> => {
  const now = await countRequests(fakes, builds.now, more);
  const base = builds.base && (await countRequests(fakes, builds.base, more));
  const invitation = 'invite-api: a new invitation';
  return {
    rows: [
      {
        what: 'requests to AWS of a new invitation',
        base: `${base?.[invitation] ?? NONE}`,
        now: `${now[invitation]}`,
        goal: '4',
      },
    ],
    details: [
      'Requests to AWS of each path; a function reads its secret once, when it starts, and that is not counted:',
      table(
        ['', 'base', 'now'],
        Object.entries(now).map(([path, count]) => [path, `${base?.[path] ?? NONE}`, `${count}`]),
      ),
    ].join('\n\n'),
  };
};
