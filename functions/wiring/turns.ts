import { blockTable, laneCell, noteTicket } from '../aws/pace-table.ts';
import { createBarrier } from '../invites/barrier.ts';
import { createLane } from '../invites/gate.ts';
import { createSendQueued, type SendQueued } from '../invites/send-queued.ts';
import type { SenderEnvironment } from '../lambda/environment.ts';
import { createSender, type TokenEnd } from './sender.ts';

/** The domain behind the workflow's own steps. */
export type Turns = SendQueued & {
  token: TokenEnd;
};

/** Puts it together with its adapters, once a process. */
export const createTurns = async (environment: SenderEnvironment): Promise<Turns> => {
  const { table, ports, token } = await createSender(environment);
  const takeTicket = createLane(environment.config);
  const turns = createSendQueued({
    ...ports,
    barrier: createBarrier(blockTable(table)),
    expectTurn: (queued, at, invocation) => noteTicket(table, queued, at, invocation),
    nextPlace: async (invocation) => (await takeTicket(laneCell(table, invocation))).notBefore,
  });
  return { ...turns, token };
};
