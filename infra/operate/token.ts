import { text } from 'node:stream/consumers';
import { UsageError } from '../command-line/arguments.ts';
import { type Operation, runOperation } from '../command-line/operation.ts';
import { checkToken } from './check-slack.ts';
import { readDeployed } from './deployed.ts';
import { isSound, print } from './doctor.ts';
import { tokenIn, writeSecret } from './secret.ts';
import { findStack, outputOf, STACK_OPTION } from './stack.ts';

const USAGE = `Reads a Slack token from the standard input, checks it as the doctor does, and puts it in.

  npm run token -- --stack SlackConnectInvites
  npm run -s token -- --stack SlackConnectInvites < token.txt

${STACK_OPTION}
  --help         this text

At a terminal, paste the token, press Enter, then Ctrl-D. A token with a fault is not put in, and the
exit code is 1.`;

const OPTIONS = { stack: { type: 'string' } } as const;

/** Nobody's token is longer, and nobody pipes a film into it. */
const MOST_CHARACTERS = 4096;

/** `npm run token`. */
export const token: Operation<typeof OPTIONS> = {
  usage: USAGE,
  options: OPTIONS,
  example: 'npm run token -- --stack SlackConnectInvites',
  async run({ stack: name }, env) {
    const stack = await findStack(name, env);
    if (process.stdin.isTTY) console.error('Paste the token, press Enter, then Ctrl-D:');
    const given = (await text(process.stdin)).slice(0, MOST_CHARACTERS);
    const value = await tokenIn(given);
    if (value === undefined) {
      throw new UsageError(
        'The standard input holds no token: a bot token, which begins with xoxb-, or {"token":"xoxb-…"}',
      );
    }
    const deployed = await readDeployed(stack, 'invite-task');
    const { reported } = await checkToken({
      apiUrl: stack.slackApiUrl,
      token: value,
      workspace: deployed?.config.workspace,
    });
    console.log(reported.map(print).join('\n'));
    if (!isSound(reported)) {
      console.log('\nThe token was not put in.');
      return 1;
    }
    await writeSecret(stack, outputOf(stack, 'SecretArn'), value);
    console.log(
      '\nThe token is in. The functions take it up within 5 minutes; a queue that it blocks, at its next try.',
    );
    return 0;
  },
};

if (import.meta.main) await runOperation(token);
