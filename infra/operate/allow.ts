import { type Act, type Grant, isDenied, stateOf } from '../../functions/invites/policy.ts';
import { readDomain } from '../../functions/invites/recipient.ts';
import { readChannel } from '../../functions/invites/request.ts';
import { invisibleIn, readTime, trimmed } from '../../functions/lib/text.ts';
import { UsageError } from '../command-line/arguments.ts';
import { type Operation, runOperation } from '../command-line/operation.ts';
import { caller as callerForm } from '../config/policy.ts';
import { readDeployed } from './deployed.ts';
import { changeGrants, readGrants } from './grants.ts';
import { operatorOf } from './identity.ts';
import { findStack, STACK_OPTION, type Stack } from './stack.ts';

const EXAMPLE = 'npm run allow -- --channel C0CUSTOMERB --domain b.example --reason "signed today"';

const USAGE = `Lets a domain into a channel beside the configuration, from the next request on, without a deploy.

  ${EXAMPLE}
  npm run allow -- --list
  npm run allow -- --revoke --channel C0CUSTOMERB --domain b.example --reason "left"

  --channel ID     the channel; the configuration need not list it
  --domain DOMAIN  a domain, or "*.b.example" for its subdomains
  --caller CALLER  only for this one, as in callers of the configuration, such as role/crm; without
                   it, for everybody whom the configuration lets invite into the channel
  --until TIME     when it ends by itself, such as 2027-01-01 (0:00 UTC) or 2027-01-01T12:00:00Z
  --reason TEXT    why; it is kept with who did it and when
  --list           what is granted, and what is over, in one channel or in all
  --revoke         ends what is granted to the domain, to one caller or to all
${STACK_OPTION}
  --help           this text

A grant is for e-mail addresses with external_limited=true. It never overrides a denied domain.`;

const OPTIONS = {
  channel: { type: 'string' },
  domain: { type: 'string' },
  caller: { type: 'string' },
  until: { type: 'string' },
  reason: { type: 'string' },
  list: { type: 'boolean' },
  revoke: { type: 'boolean' },
  stack: { type: 'string' },
} as const;

type Options = Parameters<Operation<typeof OPTIONS>['run']>[0];

/** `npm run allow`. */
export const allow: Operation<typeof OPTIONS> = {
  usage: USAGE,
  options: OPTIONS,
  example: EXAMPLE,
  async run(options, env) {
    const { list, revoke, stack: name } = options;
    if (list) {
      refuse(options, '--list', ['revoke', 'domain', 'caller', 'until', 'reason']);
      const channel = options.channel === undefined ? undefined : channelOf(options.channel);
      await show(await findStack(name, env), channel);
      return 0;
    }
    if (revoke) refuse(options, '--revoke', ['until']);
    const wanted = wantedOf(options);
    const until = options.until === undefined ? undefined : untilOf(options.until);
    const reason = reasonOf(options.reason);
    const stack = await findStack(name, env);
    const by = await operatorOf(stack, name, env);
    const act = { by, at: new Date().toISOString(), reason };
    if (revoke) await revokeGrant(stack, wanted, act);
    else await addGrant(stack, { ...wanted, ...(until !== undefined && { until }) }, act);
    return 0;
  },
};

type Wanted = { channel: string; domain: string; caller?: string };

const addGrant = async (
  stack: Stack,
  { channel, ...terms }: Wanted & { until?: string },
  granted: Act,
): Promise<void> => {
  await refuseDenied(stack, terms.domain);
  const grant: Grant = { ...terms, granted };
  await changeGrants(stack, channel, (grants) => [...grants, grant]);
  console.log(`${channel}\n${lines(grant).join('\n')}`);
};

const revokeGrant = async (stack: Stack, { channel, ...wanted }: Wanted, revoked: Act) => {
  const ended: Grant[] = [];
  await changeGrants(stack, channel, (grants) => {
    ended.length = 0;
    const left = grants.map((grant) => {
      const isMeant =
        grant.domain === wanted.domain &&
        (wanted.caller === undefined || grant.caller === wanted.caller) &&
        stateOf(grant, Date.now()) === 'in force';
      if (!isMeant) return grant;
      const end = { ...grant, revoked };
      ended.push(end);
      return end;
    });
    return ended.length > 0 ? left : undefined;
  });
  if (ended.length === 0) {
    throw new UsageError(
      `Nothing that is in force is granted to ${wanted.domain} in ${channel}: see npm run allow -- --list --channel ${channel}`,
    );
  }
  console.log([channel, ...ended.flatMap(lines)].join('\n'));
};

