import { LOCAL_ACCOUNT } from '../lib/account.ts';
import type { AwsService } from '../lib/aws-service.ts';
import { createQueryService } from '../lib/query-protocol.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/**
 * STS, for `aws sts get-caller-identity`, which needs no permission.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export const createSts = (): AwsService =>
  createQueryService(
    'sts',
    NAMESPACE,
    'GetCallerIdentity',
    (_, { arn, userId }) =>
      `<Arn>${arn}</Arn><UserId>${userId}</UserId><Account>${LOCAL_ACCOUNT}</Account>`,
  );
