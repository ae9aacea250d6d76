import type { HmacAuth } from './auth.ts';
import { decodeBase64, decodeHex } from './decode.ts';

/** While keys are rotated a sender signs with each of them; nobody has twenty. */
const MAX_SIGNATURES = 20;

/**
 * Reads the signatures in a header. What lacks the prefix is another version's and is passed over;
 * what has it and cannot be decoded spoils the header, as when the header was given twice.
 *
 * @returns at least one signature, or why there is none.
 */
export const signaturesIn = (
  value: string,
  { prefix = '', separator, encoding }: HmacAuth,
): Buffer[] | 'malformed_signature' | 'too_many_signatures' => {
  const items = separator === undefined ? [value] : value.split(separator, MAX_SIGNATURES + 1);
  if (items.length > MAX_SIGNATURES) return 'too_many_signatures';

  const decode = encoding === 'hex' ? decodeHex : decodeBase64;
  const signatures: Buffer[] = [];
  for (const item of items) {
    if (item === '' || !item.startsWith(prefix)) continue;
    const signature = decode(item.slice(prefix.length));
    if (!signature) return 'malformed_signature';
    signatures.push(signature);
  }
  return signatures.length === 0 ? 'malformed_signature' : signatures;
};
