import { TYPES } from '../../functions/lifecycle/door.ts';
import manifest from '../../slack-app.json' with { type: 'json' };
import { type Operation, runOperation } from '../command-line/operation.ts';
import { findStack, outputOf, STACK_OPTION, type Stack } from './stack.ts';

const USAGE = `Prints the Slack app's manifest with the events of a stack that has "lifecycle", to paste into the app.

  npm run -s slack-app -- --stack SlackConnectInvites

${STACK_OPTION}
  --help         this text

First put the app's signing secret in: Slack checks the address when the manifest is saved.`;

const OPTIONS = { stack: { type: 'string' } } as const;

/** `npm run slack-app`. */
export const slackApp: Operation<typeof OPTIONS> = {
  usage: USAGE,
  options: OPTIONS,
  example: 'npm run -s slack-app -- --stack SlackConnectInvites',
  async run({ stack: name }, env) {
    const stack = await findStack(name, env);
    if (!stack.outputs.SigningSecretArn) {
      console.error(
        `The stack ${stack.name} takes no events: set the configuration key lifecycle, deploy, and run this again. Until then slack-app.json is the app's manifest.`,
      );
      return 1;
    }
    console.log(JSON.stringify(withEvents(stack), undefined, 2));
    return 0;
  },
};

/** @see https://docs.slack.dev/reference/app-manifest */
const withEvents = (stack: Stack) => ({
  ...manifest,
  settings: {
    event_subscriptions: {
      request_url: new URL('/slack/events', outputOf(stack, 'ApiUrl')).href,
      bot_events: [...TYPES].toSorted(),
    },
    ...manifest.settings,
  },
});

if (import.meta.main) await runOperation(slackApp);
