/**
 * The name of a log group that a service other than Lambda writes to. With any other prefix, the group's
 * name is written into a resource policy of 5,120 characters that the whole account shares. Once that is
 * full, the deploy fails.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
 */
export const vendedLogGroup = (service: 'http-api' | 'states', name: string): string =>
  `/aws/vendedlogs/${service}/${name}`;
