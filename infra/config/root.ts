/**
 * The context key of the configuration, in cdk.json and on the command line. It stands by itself, since the
 * local Slack's command line knows it and runs without packages.
 */
export const ROOT = 'slackConnectInvites';