const show = async (stack: Stack, channel: string | undefined): Promise<void> => {
  const all = await readGrants(stack, channel);
  if (all.length === 0)
    return console.log(`Nothing was ever granted${channel ? ` in ${channel}` : ''}.`);
  for (const { channel: one, grants } of all) {
    console.log([one, ...grants.flatMap(lines)].join('\n'));
  }
};

const lines = (grant: Grant): string[] => {
  const { domain, caller, until, granted, revoked } = grant;
  const state = stateOf(grant, Date.now());
  const end =
    until === undefined ? '' : state === 'lapsed' ? ` since ${until}` : `, until ${until}`;
  return [
    `  ${domain}, ${caller ?? 'every caller'}: ${state}${revoked ? '' : end}`,
    `    granted ${told(granted)}`,
    ...(revoked ? [`    revoked ${told(revoked)}`] : []),
  ];
};

const told = ({ by, at, reason }: Act) => `${at} by ${by}: ${reason}`;

/** A grant of it would change nothing. A deployment that cannot be read may be of any kind. */
const refuseDenied = async (stack: Stack, domain: string): Promise<void> => {
  const deployed = await readDeployed(stack, 'invite-task').catch(() => undefined);
  const policy = deployed?.deployment.policy;
  if (!policy || !isDenied(policy, domain.replace(/^\*\./, ''))) return;
  throw new UsageError(
    `--domain ${domain}: the deployment denies it in slackConnectInvites.deniedEmailDomains, and a grant never overrides that`,
  );
};

const refuse = (options: Options, mode: string, names: (keyof Options & string)[]): void => {
  const [given] = names.filter((name) => options[name] !== undefined);
  if (given) throw new UsageError(`--${given} means nothing with ${mode}: leave it out`);
};

const wantedOf = ({ channel, domain, caller, reason }: Options): Wanted => {
  const missing = Object.entries({ channel, domain, reason }).flatMap(([name, value]) =>
    value === undefined ? [`--${name}`] : [],
  );
  if (missing.length > 0) throw new UsageError(`Missing: ${missing.join(', ')}.\n\n${USAGE}`);
  return {
    channel: channelOf(channel as string),
    domain: domainOf(domain as string),
    ...(caller !== undefined && { caller: callerOf(caller) }),
  };
};

const channelOf = (text: string): string => {
  const read = readChannel(text);
  if ('value' in read) return read.value;
  throw new UsageError(`--channel ${read.problem}`);
};

const domainOf = (text: string): string => {
  const written = trimmed(text).toLowerCase();
  if (written === '*') {
    throw new UsageError(
      '--domain must be a domain: only the configuration can allow all of them, by "*"',
    );
  }
  const [, star = '', bare = ''] = /^(\*\.)?(.*)$/s.exec(written.replace(/^@/, '')) ?? [];
  const invisible = invisibleIn(bare);
  const read = readDomain(bare);
  if (!invisible && 'domain' in read) return `${star}${read.domain}`;
  const problem = 'problem' in read ? read.problem : '';
  throw new UsageError(
    `--domain ${invisible ? `must have no invisible character, and there is ${invisible}` : problem}`,
  );
};

const callerOf = (text: string): string => {
  const { data, error } = callerForm.safeParse(trimmed(text));
  if (data !== undefined) return data;
  throw new UsageError(`--caller must be one of the ${error?.issues[0]?.message}`);
};

const untilOf = (text: string): string => {
  const time = readTime(trimmed(text));
  if (time === undefined) {
    throw new UsageError(
      `--until must be a date, such as 2027-01-01, or a time with its zone, such as 2027-01-01T12:00:00Z, not "${text}"`,
    );
  }
  if (time <= Date.now()) throw new UsageError(`--until ${text} is over already`);
  return new Date(time).toISOString();
};

const reasonOf = (text = ''): string => {
  const reason = trimmed(text);
  const isOneLine = !/\p{Cc}/u.test(reason);
  if (reason !== '' && reason.length <= 300 && isOneLine) return reason;
  throw new UsageError('--reason must be one line of 1 to 300 characters');
};

if (import.meta.main) await runOperation(allow);
