import jsonata, { type ExprNode } from 'jsonata';
import type * as z from 'zod';
import { hrCaller } from '../../functions/invites/invite.ts';
import { type ChannelPolicy, isDenied, rowOf } from '../../functions/invites/policy.ts';
import { domainOf, matchesDomain } from '../../functions/invites/recipient.ts';
import { CHANNEL_ID } from '../../functions/invites/request.ts';
import { GROUP } from './policy.ts';
import { ROOT } from './root.ts';

// Checks of the policy against what else the configuration says. They run when some of the fields
// are wrong by themselves too: nothing here may rely on a field having its type.

type Issues = { addIssue(issue: z.core.$ZodSuperRefineIssue): void };
type Fields = Record<string, unknown>;

/** Whether the HR rules invite only whom the policy lets them, as far as they say whom. */
export const checkRules = (config: Fields, context: Issues): void => {
  const policy = {
    channels: fieldsOf(config.channels) as Record<string, ChannelPolicy>,
    deniedEmailDomains: textsOf(config.deniedEmailDomains),
    readers: [],
  };
  for (const [name, source] of Object.entries(fieldsOf(config.sources))) {
    const { rules } = fieldsOf(source);
    for (const [index, rule] of Array.isArray(rules) ? rules.entries() : []) {
      const { channel, email, external_limited } = fieldsOf(fieldsOf(rule).invite);
      const path = ['sources', name, 'rules', index, 'invite'];
      const refuse = (field: string, input: unknown, message: string) =>
        context.addIssue({ code: 'custom', path: [...path, field], input, message });

      if (typeof channel !== 'string' || !CHANNEL_ID.test(channel)) continue;
      const [key, found] = rowOf(policy, channel) ?? [];
      if (!found) {
        refuse(
          'channel',
          channel,
          `a channel of ${ROOT}.channels; {} is enough there where grants allow the domains`,
        );
        continue;
      }
      const row = fieldsOf(found);
      const [caller] = hrCaller(name).names as [string];
      if (row.callers !== undefined && !textsOf(row.callers).includes(caller)) {
        refuse(
          'channel',
          channel,
          `a channel whose ${ROOT}.channels.${key}.callers has "${caller}"`,
        );
      }
      if (external_limited === false && row.fullAccess !== true) {
        refuse(
          'external_limited',
          false,
          `true, as long as ${ROOT}.channels.${key}.fullAccess is not true`,
        );
      }
      const domain = domainIn(email);
      if (domain === undefined) continue;
      if (isDenied(policy, domain)) {
        refuse('email', email, `no address in a domain of ${ROOT}.deniedEmailDomains`);
      } else if (!textsOf(row.emailDomains).some((pattern) => matchesDomain(pattern, domain))) {
        refuse('email', email, `an address in a domain of ${ROOT}.channels.${key}.emailDomains`);
      }
    }
  }
};

/** Whether there is a claim for the groups that the policy names. */
export const checkGroups = (config: Fields, context: Issues): void => {
  if (fieldsOf(config.jwt).groupsClaim !== undefined) return;
  const lists: [path: string[], callers: unknown][] = [
    [['readers'], config.readers],
    ...Object.entries(fieldsOf(config.channels)).map(([channel, row]): [string[], unknown] => [
      ['channels', channel, 'callers'],
      fieldsOf(row).callers,
    ]),
  ];
  for (const [path, callers] of lists) {
    const group = textsOf(callers).find((caller) => GROUP.test(caller));
    if (group === undefined) continue;
    context.addIssue({
      code: 'custom',
      path,
      input: group,
      message: `no group, as long as ${ROOT}.jwt.groupsClaim does not name the claim that has the groups`,
    });
  }
};

/** @returns the domain of the address that an expression gives whatever the event, if it says one. */
const domainIn = (expression: unknown): string | undefined => {
  if (typeof expression !== 'string') return undefined;
  try {
    const end = literalEnd(jsonata(expression).ast());
    return end?.includes('@') ? domainOf(end.trim()) : undefined;
  } catch {
    return undefined; // it is told elsewhere that it cannot be read
  }
};

/** The literal that the text of an expression ends with: `"a@b.example"`, `name & "@b.example"`. */
const literalEnd = (node: ExprNode): string | undefined => {
  const { type, value, rhs, expressions } = node as ExprNode & { rhs?: ExprNode };
  if (type === 'string') return String(value);
  if (type === 'binary' && value === '&' && rhs) return literalEnd(rhs);
  if (type === 'block' && expressions?.length === 1) return literalEnd(expressions[0] as ExprNode);
  return undefined;
};

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const textsOf = (value: unknown): string[] =>
  [value].flat().filter((item) => typeof item === 'string');
