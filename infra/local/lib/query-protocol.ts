import { type AwsAnswer, AwsError, type AwsService } from './aws-service.ts';
import type { Principal } from './principal.ts';

/**
 * For commands that were meant for AWS, such as `npx cdk bootstrap` in a shell with the local run's
 * variables.
 */
export const FOR_AWS =
  "This is the local run; for AWS, unset AWS_ENDPOINT_URL and the local run's credentials (docs/local.md).";

/** Text as it stands inside an element of XML. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * A service that speaks the query protocol, with one action.
 * @param namespace of the service, such as `https://sts.amazonaws.com/doc/2011-06-15/`
 * @param result the inside of the action's result, as XML
 */
export function createQueryService(
  name: string,
  namespace: string,
  action: string,
  result: (parameters: URLSearchParams, principal: Principal) => string,
): AwsService {
  return {
    name,
    handle: async ({ body, principal }) => {
      const parameters = new URLSearchParams(body.toString());
      const wanted = parameters.get('Action');
      if (wanted !== action) {
        throw new AwsError(
          'InvalidAction',
          `The local ${name} knows ${action} only, not ${wanted}. ${FOR_AWS}`,
        );
      }
      const inside = result(parameters, principal);
      return xml(
        200,
        `<${action}Response xmlns="${namespace}"><${action}Result>${inside}</${action}Result></${action}Response>`,
      );
    },
    tell: ({ code, message, status }) => {
      // Of the codes, this one alone has another name in this protocol.
      const told = code === 'AccessDeniedException' ? 'AccessDenied' : code;
      return xml(
        status,
        `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${told}</Code><Message>${escaped(message)}</Message></Error></ErrorResponse>`,
      );
    },
  };
}

const xml = (status: number, body: string): AwsAnswer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});
