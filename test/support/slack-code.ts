import type { SlackErrorCode } from '../../functions/errors/codes.ts';

/** @returns a code as one that came from Slack. */
export const slackCode = (code: string) => code as SlackErrorCode;
