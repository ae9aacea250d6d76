import { bundleBytes, DOORS, type Door } from '../builds.ts';
import { startFunction } from '../function-process.ts';
import { digits, type Findings, type Row, table } from '../report.ts';
import { inRounds, median, ratio } from '../rounds.ts';
import { createShare, type Share } from '../share.ts';
import type { Subject, World } from '../world.ts';

/** One cold start up to the answer to the first event, times in milliseconds. */
type Start = { total: number; init: number; cpu: number; memory: number };

/** @param share what the process gets of a processor from its first call on; left out: all of it. */
export const coldStart = async (
  { spec, event, prepare }: Subject,
  share?: Share,
): Promise<Start> => {
  prepare?.();
  const running = await startFunction(spec);
  share?.hold(running.pid);
  await running.invoke(event());
  const total = performance.now() - running.startedAt;
  const figures = { total, init: running.initMs, cpu: running.cpuMs(), memory: running.memoryMb() };
  await running.stop();
  return figures;
};

/** A function of 512 MB; 1,769 MB are a whole processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const SHARE_OF_512_MB = 512 / 1769;

const GOALS: Partial<Record<Door, number>> = {
  'invite-api': 0.85,
  'invite-task': 0.85,
  'lane-ticket': 0.5,
  'hr-invite': 0.6,
  'hr-webhook': 0.8,
};
const SHARE_GOALS: Partial<Record<Door, number>> = { 'invite-api': 0.65, 'invite-task': 0.65 };

/** Cold starts of all functions beside those of the baselines, with a whole processor and with a share of one. */
export const cold = async (world: World, rounds: number): Promise<Findings> => {
  const share = createShare(SHARE_OF_512_MB);
  try {
    const events = { 'slack-events': world.ours('lifecycle', 'slack-events') };
    const whole = await startsOf(world, { doors: DOORS, rounds, more: events });
    const doors = Object.keys(SHARE_GOALS) as Door[];
    const shared = await startsOf(world, { doors, rounds, share });
    return {
      rows: [
        ...rowsOf(shared, SHARE_GOALS, 'start to first answer at 512 MB, of the plain function'),
        ...rowsOf(whole, GOALS, 'the same with a whole processor'),
      ],
      details: [
        'Start of the process to the first answer, with a whole processor, in milliseconds; there is `slack-events` with `lifecycle` only, and at the base no `invite-turn`:',
        detailsOf(world, whole),
        `The same at 512 MB: loading has a whole processor, and from the first call on the function has ${digits(SHARE_OF_512_MB, 2)} of one (by ${share.means}):`,
        detailsOf(world, shared),
      ].join('\n\n'),
    };
  } finally {
    share.close();
  }
};

type Starts = Record<string, Start[]>;

const nameOf = (door: Door, build: 'now' | 'base'): string =>
  build === 'now' ? door : `${door}, base`;

type Measured = {
  doors: readonly Door[];
  rounds: number;
  share?: Share;
  /** What is measured besides. */
  more?: Record<string, Subject>;
};

const startsOf = async (
  world: World,
  { doors, rounds, share, more = {} }: Measured,
): Promise<Starts> => {
  const builds = Object.keys(world.builds) as ('now' | 'base')[];
  const subjects = [
    ...doors.flatMap((door) =>
      builds
        .filter((build) => world.builds[build]?.[door])
        .map((build) => [nameOf(door, build), world.ours(build, door)] as const),
    ),
    ...Object.entries(more),
    ...(['plain', 'floor', 'empty'] as const).map((name) => [name, world.baseline(name)] as const),
  ];
  return inRounds(
    rounds,
    Object.fromEntries(
      subjects.map(([name, subject]) => [name, () => coldStart(subject, share)] as const),
    ),
  );
};

const totals = (starts: Starts, name: string) => starts[name]?.map(({ total }) => total);

const ofPlain = (starts: Starts, name: string): number | undefined => {
  const mine = totals(starts, name);
  return mine && ratio(mine, totals(starts, 'plain') ?? []);
};

const rowsOf = (starts: Starts, goals: Partial<Record<Door, number>>, what: string): Row[] =>
  (Object.entries(goals) as [Door, number][]).map(([door, goal]) => ({
    what: `${door}, ${what}`,
    base: digits(ofPlain(starts, nameOf(door, 'base')), 2),
    now: digits(ofPlain(starts, nameOf(door, 'now')), 2),
    goal: `≤ ${goal.toFixed(2)}`,
  }));

const detailsOf = (world: World, starts: Starts): string =>
  table(
    ['', 'bytes', 'total', 'init', 'processor', 'MB', 'of plain'],
    Object.entries(starts).map(([name, figures]) => {
      const middle = (of: keyof Start) => digits(median(figures.map((start) => start[of])), 0);
      return [
        name,
        bytesOf(world, name).toLocaleString('en'),
        ...(['total', 'init', 'cpu', 'memory'] as const).map(middle),
        digits(ofPlain(starts, name), 2),
      ];
    }),
  );

const bytesOf = ({ builds, withLifecycle, baselines }: World, name: string): number => {
  if (name === 'slack-events') return bundleBytes(withLifecycle[name].codeDir);
  for (const door of DOORS) {
    if (name === nameOf(door, 'now')) return bundleBytes(builds.now[door].codeDir);
    if (name === nameOf(door, 'base')) return bundleBytes(builds.base?.[door].codeDir as string);
  }
  return bundleBytes(baselines[name as keyof typeof baselines]);
};
