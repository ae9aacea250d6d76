import { rowOf } from '../../functions/invites/policy.ts';
import { asksForHelp, UsageError } from '../command-line/arguments.ts';
import { ConfigError } from '../config/error.ts';
import { type Command, runCommand } from './command.ts';
import { readWritten } from './config-as-written.ts';
import { exampleCaller, exampleOf } from './example.ts';
import {
  BAMBOOHR_API_KEY,
  employeeOf,
  exampleDeliveries,
  exampleSources,
} from './example-sources.ts';
import { startLocalBambooHr } from './hr/bamboohr.ts';
import { LOCAL_JWT } from './jwt-issuer.ts';
import { NotUnderstood } from './lib/not-understood.ts';
import { startLocalStack } from './local-stack.ts';
import { printLog } from './log.ts';
import { readOptions, USAGE } from './options.ts';
import { assertFree } from './ports.ts';
import { credentialShape, secretShape } from './secret-shape.ts';
import { TIER_2_PER_MINUTE } from './slack/limiter.ts';
import { startLocalSlack } from './slack/server.ts';
import { SIGNING_SECRET } from './slack/state.ts';
import { GOOD_REQUEST } from './slack/triggers.ts';
import { ASSEMBLY_DIR, synthesizeApart } from './synthesis.ts';
import { welcome } from './welcome.ts';

const OBSERVABILITY = { alarmTopicArn: 'arn:aws:sns:us-east-1:000000000000:nobody' };

const start: Command['start'] = async ({ atEnd, isStopping }) => {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) return console.log(USAGE);
  const { ports, rate, context, ...flags } = readOptions(args, process.env);
  const { policy, sources, follows, isWatched, ...written } = readWritten(context);
  const jwt = flags.jwt ? { ...LOCAL_JWT, ...written.jwt } : written.jwt;
  const caller = exampleCaller(policy, jwt !== undefined);
  const example = exampleOf(policy, caller);
  // A configuration's own sources, even an empty object, replace the examples. And where no request
  // passes the policy, or not every caller's, no event does.
  const request = 'request' in example && sources === undefined ? example.request : undefined;
  const domain = request?.emails[0].split('@')[1] as string;
  const isOpen = request && rowOf(policy, request.channel)?.[1].callers === undefined;
  const examples = isOpen ? exampleSources(request.channel) : undefined;
  const { hr: hrPort, ...always } = ports;
  await assertFree(examples ? ports : always);
  console.log('Slack Connect invitations on this machine: synthesizing the stack …');

  // The stack comes later, since its functions need the address of Slack.
  let forget = async () => {};
  const slack = await startLocalSlack({
    port: ports.slack,
    ratePerMinute: rate ?? TIER_2_PER_MINUTE,
    beside: {
      invite: ports.http === 3000 ? 'npm run invite --' : `PORT=${ports.http} npm run invite --`,
      page: `http://127.0.0.1:${ports.aws}/`,
      forget: async () => forget(),
    },
    ...(follows !== false && { eventsUrl: `http://127.0.0.1:${ports.http}/slack/events` }),
    log: (line) => printLog({ source: 'slack', line }),
  });
  atEnd(slack.close);
  const bambooHr =
    examples && (await startLocalBambooHr(hrPort, BAMBOOHR_API_KEY, employeeOf(domain)));
  if (bambooHr) atEnd(bambooHr.close);
  const withExamples = {
    ...context,
    ...(follows === undefined && {
      'slackConnectInvites.lifecycle': '{"waitingStateMachines":"*"}',
    }),
    // Nobody is told, but alarms and dashboards are there to look at.
    ...(!isWatched && { 'slackConnectInvites.observability': JSON.stringify(OBSERVABILITY) }),
    ...(jwt && { 'slackConnectInvites.jwt': JSON.stringify(jwt) }),
    ...(examples && { 'slackConnectInvites.sources': JSON.stringify(examples.sources) }),
  };
  const stackName = await synthesizeApart(withExamples, (child) => {
    atEnd(() => child.kill('SIGKILL'));
  });
  const stack = await startLocalStack({
    assemblyDir: ASSEMBLY_DIR,
    stackName,
    ports,
    slackApiUrl: slack.apiUrl,
    slackToken: GOOD_REQUEST.token,
    webhookSecrets: examples?.secrets,
    lookupCredentials: examples?.credentials,
    signingSecret: SIGNING_SECRET,
    ...(bambooHr && { lookupOrigin: bambooHr.url }),
    log: (entry) => {
      if (!isStopping()) printLog(entry);
    },
  });
  atEnd(stack.close);
  forget = stack.forget;

  const { apiUrl, awsUrl, webhookSecretName, lookupSecretName } = stack;
  const empty = (name: string | undefined, shape: object | undefined) =>
    name && shape ? [{ name, shape }] : [];
  console.log(
    welcome({
      apiUrl,
      awsUrl,
      slackUrl: slack.url,
      hrUrl: bambooHr?.url,
      example,
      follows: stack.follows,
      jwt: stack.jwt && { sub: caller.slice('jwt/'.length), scope: stack.jwt.scopes[0] },
      deliveries: examples ? exampleDeliveries(apiUrl, domain, Date.now()) : [],
      emptySecrets: sources
        ? [
            ...empty(webhookSecretName, secretShape(sources)),
            ...empty(lookupSecretName, credentialShape(sources)),
          ]
        : [],
    }),
  );
};

await runCommand({
  start,
  toldInWords: [UsageError, ConfigError, NotUnderstood],
  withOtherPorts: 'PORT=3100 SLACK_PORT=3101 AWS_PORT=3102 HR_PORT=3103 npm start',
});
