import { setTimeout as sleep } from 'node:timers/promises';
import { readCall, type WireRequest } from './call.ts';
import type { Counted } from './counters.ts';
import { answerOf } from './faults.ts';
import { runMethod } from './methods.ts';
import { type Answer, refuse, toAnswer } from './reply.ts';
import { dueIn, type State } from './state.ts';

/** The result of a call: an answer, a connection that stays silent, or one that is closed. */
export type Reaction = Answer | 'hang' | 'drop';

/**
 * Answers one call. A fault that is set replaces the usual answer, or delays or drops it.
 *
 * @param closing ends the wait of a `delay_ms`.
 * @throws an `AbortError` when `closing` did so.
 */
export async function callMethod(
  method: Counted,
  request: WireRequest,
  state: State,
  closing: AbortSignal,
): Promise<Reaction> {
  const answered = <Result extends Reaction>(result: Result, outcome: string): Result => {
    state.counters.answered(method, outcome);
    return result;
  };

  const fault = state.faults.next(method);
  if (fault) {
    if ('hang' in fault) return answered('hang', 'hang');
    if ('drop' in fault && fault.drop === 'before') return answered('drop', 'drop_before');
    const instead = answerOf(fault, dueIn(state.settings));
    if (instead) return answered(instead, instead.outcome);
    if ('delay_ms' in fault) await sleep(fault.delay_ms, undefined, { signal: closing });
  }

  const answer = await ordinaryAnswer(method, request, state);
  if (fault && 'drop' in fault) return answered('drop', 'drop_after');
  return answered(answer, answer.outcome);
}

/** Those that a call can do with nothing but a token. */
const WITHOUT_ARGUMENTS: Counted[] = [
  'auth.test',
  'conversations.listConnectInvites',
  'unknown_method',
];

async function ordinaryAnswer(
  method: Counted,
  request: WireRequest,
  state: State,
): Promise<Answer> {
  const call = await readCall(request, !WITHOUT_ARGUMENTS.includes(method));
  const reply = () => {
    if (method === 'unknown_method') return refuse(method);
    return 'code' in call ? refuse(call.code) : runMethod(method, call, state);
  };
  return toAnswer(reply(), call.warnings);
}
