import type { Policy } from '../../functions/invites/policy.ts';
import type { HrSource } from '../../functions/webhooks/source.ts';
import { cdkJsonContext } from '../config/cdk-json.ts';
import { isObject, writtenConfig } from '../config/context.ts';

/**
 * What `npm start` has to know of the configuration before the synthesis, since that takes seconds.
 */
export type Written = {
  policy: Policy;
  /** Undefined if the configuration does not mention it. */
  jwt: Record<string, unknown> | undefined;
  /** Whether it follows what becomes of invitations; undefined if the configuration does not say. */
  follows: boolean | undefined;
  /** Whether there are alarms and dashboards. */
  isWatched: boolean;
  /** Undefined if the configuration does not mention sources. */
  sources: Record<string, HrSource> | undefined;
};

/**
 * The configuration as it is written. Nothing is checked here: the synthesis does that, and stops
 * the start if the configuration is wrong. Until then, a wrong list of texts counts as empty.
 *
 * @param context as from `-c key=value`.
 * @throws {ConfigError} if a value of the command line cannot be read.
 */
export const readWritten = (context: Record<string, string>): Written => {
  const { channels, deniedEmailDomains, readers, jwt, sources, lifecycle, observability } =
    fieldsOf(writtenConfig({ ...cdkJsonContext(), ...context }));
  return {
    policy: {
      channels: Object.fromEntries(
        Object.entries(fieldsOf(channels)).map(([channel, row]) => {
          const { emailDomains, callers } = fieldsOf(row);
          const open = callers === undefined;
          return [
            channel,
            { emailDomains: texts(emailDomains), ...(!open && { callers: texts(callers) }) },
          ];
        }),
      ),
      deniedEmailDomains: texts(deniedEmailDomains),
      readers: texts(readers),
    },
    jwt: jwt === undefined ? undefined : fieldsOf(jwt),
    follows: lifecycle === undefined ? undefined : lifecycle !== false,
    isWatched: observability !== undefined,
    sources: sources as Written['sources'],
  };
};

const fieldsOf = (value: unknown) => (isObject(value) ? value : {});

const texts = (value: unknown): string[] =>
  [value].flat().filter((item) => typeof item === 'string');
