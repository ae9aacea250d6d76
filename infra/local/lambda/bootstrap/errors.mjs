/*
 * Errors of the runtime itself, with the class names (logs show those) and the names (callers
 * get those) of AWS's runtime. The names stand here literally, since callers match on them.
 */

export class CallbackHandlerDeprecatedError extends Error {
  /** @override */ name = 'Runtime.CallbackHandlerDeprecated';
}

export class HandlerNotFoundError extends Error {
  /** @override */ name = 'Runtime.HandlerNotFound';
}

export class ImportModuleError extends Error {
  /** @override */ name = 'Runtime.ImportModuleError';
}

export class JSONStringifyError extends Error {
  /** @override */ name = 'Runtime.JSONStringifyError';
}

export class MalformedHandlerNameError extends Error {
  /** @override */ name = 'Runtime.MalformedHandlerName';
}

export class UserCodeSyntaxError extends Error {
  /** @override */ name = 'Runtime.UserCodeSyntaxError';
}

/**
 * What the caller of the function gets as its payload.
 *
 * @param {unknown} error whatever was thrown
 * @returns {{ errorType: string, errorMessage: string, trace: string[] }}
 */
export function errorResponse(error) {
  try {
    if (!(error instanceof Error)) {
      return { errorType: typeof error, errorMessage: String(error), trace: [] };
    }
    return {
      errorType: withoutDelete(error.name),
      errorMessage: withoutDelete(error.message),
      trace: error.stack ? withoutDelete(error.stack).split('\n') : [],
    };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}

/** @param {unknown} thrown */
export function intoError(thrown) {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The character DEL is not allowed in a header, and AWS's client replaces it everywhere. @param {string} text */
function withoutDelete(text) {
  return text.replaceAll('\x7F', '%7F');
}
