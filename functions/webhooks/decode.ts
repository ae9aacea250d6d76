const BASE64 = /^[\w+/-]+={0,2}$/;
const HEX = /^([0-9a-f]{2})+$/i;

/**
 * Reads base64 in either alphabet, padded or not, as senders differ in both.
 * @returns undefined for anything else, the empty text included.
 */
export const decodeBase64 = (text: string): Buffer | undefined => {
  if (!BASE64.test(text)) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const tail = (text.length - padding) % 4;
  // One digit alone carries no byte, and padding fills up to four or is left out.
  if (tail === 1 || (padding > 0 && tail + padding !== 4)) return undefined;
  return Buffer.from(text, 'base64');
};

/** Reads hexadecimal in either case. @returns undefined for anything else. */
export const decodeHex = (text: string): Buffer | undefined =>
  HEX.test(text) ? Buffer.from(text, 'hex') : undefined;
