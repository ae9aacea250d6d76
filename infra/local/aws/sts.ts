import { LOCAL_ACCOUNT } from '../template/identity.ts';
import { AwsError, type AwsService } from './service.ts';

/**
 * STS, for `aws sts get-caller-identity`: who am I, which needs no permission.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function createSts(): AwsService {
  return {
    name: 'sts',
    handle: async ({ body, principal }) => {
      if (new URLSearchParams(body.toString()).get('Action') !== 'GetCallerIdentity') {
        throw new AwsError('InvalidAction', 'The local STS knows GetCallerIdentity only.');
      }
      const result = [
        `<Arn>${principal.arn}</Arn>`,
        `<UserId>${principal.userId}</UserId>`,
        `<Account>${LOCAL_ACCOUNT}</Account>`,
      ].join('');
      return xml(
        200,
        `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
    },
    tell: ({ code, message, status }) => {
      const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      return xml(
        status,
        `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped}</Message></Error></ErrorResponse>`,
      );
    },
  };
}

function xml(status: number, body: string) {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
