import { format } from 'node:util';
import { intoError } from './errors.mjs';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** Lines written before the first invocation carry a dash. */
let requestId = '-';

/** @param {string | string[] | undefined} id of the invocation that the lines to come belong to */
export function setRequestId(id) {
  requestId = String(id);
}

/**
 * Replaces the methods of `console` by those of Lambda's JSON log format
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html), filtered by
 * AWS_LAMBDA_LOG_LEVEL. `process.stdout.write` stays as it is.
 */
export function patchConsole() {
  const lowest = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase() ?? '');
  const methods = Object.fromEntries(
    LEVELS.map((level, priority) => [
      level.toLowerCase(),
      priority < lowest ? () => {} : write(level),
    ]),
  );
  Object.assign(console, methods, { log: methods.info });
}

/**
 * Logs an error as the runtime itself does.
 *
 * @param {unknown} thrown
 */
export function logError(thrown) {
  console.error(intoError(thrown));
}

/** @param {string} level */
function write(level) {
  return (/** @type {unknown} */ message, /** @type {unknown[]} */ ...rest) => {
    // An entry is one line: a carriage return stands for each line break inside.
    process.stdout.write(`${jsonLine(level, message, rest).replaceAll('\n', '\r')}\n`);
  };
}

/**
 * A single argument is kept as JSON; several are formatted as `console` does, and the first error
 * among those after the message gets fields of its own.
 *
 * @param {string} level
 * @param {unknown} message
 * @param {unknown[]} rest
 */
function jsonLine(level, message, rest) {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  if (rest.length === 0) {
    try {
      return JSON.stringify({ ...entry, message }, withErrors);
    } catch {
      return JSON.stringify({ ...entry, message: format(message) });
    }
  }
  const error = rest.find((argument) => argument instanceof Error);
  return JSON.stringify({
    ...entry,
    message: format(message, ...rest),
    ...(error && errorFields(error)),
  });
}

/**
 * @param {string} _key
 * @param {unknown} value
 */
function withErrors(_key, value) {
  return value instanceof Error ? { ...errorFields(value), ...value } : value;
}

/** @param {Error} error */
function errorFields(error) {
  return {
    errorType: error.constructor?.name ?? 'UnknownError',
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
  };
}
