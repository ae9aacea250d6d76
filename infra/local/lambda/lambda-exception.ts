/**
 * An invocation that Lambda refuses, by the names and status codes of its Invoke API
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors).
 */
export class LambdaException extends Error {
  override readonly name: keyof typeof STATUS;
  readonly statusCode: number;

  constructor(name: keyof typeof STATUS, message: string) {
    super(message);
    this.name = name;
    this.statusCode = STATUS[name];
  }
}

const STATUS = {
  InvalidRequestContentException: 400,
  ResourceNotFoundException: 404,
  TooManyRequestsException: 429,
  ServiceException: 500,
};
