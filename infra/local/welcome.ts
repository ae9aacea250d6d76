/** What the screen needs to know of what was started. */
export type Running = {
  apiUrl: string;
  slackUrl: string;
  awsUrl: string;
  /** Of the HR system that look-ups ask; undefined if there is none on this machine. */
  hrUrl: string | undefined;
  /** The name of the task door's function. */
  taskFunction: string;
  /** An ask that the local Slack accepts. */
  example: { channel: string; emails: [email: string] };
  /** Why the policy refuses the example; undefined if it does not. */
  refusal: string | undefined;
  /** Why the HTTP door cannot be tried on this machine; usually nothing. */
  notices: string[];
  /** Ready deliveries of HR systems, if there are sources to try them on. */
  deliveries: { title: string; command: string }[];
  /** The name of the secret that the configuration's own sources need values in. */
  emptySecret: string | undefined;
};

/** @returns what `npm start` prints when everything is up; its last line says so. */
export const welcome = (running: Running): string => {
  const { apiUrl, slackUrl, awsUrl, hrUrl, refusal, notices, deliveries, emptySecret } = running;
  return `
  HTTP API   ${apiUrl}   POST /invites, GET /invites/ID; access key and secret: local
  Slack      ${slackUrl}   a local one: channels, invitations and the mailbox, in a browser
  AWS        ${awsUrl}   Secrets Manager, DynamoDB, Lambda, Step Functions, for the aws command line${
    hrUrl === undefined ? '' : `\n  BambooHR   ${hrUrl}   a stand-in: where addresses are looked up`
  }

${refusal ? `  This configuration answers the example below with NotAllowed: ${refusal}\n\n` : ''}${
  notices.length > 0 ? byTask(running) : byHttp(running)
}
${byHrSystem(deliveries)}${emptySecret === undefined ? '' : fillSecret(awsUrl, emptySecret)}
  See what Slack made of it:

    ${slackUrl}/sandbox/invites   the invitations
    ${slackUrl}/sandbox/mailbox   the e-mails that would have gone out
    ${slackUrl}/sandbox/world     channels, users and tokens; docs/slack.md says how to break things

  Each call of a function is logged below. Ctrl-C stops it all; nothing is kept.

Ready.`;
};

const byHttp = ({ apiUrl, example }: Running): string => {
  const { channel, emails } = example;
  const { port } = new URL(apiUrl);
  return `  Send an invitation:

curl -sS --aws-sigv4 aws:amz:us-east-1:execute-api --user local:local -H 'content-type: application/json' -d '${JSON.stringify(example)}' ${apiUrl}/invites

  The same without a recent curl (--aws-sigv4 came with 7.75):

${npmRunInvite(port)} --channel ${channel} --email ${emails[0]}

  Somebody else, by the workflow, for asks that can wait (docs/workflow.md):

${npmRunInvite(port)} --channel ${channel} --email robin@${emails[0].split('@')[1]} --async`;
};

const byHrSystem = (deliveries: Running['deliveries']): string =>
  deliveries.length === 0
    ? ''
    : `
  Let an HR system say that somebody joined (docs/webhooks.md):
${deliveries.map(({ title, command }) => `\n  ${title}:\n\n${command}\n`).join('')}`;

const fillSecret = (awsUrl: string, secret: string) => `
  The webhook sources of this configuration believe nobody until their secrets are in (docs/webhooks.md):

AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 aws --endpoint-url ${awsUrl} secretsmanager put-secret-value --secret-id ${secret} --secret-string '{"SOURCE":"its signing secret"}'
`;

const npmRunInvite = (port: string) => `${port === '3000' ? '' : `PORT=${port} `}npm run invite --`;

const byTask = ({ awsUrl, taskFunction, example, notices }: Running): string => `${notices
  .map((notice) => `  ${notice}\n`)
  .join('')}
  Send an invitation by the task door, with the AWS CLI:

echo '${JSON.stringify(example)}' > ask.json
AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 aws --endpoint-url ${awsUrl} lambda invoke --function-name ${taskFunction} --payload fileb://ask.json answer.json
cat answer.json`;
