import type * as z from 'zod';
import { text } from './fields.ts';

// What is there already and the stack uses. placement.ts compares its place with the stack's.

const SECRET_ARN =
  'the full ARN of a Secrets Manager secret in the region of the stack, with the six characters that end it';
export const secretArn = text(
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,512}-[A-Za-z0-9]{6}$/,
  SECRET_ARN,
);

export const tableArn = text(
  /^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]{3,255}$/,
  'the ARN of a DynamoDB table in the account and region of the stack',
);

export const certificateArn = text(
  /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]{1,64}$/,
  'the ARN of an ACM certificate in the account and region of the stack',
);

export const domainName = text(
  /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
  'a domain name in small letters, such as "invites.acme.example"',
);

/** What a domain of one's own needs, and what needs one. */
export const checkDomain = (
  { domainName, certificateArn, defaultEndpoint }: Record<string, unknown>,
  context: { addIssue(issue: z.core.$ZodSuperRefineIssue): void },
): void => {
  const refuse = (path: string, input: unknown, message: string) =>
    context.addIssue({ code: 'custom', path: [path], input, message });
  if (domainName !== undefined && certificateArn === undefined) {
    refuse('certificateArn', undefined, 'the ARN of a certificate, since there is a domainName');
  }
  if (domainName === undefined && certificateArn !== undefined) {
    refuse('domainName', undefined, 'the name that the certificate is for');
  }
  if (domainName === undefined && defaultEndpoint === false) {
    refuse('defaultEndpoint', false, 'true, as long as there is no domainName');
  }
};
