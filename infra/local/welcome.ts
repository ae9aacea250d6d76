/** What the screen needs to know of what was started. */
export type Running = {
  apiUrl: string;
  slackUrl: string;
  awsUrl: string;
  /** From the local Slack: a channel and an address that it accepts. */
  example: { channel: string; email: string };
  /** Why the HTTP door cannot be tried on this machine; usually nothing. */
  notices: string[];
};

/** @returns what `npm start` prints when everything is up; its last line says so. */
export const welcome = (running: Running): string => {
  const { apiUrl, slackUrl, awsUrl, notices } = running;
  return `
  HTTP API   ${apiUrl}   POST /invites, GET /invites/ID; access key and secret: local
  Slack      ${slackUrl}   a local one: channels, invitations and the mailbox, in a browser
  AWS        ${awsUrl}   Secrets Manager, DynamoDB, Lambda, for the aws command line

${notices.length > 0 ? notices.map((notice) => `  ${notice}`).join('\n') : examples(running)}

  See what Slack made of it:

    ${slackUrl}/sandbox/invites   the invitations
    ${slackUrl}/sandbox/mailbox   the e-mails that would have gone out
    ${slackUrl}/sandbox/world     channels, users and tokens; docs/slack.md says how to break things

  Each call of a function is logged below. Ctrl-C stops it all; nothing is kept.

Ready.`;
};

const examples = ({ apiUrl, example: { channel, email } }: Running): string => {
  const body = JSON.stringify({ channel, emails: [email] });
  const { port } = new URL(apiUrl);
  return `  Send an invitation:

curl -sS --aws-sigv4 aws:amz:us-east-1:execute-api --user local:local -H 'content-type: application/json' -d '${body}' ${apiUrl}/invites

  The same without a recent curl (--aws-sigv4 came with 7.75):

${port === '3000' ? '' : `PORT=${port} `}npm run invite -- --channel ${channel} --email ${email}`;
};
