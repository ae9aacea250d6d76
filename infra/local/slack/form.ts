/** The charsets that the Web API takes. */
export type Charset = 'utf-8' | 'iso-8859-1';

/**
 * Reads `name=value&name=value`. If a name appears twice, the last value counts. A percent sign
 * without two hexadecimal digits stands for itself.
 *
 * @param text one character a byte, as HTTP delivers a URL, or a body decoded as latin1.
 */
export function readForm(text: string, charset: Charset): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    fields.set(decode(name, charset), decode(value, charset));
  }
  return fields;
}

function decode(text: string, charset: Charset): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return charset === 'utf-8' ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/**
 * Reads a `multipart/form-data` body (RFC 7578); files in it are left out.
 * @returns undefined if the boundary is missing or the body is malformed.
 */
export async function readMultipart(
  bytes: Buffer,
  contentType: string,
): Promise<Map<string, unknown> | undefined> {
  try {
    const body = new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } });
    const fields = await body.formData();
    return new Map([...fields].filter(([, value]) => typeof value === 'string'));
  } catch {
    return undefined;
  }
}
