/**
 * Stands in the bundles for `node:fs/promises`, by which the AWS SDK looks for `~/.aws/config`: a
 * function has no such files. The SDK takes a file that cannot be read for an empty one.
 */
export const readFile = (): Promise<never> =>
  Promise.reject(new Error('A function has no configuration files of AWS.'));
