/**
 * The runtime of one execution environment: its process starts here. It loads the handler, then
 * takes one invocation after the other, as AWS's own client for Node.js 24 does (aws-lambda-ric 4),
 * but over Node's channel to the parent in place of HTTP. Two things follow from that client and
 * look like omissions: there are no listeners for uncaught exceptions and unhandled rejections, so
 * either ends the process (`Runtime.ExitError`), and a handler that never settles ends it too once
 * nothing else is pending.
 *
 * It is plain JavaScript, which makes a cold start some 40 ms shorter: loading the type stripping
 * takes longer than starting Node.js itself. The types are in JSDoc.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { logError, patchConsole, setRequestId } from './console.mjs';
import { invocationContext } from './context.mjs';

/** @typedef {(event: unknown, context: ReturnType<typeof invocationContext>) => unknown} Handler */

/** Logs show the name of the class, and callers get this name, as with AWS's runtime. */
class HandlerNotFoundError extends Error {
  /** @override */ name = 'Runtime.HandlerNotFound';
}
class JSONStringifyError extends Error {
  /** @override */ name = 'Runtime.JSONStringifyError';
}

const { LAMBDA_TASK_ROOT = '', _HANDLER = '' } = process.env;

// AWS's own client has loaded it, in this way, by the time a function is loaded: its cold start would
// look longer here otherwise. An `import` would evaluate Node's built-in undici along with it, and the
// cold start would look shorter.
createRequire(import.meta.url)('node:http');
writeOutputAtOnce();
patchConsole();

// Not awaited at the top level: a pending top-level await would turn exit code 0 into 13.
run();

async function run() {
  const handler = await initialize();
  while (true) {
    const invocation = await next();
    const context = invocationContext(invocation);
    setRequestId(context.awsRequestId);
    await handle(handler, JSON.parse(invocation.payload), context);
  }
}

/** @returns {Promise<Handler>} */
async function initialize() {
  try {
    const { handler } = await import(pathToFileURL(`${LAMBDA_TASK_ROOT}/index.mjs`).href);
    if (typeof handler === 'function') return handler;
    throw new HandlerNotFoundError(`${_HANDLER} is undefined or not a function`);
  } catch (error) {
    logError(error);
    await fail(error);
    throw error;
  }
}

/**
 * Waits for an invocation, which keeps the process alive for as long as it takes: it is frozen
 * meanwhile.
 *
 * @returns {Promise<import('../runtime-process.ts').Invocation>}
 */
async function next() {
  const message = once(process, 'message');
  await say('next');
  const [invocation] = await message;
  return invocation;
}

/**
 * @param {Handler} handler
 * @param {unknown} event
 * @param {Parameters<Handler>[1]} context
 */
async function handle(handler, event, context) {
  try {
    const result = await handler(event, context);
    // A rejection that the handler caused and nobody handles ends the process before the answer is
    // out.
    await setImmediate();
    await say({ payload: serialize(result) });
  } catch (error) {
    await setImmediate();
    logError(error);
    await fail(error);
  }
}

/** @param {unknown} result */
function serialize(result) {
  try {
    // undefined also stands for values that JSON cannot express, such as a function.
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new JSONStringifyError('Unable to stringify response body');
  }
}

/**
 * Gives the caller of the function an error as its payload.
 *
 * @param {unknown} thrown
 */
async function fail(thrown) {
  const error =
    thrown instanceof Error
      ? { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') }
      : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  await say({ payload: JSON.stringify(error), functionError: 'Unhandled' });
}

/**
 * @param {string | object} message
 * @returns {Promise<void>} when the parent has it, or soon will
 */
function say(message) {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * On Lambda, a line that was written is in the log, whatever happens next. Here the log is a pipe.
 * When the pipe is full, Node.js writes in the background, and an exit would lose the rest.
 */
function writeOutputAtOnce() {
  for (const stream of [process.stdout, process.stderr]) {
    /** @type {{ _handle?: { setBlocking?(on: boolean): void } }} */ (
      /** @type {unknown} */ (stream)
    )._handle?.setBlocking?.(true);
  }
}
