import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CallbackHandlerDeprecatedError,
  HandlerNotFoundError,
  ImportModuleError,
  MalformedHandlerNameError,
  UserCodeSyntaxError,
} from './errors.mjs';

/** @typedef {(event: unknown, context: import('./context.mjs').Context) => unknown} Handler */

const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

/**
 * Loads the function's code.
 *
 * @param {string} taskRoot directory of the bundle
 * @param {string} handlerName `<file without extension>.<export>`, as in `index.handler`
 * @returns {Promise<Handler>}
 * @throws the errors imported above; an error that the code itself throws, as it is
 */
export async function loadHandler(taskRoot, handlerName) {
  const { directory, file, exportPath } = parse(handlerName);
  const module = await importModule(join(taskRoot, directory), file);
  const handler = find(module, exportPath) ?? find(module.default, exportPath);
  if (!handler) {
    throw new HandlerNotFoundError(`${handlerName} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new HandlerNotFoundError(`${handlerName} is not a function`);
  }
  refuseCallback(handler);
  return /** @type {Handler} */ (handler);
}

/** @param {string} handlerName */
function parse(handlerName) {
  if (handlerName.includes('..')) {
    throw new MalformedHandlerNameError(
      `'${handlerName}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const name = basename(handlerName);
  const [, file, exportPath] = /^([^.]*)\.(.*)$/.exec(name) ?? [];
  if (file === undefined || exportPath === undefined) {
    throw new MalformedHandlerNameError('Bad handler');
  }
  return { directory: handlerName.slice(0, handlerName.indexOf(name)), file, exportPath };
}

/**
 * @param {string} directory
 * @param {string} file without extension
 */
async function importModule(directory, file) {
  try {
    const paths = EXTENSIONS.map((extension) => join(directory, file + extension));
    const found = paths.find((path) => existsSync(path));
    if (found) return await import(pathToFileURL(found).href);
    const require = createRequire(import.meta.url);
    return require(require.resolve(file, { paths: [directory] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      const syntaxError = new UserCodeSyntaxError(String(error));
      if (error.stack) syntaxError.stack = error.stack;
      throw syntaxError;
    }
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw new ImportModuleError(String(error));
    }
    throw error;
  }
}

/**
 * @param {any} module
 * @param {string} exportPath names separated by dots
 */
function find(module, exportPath) {
  return exportPath.split('.').reduce((value, key) => value?.[key], module);
}

/**
 * Node.js 24 on Lambda tells a callback handler by its number of parameters.
 *
 * @param {Function} handler
 */
function refuseCallback(handler) {
  if (handler.length < 3) return;
  throw new CallbackHandlerDeprecatedError(
    'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
  );
}
