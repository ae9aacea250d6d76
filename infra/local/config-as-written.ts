import type { Policy } from '../../functions/invites/policy.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { cdkJsonContext } from '../config/cdk-json.ts';
import { writtenConfig } from '../config/context.ts';

/**
 * What `npm start` has to know of the configuration before the synthesis, since that takes seconds.
 */
export type Written = {
  policy: Policy;
  /** Undefined if the configuration does not mention sources. */
  sources: Record<string, HrSource> | undefined;
};

/**
 * The configuration as it is written. Nothing is checked here: the synthesis does that, and stops
 * the start if the configuration is wrong. Until then, anything but a list of texts counts as an
 * empty list.
 *
 * @param context as from `-c key=value`.
 * @throws {ConfigError} if a value of the command line cannot be read.
 */
export const readWritten = (context: Record<string, string>): Written => {
  const written = (writtenConfig({ ...cdkJsonContext(), ...context }) ?? {}) as Record<
    string,
    unknown
  >;
  const list = (key: string): string[] =>
    [written[key]].flat().filter((item) => typeof item === 'string');
  return {
    policy: {
      allowedChannels: list('allowedChannels'),
      allowedEmailDomains: list('allowedEmailDomains'),
      deniedEmailDomains: list('deniedEmailDomains'),
      allowUserIds: false,
      allowFullAccess: false,
    },
    sources: written.sources as Written['sources'],
  };
};
