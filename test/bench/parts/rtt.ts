import { SERVICES } from '../fakes.ts';
import { type FunctionProcess, startFunction } from '../function-process.ts';
import { startRelay } from '../relay.ts';
import { digits, type Findings, table } from '../report.ts';
import { inRounds, median } from '../rounds.ts';
import type { Addresses, Subject, World } from '../world.ts';
import { coldStart } from './cold.ts';

/** What Slack itself takes for its answer, which is not counted. */
const SLACK_MS = 100;
const TO_SLACK_MS = 20;
const TO_AWS_MS = 5;
const WARM_UP = 30;

/** The time of an invitation beyond Slack's own where the services are as far away as they are. */
export const rtt = async (world: World, rounds: number): Promise<Findings> => {
  const { fakes } = world;
  const relays = await Promise.all(
    SERVICES.map(async (service) => {
      const ms = service === 'slack' ? TO_SLACK_MS : TO_AWS_MS;
      return [service, await startRelay(fakes.addresses[service], ms)] as const;
    }),
  );
  const addresses = Object.fromEntries(
    relays.map(([service, { url }]) => [service, url]),
  ) as Addresses;
  fakes.setSlackTime(SLACK_MS);
  try {
    const subjects = subjectsAt(world, addresses);
    const warm = await warmTimes(subjects, rounds, fakes.slackTook);
    const cold = await inRounds(
      rounds,
      mapValues(
        subjects,
        (subject) => async () => (await coldStart(subject)).total - fakes.slackTook(),
      ),
    );
    const middle = (times: number[] | undefined) => digits(times && median(times), 0);
    return {
      rows: [
        {
          what: `a warm new invitation, ms beyond Slack's own, ${TO_SLACK_MS} ms to Slack and ${TO_AWS_MS} ms to AWS`,
          base: middle(warm['invite-api, base']),
          now: middle(warm['invite-api']),
          goal: '≤ 70',
        },
      ],
      details: [
        `A new invitation beyond the ${SLACK_MS} ms that Slack takes, with ${TO_SLACK_MS} ms for a round trip to Slack and ${TO_AWS_MS} ms to AWS, in milliseconds:`,
        table(
          ['', 'warm', 'cold, a whole processor'],
          Object.keys(subjects).map((name) => [name, middle(warm[name]), middle(cold[name])]),
        ),
      ].join('\n\n'),
    };
  } finally {
    fakes.setSlackTime(0);
    for (const [, relay] of relays) relay.close();
  }
};

const subjectsAt = (world: World, addresses: Addresses): Record<string, Subject> => ({
  'invite-api': world.ours('now', 'invite-api', addresses),
  ...(world.builds.base && { 'invite-api, base': world.ours('base', 'invite-api', addresses) }),
  plain: world.baseline('plain', addresses),
  floor: world.baseline('floor', addresses),
});

const warmTimes = async (
  subjects: Record<string, Subject>,
  rounds: number,
  slackTook: () => number,
) => {
  const running: FunctionProcess[] = [];
  try {
    const measures: Record<string, () => Promise<number>> = {};
    for (const [name, { spec, event }] of Object.entries(subjects)) {
      const one = await startFunction(spec);
      running.push(one);
      for (let call = 0; call < WARM_UP; call += 1) await one.invoke(event());
      measures[name] = async () => {
        const began = performance.now();
        await one.invoke(event());
        return performance.now() - began - slackTook();
      };
    }
    return await inRounds(rounds, measures);
  } finally {
    await Promise.all(running.map((one) => one.stop()));
  }
};

const mapValues = <From, To>(object: Record<string, From>, map: (value: From) => To) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
