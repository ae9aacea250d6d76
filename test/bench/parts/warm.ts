import { type FunctionProcess, startFunction } from '../function-process.ts';
import { digits, type Findings, table } from '../report.ts';
import { inRounds, median, ratio } from '../rounds.ts';
import type { Subject, World } from '../world.ts';

/** Calls before anything is measured: V8 has compiled by then what it is going to. */
const WARM_UP = 300;
const CALLS_A_ROUND = 60;

/** The processor's time of a new invitation in a process that has made many, beside the floor's. */
export const warm = async (world: World, rounds: number): Promise<Findings> => {
  const subjects: Record<string, Subject> = {
    'invite-api': world.ours('now', 'invite-api'),
    ...(world.builds.base && { 'invite-api, base': world.ours('base', 'invite-api') }),
    plain: world.baseline('plain'),
    floor: world.baseline('floor'),
  };
  const running: FunctionProcess[] = [];
  try {
    const measures: Record<string, () => Promise<number>> = {};
    for (const [name, { spec, event }] of Object.entries(subjects)) {
      const one = await startFunction(spec);
      running.push(one);
      await callOften(one, event, WARM_UP);
      measures[name] = async () => {
        const before = one.cpuMs();
        await callOften(one, event, CALLS_A_ROUND);
        return (one.cpuMs() - before) / CALLS_A_ROUND;
      };
    }
    const figures = await inRounds(rounds, measures);
    const ofFloor = (name: string): number | undefined =>
      figures[name] && ratio(figures[name], figures.floor as number[]);
    return {
      rows: [
        {
          what: 'a warm new invitation, processor time, of the floor with the same calls',
          base: digits(ofFloor('invite-api, base'), 2),
          now: digits(ofFloor('invite-api'), 2),
          goal: '≤ 2.00',
        },
      ],
      details: [
        'Processor time of a warm new invitation, in milliseconds:',
        table(
          ['', 'ms', 'of the floor'],
          Object.entries(figures).map(([name, times]) => [
            name,
            digits(median(times), 2),
            digits(ofFloor(name), 2),
          ]),
        ),
      ].join('\n\n'),
    };
  } finally {
    await Promise.all(running.map((one) => one.stop()));
  }
};

const callOften = async (one: FunctionProcess, event: () => object, times: number) => {
  for (let call = 0; call < times; call += 1) await one.invoke(event());
};
