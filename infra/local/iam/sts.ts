import { LOCAL_ACCOUNT } from '../lib/account.ts';
import { AwsError, type AwsService } from '../lib/aws-service.ts';
import { queryAnswer, tellAsXml } from '../lib/query-protocol.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/**
 * STS, for `aws sts get-caller-identity`: who am I, which needs no permission.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function createSts(): AwsService {
  return {
    name: 'sts',
    handle: async ({ body, principal }) => {
      const action = 'GetCallerIdentity';
      if (new URLSearchParams(body.toString()).get('Action') !== action) {
        throw new AwsError('InvalidAction', `The local STS knows ${action} only.`);
      }
      const result = [
        `<Arn>${principal.arn}</Arn>`,
        `<UserId>${principal.userId}</UserId>`,
        `<Account>${LOCAL_ACCOUNT}</Account>`,
      ].join('');
      return queryAnswer(NAMESPACE, action, result);
    },
    tell: (error) => tellAsXml(NAMESPACE, error),
  };
}
