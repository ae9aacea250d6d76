import { METHOD } from '../../../functions/slack/method.ts';
import type { LocalSlack } from './server.ts';
import { GOOD_REQUEST } from './triggers.ts';

/** @returns what `npm run slack` prints when the server is up; its last line says so. */
export const welcome = ({ url, apiUrl }: Pick<LocalSlack, 'url' | 'apiUrl'>): string => {
  const {
    token,
    channel,
    emails: [email],
  } = GOOD_REQUEST;
  return `
  Slack   ${url}                 channels, invitations and the mailbox, live, in a browser
  World   ${url}/sandbox/world   channels, users, tokens, and a request for every answer

  Send an invitation:

curl -sS -H 'authorization: Bearer ${token}' -d channel=${channel} -d emails=${email} ${apiUrl}${METHOD}

  Point your client at it, with the same token:

    @slack/web-api           new WebClient(token, { slackApiUrl: '${apiUrl}' })
    slack-web-api-client     new SlackAPIClient(token, { baseUrl: '${apiUrl}' })
    slack_sdk, for Python    WebClient(token=token, base_url='${apiUrl}')

  docs/slack.md has other languages, every answer and fault. Ctrl-C stops it; nothing is kept.

Ready.`;
};
