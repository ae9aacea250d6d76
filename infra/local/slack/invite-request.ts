import type { SlackCode } from '../../../functions/slack/codes.ts';

/** The arguments of `conversations.inviteShared`, whichever way they were written. */
export type InviteRequest = {
  channel: string;
  emails: string[];
  user_ids: string[];
  external_limited: boolean;
  /** The page has codes for a message, but no such argument. So it is checked and not sent. */
  message: string;
};

/** Why the arguments cannot be read; `message` as Slack puts it into `response_metadata.messages`. */
export type BadArguments = { code: SlackCode; message: string };

/**
 * Reads the arguments: lists may be lists, JSON text of a list, or text joined by commas; booleans
 * may be `true`, `false`, `1`, `0` or text of these. Arguments that the method does not know are
 * ignored, as Slack ignores them.
 * Source: https://docs.slack.dev/reference/methods/conversations.inviteShared, "Arguments".
 */
export function readInviteRequest(args: Map<string, unknown>): InviteRequest | BadArguments {
  const channel = args.get('channel') ?? '';
  if (Array.isArray(channel)) return bad('channel', 'must be a string', 'invalid_array_arg');
  if (typeof channel !== 'string') return bad('channel', 'must be a string');
  if (channel === '') return bad('channel', 'missing required field');

  const emails = readList(args.get('emails'));
  if (!emails) return bad('emails', 'must be a list of strings');
  const userIds = readList(args.get('user_ids'));
  if (!userIds) return bad('user_ids', 'must be a list of strings');

  const limited = args.get('external_limited') ?? true;
  if (Array.isArray(limited)) {
    return bad('external_limited', 'must be a boolean', 'invalid_array_arg');
  }
  const external_limited = readBoolean(limited);
  if (external_limited === undefined) return bad('external_limited', 'must be a boolean');

  const message = args.get('message') ?? '';
  if (typeof message !== 'string') return bad('message', 'must be a string');

  return { channel, emails, user_ids: userIds, external_limited, message };
}

/** @returns undefined for what is no boolean, however written. */
export function readBoolean(value: unknown): boolean | undefined {
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  if (typeof value !== 'string') return undefined;
  if (/^(true|1)$/i.test(value)) return true;
  return /^(false|0)$/i.test(value) ? false : undefined;
}

const bad = (
  field: string,
  problem: string,
  code: SlackCode = 'invalid_arguments',
): BadArguments => ({ code, message: `[ERROR] ${problem}: ${field}` });

/** @returns the strings of a list; undefined for anything else. */
function readList(value: unknown): string[] | undefined {
  const list = typeof value === 'string' ? splitList(value) : (value ?? []);
  return isStrings(list) ? list : undefined;
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function splitList(text: string): unknown {
  if (text.trimStart().startsWith('[')) {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
