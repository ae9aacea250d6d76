import { format } from 'node:util';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** Lines written before the first invocation carry a dash. */
let requestId = '-';

/** @param {string} id of the invocation that the following lines belong to */
export function setRequestId(id) {
  requestId = id;
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
  console.error(thrown instanceof Error ? thrown : new Error(String(thrown)));
}

/** @param {string} level */
function write(level) {
  return (/** @type {unknown[]} */ ...args) => {
    // An entry is one line: a carriage return stands for each line break inside.
    process.stdout.write(`${jsonLine(level, args).replaceAll('\n', '\r')}\n`);
  };
}

/**
 * A single argument is kept as JSON. Several arguments, and values that JSON cannot express, are
 * formatted as `console` formats them.
 *
 * @param {string} level
 * @param {unknown[]} args
 */
function jsonLine(level, args) {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  try {
    const message = args.length === 1 ? args[0] : format(...args);
    return JSON.stringify({ ...entry, message }, withErrors);
  } catch {
    return JSON.stringify({ ...entry, message: format(...args) });
  }
}

/**
 * @param {string} _key
 * @param {unknown} value
 */
function withErrors(_key, value) {
  if (!(value instanceof Error)) return value;
  return {
    errorType: value.constructor.name,
    errorMessage: value.message,
    stackTrace: value.stack?.split('\n') ?? [],
    ...value,
  };
}
