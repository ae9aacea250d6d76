import { LEAST_SECRET_BYTES } from '../../functions/webhooks/signatures.ts';
import type { Example, ExampleRequest } from './example.ts';

/** What the screen shows about what was started. */
export type Running = {
  apiUrl: string;
  slackUrl: string;
  awsUrl: string;
  /** Of the HR system that lookups go to; undefined if there is none on this machine. */
  hrUrl: string | undefined;
  /** What can be tried under the configuration's policy. */
  example: Example;
  /** Whether the stack follows what becomes of invitations. */
  follows: boolean;
  /** Whose token opens the HTTP door, with which scope; undefined if it takes signatures. */
  jwt: { sub: string; scope: string | undefined } | undefined;
  /** Ready deliveries of HR systems, if there are HR sources to try them on. */
  deliveries: { title: string; command: string }[];
  /** The secrets that need values for the configuration's own HR sources, and what these look like. */
  emptySecrets: { name: string; shape: object }[];
};

/** @returns what `npm start` prints when everything is up; its last line says so. */
export const welcome = (running: Running): string => {
  const { apiUrl, slackUrl, awsUrl, hrUrl, follows, jwt, deliveries, emptySecrets } = running;
  const door = jwt ? 'needs a JWT, as npm run jwt prints it' : 'access key and secret: local';
  return `
  HTTP API   ${apiUrl}   POST /invites, GET /invites/ID; ${door}
  Slack      ${slackUrl}   a local one: channels, invitations and the mailbox, in a browser
  AWS        ${awsUrl}   Secrets Manager, DynamoDB, Lambda, Step Functions, for the aws command line; in a browser, all that happens${
    hrUrl === undefined ? '' : `\n  BambooHR   ${hrUrl}   a stand-in: where addresses are looked up`
  }

${toTry(running)}
${byHrSystem(deliveries)}${fillSecrets(awsUrl, emptySecrets)}
  See what Slack received:

    ${slackUrl}/sandbox/invites   the invitations
    ${slackUrl}/sandbox/mailbox   the e-mails that Slack would send
    ${slackUrl}/sandbox/world     channels, users and tokens; docs/slack.md has every fault
${follows ? whatBecomes(running) : ''}
  Each call of a function is logged below. Ctrl-C stops everything. Nothing is kept.

Ready.`;
};

const whatBecomes = ({ slackUrl, awsUrl }: Running): string => `
  What becomes of it (docs/lifecycle.md): press Accept at ${slackUrl}, GET the invite, and see ${awsUrl}/_local/events
`;

const toTry = (running: Running): string => {
  const { example, jwt } = running;
  if ('options' in example) return withOptions(example.options);
  return jwt ? byJwt(running, jwt, example.request) : byHttp(running, example.request);
};

/** The local Slack has only its own channel, and the example must not bypass the policy. */
const withOptions = (
  options: string[],
) => `  This configuration's policy would refuse every example: it allows nothing that the local Slack has,
  neither by POST /invites nor by an HR system. For this machine only, start with

npm start -- ${options.join(' ')}`;

const byHttp = ({ apiUrl }: Running, request: ExampleRequest): string => {
  const { channel, emails } = request;
  const { port } = new URL(apiUrl);
  return `  Send an invitation:

curl -sS -w '\\n' --aws-sigv4 aws:amz:us-east-1:execute-api --user local:local -H 'content-type: application/json' -d '${JSON.stringify(request)}' ${apiUrl}/invites

  The same without a recent curl (--aws-sigv4 came with 7.75), in the project's folder:

${npmRunInvite(port)} --channel ${channel} --email ${emails[0]}

  Somebody else, by the workflow, for requests that can wait (docs/workflow.md):

${npmRunInvite(port)} --channel ${channel} --email robin@${emails[0].split('@')[1]} --async`;
};

const byHrSystem = (deliveries: Running['deliveries']): string =>
  deliveries.length === 0
    ? ''
    : `
  An HR system reports that somebody joined (docs/webhooks.md):
${deliveries.map(({ title, command }) => `\n  ${title}:\n\n${command}\n`).join('')}`;

const fillSecrets = (awsUrl: string, secrets: Running['emptySecrets']) =>
  secrets.length === 0
    ? ''
    : `
  The HR sources of this configuration refuse everything until their secrets are in (docs/webhooks.md).
  Replace the words in capitals with yours. A signing secret shorter than ${LEAST_SECRET_BYTES} bytes counts as none.
  A command replaces the whole value, and works after a minute at the latest, or five for a lookup:
${secrets.map(({ name, shape }) => `\n${putSecret(awsUrl, name, shape)}\n`).join('')}`;

const putSecret = (awsUrl: string, name: string, shape: object) =>
  `AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 aws --endpoint-url ${awsUrl} secretsmanager put-secret-value --secret-id ${name} --secret-string '${JSON.stringify(shape)}'`;

const npmRunInvite = (port: string) => `${port === '3000' ? '' : `PORT=${port} `}npm run invite --`;

const byJwt = (
  { apiUrl, awsUrl }: Running,
  { sub, scope }: { sub: string; scope: string | undefined },
  request: ExampleRequest,
): string => {
  const { port } = new URL(awsUrl);
  const scoped = scope === undefined ? '' : ` --scope '${scope}'`;
  const jwt = `${port === '3002' ? '' : `AWS_PORT=${port} `}npm run -s jwt -- --sub '${sub}'${scoped}`;
  return `  Send an invitation with a JWT, in the project's folder:

curl -sS -w '\\n' -H "authorization: Bearer $(${jwt})" -H 'content-type: application/json' -d '${JSON.stringify(request)}' ${apiUrl}/invites`;
};
