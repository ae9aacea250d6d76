/**
 * Stands in the bundles for `node:http2`, which takes some 7 ms of each cold start to load: Slack, AWS
 * and the HR systems are called by HTTP/1.1.
 */
export const constants = {};
export default { constants };
