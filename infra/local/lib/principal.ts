/** IAM's answer; `reason` is the end of the sentence that AWS puts into an AccessDenied message. */
export type Decision = { allowed: true } | { allowed: false; reason: string };

/** Who signs requests: the operator, or a role's session. */
export type Principal = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  arn: string;
  /** The unique id that AWS gives: of a user, or of a role and its session. */
  userId: string;
  /** @param keys the partition keys that a request to DynamoDB names */
  decide: (action: string, resource: string, keys?: readonly string[]) => Decision;
};
