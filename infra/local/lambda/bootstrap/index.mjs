/**
 * The runtime client: the process of one execution environment starts here. It loads the handler,
 * then asks the Runtime API for one invocation after the other, as AWS's own client for Node.js 24
 * does (aws-lambda-ric 4). Two things follow from that client and look like omissions: there are no
 * listeners for uncaught exceptions and unhandled rejections, so either ends the process
 * (`Runtime.ExitError`), and a handler that never settles ends it too once nothing else is pending.
 *
 * Plain JavaScript, because a cold start is then some 40 ms shorter: loading the type stripping takes
 * longer than starting Node.js itself. The types are in JSDoc.
 */
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { logError, patchConsole, setRequestId } from './console.mjs';
import { invocationContext } from './context.mjs';
import { createRuntimeClient } from './runtime-client.mjs';

/** @typedef {(event: unknown, context: ReturnType<typeof invocationContext>) => unknown} Handler */

const { AWS_LAMBDA_RUNTIME_API = '', LAMBDA_TASK_ROOT = '', _HANDLER = '' } = process.env;
const client = createRuntimeClient(AWS_LAMBDA_RUNTIME_API);

/** Logs show the name of the class, callers get this one, as from AWS's runtime. */
class HandlerNotFoundError extends Error {
  /** @override */ name = 'Runtime.HandlerNotFound';
}

writeOutputAtOnce();
patchConsole();

// Not awaited at the top level: a pending top-level await would turn exit code 0 into 13.
run();

async function run() {
  const handler = await initialize();
  while (true) {
    const { event, headers } = await client.next();
    const context = invocationContext(headers);
    setRequestId(context.awsRequestId);
    await handle(handler, event, context);
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
    await client.failInit(error);
    throw error;
  }
}

/**
 * @param {Handler} handler
 * @param {unknown} event
 * @param {Parameters<Handler>[1]} context
 */
async function handle(handler, event, context) {
  try {
    const result = await handler(event, context);
    // A rejection that nobody handles, made by the handler on its way, ends the process before the
    // answer is out.
    await setImmediate();
    await client.respond(context.awsRequestId, result);
  } catch (error) {
    await setImmediate();
    logError(error);
    await client.fail(context.awsRequestId, error);
  }
}

/**
 * On Lambda a line that was written is in the log, whatever happens next. Here the log is a pipe,
 * which Node.js writes in the background when it is full: what is left would be lost in an exit.
 */
function writeOutputAtOnce() {
  for (const stream of [process.stdout, process.stderr]) {
    /** @type {{ _handle?: { setBlocking?(on: boolean): void } }} */ (
      /** @type {unknown} */ (stream)
    )._handle?.setBlocking?.(true);
  }
}
