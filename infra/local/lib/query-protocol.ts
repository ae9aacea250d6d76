import type { AwsAnswer, AwsError } from './aws-service.ts';

/** Text as it stands inside an element of XML. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * An answer of the query protocol, which STS and CloudFormation speak.
 * @param namespace of the service, such as `https://sts.amazonaws.com/doc/2011-06-15/`
 * @param result the inside of the action's result, as XML
 */
export const queryAnswer = (namespace: string, action: string, result: string): AwsAnswer =>
  xml(
    200,
    `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result></${action}Response>`,
  );

/** How the query protocol tells an error; of its codes, AccessDenied alone has another name there. */
export const tellAsXml = (namespace: string, { code, message, status }: AwsError): AwsAnswer => {
  const name = code === 'AccessDeniedException' ? 'AccessDenied' : code;
  return xml(
    status,
    `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${name}</Code><Message>${escaped(message)}</Message></Error></ErrorResponse>`,
  );
};

const xml = (status: number, body: string): AwsAnswer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});
