/**
 * Stands in the bundles for `@aws-sdk/credential-provider-node`: a function has the credentials of
 * its role in its environment, and looks for no others.
 */
export const defaultProvider = (): never => {
  throw new Error('An AWS client of a function is given its credentials.');
};
