/** A configuration with token authorization. */
export const JWT = {
  issuer: 'https://login.acme.example/',
  audience: ['invites'],
  scopes: ['invites:send'],
};

/** The ARN of an existing secret. */
export const SECRET_ARN =
  'arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack/bot-token-AbCdEf';
