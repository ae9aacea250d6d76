import { isUtf8 } from 'node:buffer';
import { MIMEType } from 'node:util';
import type { SlackCode } from '../../../functions/slack/codes.ts';
import type { Warning } from '../../../functions/slack/method.ts';
import type { Body } from './body.ts';
import { type Charset, readForm, readMultipart } from './form.ts';

/** A call of a Web API method, whichever way it was written. */
export type Call = { token: string; args: Map<string, unknown>; warnings: Warning[] };

/** A request that is not a call: Slack answers with the code, whatever was requested. */
export type NoCall = { code: SlackCode; warnings: Warning[] };

/** The parts of an HTTP request that a call is read from. */
export type WireRequest = {
  /** With `GET`, body and content type do not count. */
  method: string;
  /** The part after the `?`. */
  query: string;
  authorization: string | undefined;
  contentType: string | undefined;
  body: Body;
};

/** Why the body cannot be read, or the arguments in it. */
type Read = SlackCode | Map<string, unknown>;

/**
 * Reads a call. The query and the body both carry arguments, and the body's win. The token comes
 * from the `Authorization` header, or else from a form, but never from JSON
 * (https://docs.slack.dev/changelog/2017-10-keeping-up-with-the-jsons) nor from the query
 * (https://docs.slack.dev/changelog/2020-11-no-more-tokens-in-querystrings-for-newly-created-apps).
 * Codes and warnings: https://docs.slack.dev/reference/methods/conversations.inviteShared.
 *
 * @param needsData whether the method needs arguments.
 */
export async function readCall(request: WireRequest, needsData: boolean): Promise<Call | NoCall> {
  const args = readForm(request.query, 'utf-8');
  const bearer = /^bearer +(\S+) *$/i.exec(request.authorization ?? '')?.[1];

  const type = readContentType(request);
  if (typeof type === 'string') return { code: type, warnings: [] };
  const { warnings } = type;
  if (needsData && bearer !== undefined && isEmpty(request)) {
    return { code: isForm(type.essence) ? 'invalid_form_data' : 'request_timeout', warnings };
  }

  const fromBody = await readArguments(request.body, type);
  if (typeof fromBody === 'string') return { code: fromBody, warnings };
  const token = bearer ?? fromBody.get('token');

  for (const [name, value] of fromBody) args.set(name, value);
  const badName = [...args.keys()].map(refuseName).find((code) => code !== undefined);
  if (badName) return { code: badName, warnings };
  return { token: typeof token === 'string' ? token : '', args, warnings };
}

/** Whether a POST carries no data at all, neither in the body nor in the query. */
const isEmpty = ({ method, query, body }: WireRequest) =>
  method === 'POST' && query === '' && body.complete && body.bytes.length === 0;

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
const JSON_TYPE = 'application/json';
const TYPES = [FORM, MULTIPART, JSON_TYPE, 'text/plain'];

type ContentType = { essence: string; charset: Charset; header: string; warnings: Warning[] };

const NO_CONTENT = { essence: '', charset: 'utf-8', header: '', warnings: [] } as const;

function readContentType({ method, contentType, body }: WireRequest): SlackCode | ContentType {
  if (method === 'GET') return { ...NO_CONTENT, warnings: [] };
  if (contentType === undefined || contentType.trim() === '') {
    return body.bytes.length > 0 ? 'missing_post_type' : { ...NO_CONTENT, warnings: [] };
  }

  let mime: MIMEType;
  try {
    mime = new MIMEType(contentType);
  } catch {
    return 'invalid_post_type';
  }
  if (!TYPES.includes(mime.essence)) return 'invalid_post_type';

  const named = mime.params.get('charset')?.toLowerCase();
  const charset = named ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'iso-8859-1') return 'invalid_charset';
  return {
    essence: mime.essence,
    charset,
    header: contentType,
    warnings: warn(mime.essence, named),
  };
}

function warn(essence: string, charset: string | undefined): Warning[] {
  if (isForm(essence)) return charset === undefined ? [] : ['superfluous_charset'];
  return charset === undefined ? ['missing_charset'] : [];
}

const isForm = (essence: string) => essence === FORM || essence === MULTIPART;

async function readArguments(body: Body, type: ContentType): Promise<Read> {
  if (!body.complete) return 'request_timeout';
  if (body.bytes.length === 0) return new Map();
  switch (type.essence) {
    case FORM:
      return readFormBody(body.bytes, type.charset);
    case MULTIPART:
      return (await readMultipart(body.bytes, type.header)) ?? 'invalid_form_data';
    case JSON_TYPE:
      return readJson(body.bytes, type.charset);
    default:
      // Plain text is a valid type in which no argument can be written.
      return new Map();
  }
}

function readFormBody(bytes: Buffer, charset: Charset): Read {
  const text = bytes.toString('latin1');
  const isJson = /^\s*[[{]/.test(text);
  return isJson || /%(?![\da-f]{2})/i.test(text) ? 'invalid_form_data' : readForm(text, charset);
}

function readJson(bytes: Buffer, charset: Charset): Read {
  if (charset === 'utf-8' && !isUtf8(bytes)) return 'invalid_json';
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString(charset === 'utf-8' ? 'utf8' : 'latin1'));
  } catch {
    return 'invalid_json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'json_not_object';
  const args = new Map<string, unknown>(Object.entries(value));
  args.delete('token');
  return args;
}

/** The page refuses very long names and gives no number. */
const MAX_NAME = 100;

function refuseName(name: string): SlackCode | undefined {
  if (/^\w+\[.*\]$/s.test(name)) return 'invalid_array_arg';
  return /^\w+$/.test(name) && name.length <= MAX_NAME ? undefined : 'invalid_arg_name';
}
