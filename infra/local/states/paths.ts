import { inside, type Place } from '../lib/not-understood.ts';
import { refuse } from './refuse.ts';

/**
 * Paths that the interpreter's JSONPath reads as AWS does: names only. An index into a string, the
 * length of a list and everything that may find several values are read differently. One difference
 * stays: `$` in a template fails where the whole input is null, 0, false or an empty string.
 */
const PATH = /^\$(\.(?!length\b|__proto__\b)[A-Za-z_]\w*)*$/;

/** Of the context object what is known here: the interpreter keeps no account of the current state. */
const CONTEXT_PATH =
  /^\$\$\.(Execution\.(Id|Name|RoleArn|StartTime|Input(\.(?!length\b)[A-Za-z]\w*)*)|StateMachine\.(Id|Name))$/;

/** One level deep: further down, the interpreter would overwrite a string with an object, where AWS fails. */
const RESULT_PATH = /^\$\.[A-Za-z]\w*$/;

/** @throws NotUnderstood for a path that may be read otherwise than on AWS */
export function checkPath(path: unknown, place: Place): void {
  if (typeof path === 'string' && (PATH.test(path) || CONTEXT_PATH.test(path))) return;
  refuse(place, `the path ${JSON.stringify(path)} is not understood, only names as in $.a.b`);
}

/** InputPath and OutputPath may also be null. */
export function checkOptionalPath(path: unknown, place: Place): void {
  if (path !== undefined && path !== null) checkPath(path, place);
}

export function checkResultPath(path: unknown, place: Place): void {
  if (path === undefined || path === null || path === '$') return;
  if (typeof path === 'string' && RESULT_PATH.test(path)) return;
  refuse(place, `${JSON.stringify(path)} is not understood, only $, $.name and null`);
}

/** `States.StringToJson($.a.b)`, of which the argument is the path. */
export const STRING_TO_JSON = /^States\.StringToJson\(\s*(\$[^\s()]*)\s*\)$/;

/**
 * Looks through a payload template (Parameters, ResultSelector).
 * @param functions may it use the intrinsic function States.StringToJson?
 * @throws NotUnderstood naming the path or the intrinsic function
 */
export function checkTemplate(template: unknown, place: Place, functions = false): void {
  if (typeof template !== 'object' || template === null) return;
  for (const [key, value] of Object.entries(template)) {
    const here = inside(place, key);
    if (!key.endsWith('.$')) {
      checkTemplate(value, here, functions);
      continue;
    }
    // The interpreter would take the first `.$` away, wherever it is.
    if (key.indexOf('.$') < key.length - 2) refuse(here, 'this name is not understood');
    const [, argument] = STRING_TO_JSON.exec(String(value)) ?? [];
    if (argument !== undefined && !functions) {
      refuse(here, 'an intrinsic function is not understood here, only in Parameters of Pass');
    }
    if (argument === undefined && /^States\./.test(String(value))) {
      refuse(here, `${String(value)} is not understood, only States.StringToJson of a path`);
    }
    checkPath(argument ?? value, here);
  }
}
