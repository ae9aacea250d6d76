/**
 * The name of a log group that another service than Lambda writes to. A group of any other prefix has
 * its name written into a resource policy that the whole account shares, of 5,120 characters; once that
 * is full, the deploy fails.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
 */
export const vendedLogGroup = (service: 'http-api' | 'states', name: string): string =>
  `/aws/vendedlogs/${service}/${name}`;
