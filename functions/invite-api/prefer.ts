const RESPOND_ASYNC = 'respond-async';
/**
 * A preference, its value and its parameters: quoted text may hold a comma, and between two commas
 * there may be nothing. The name is taken whole, so that a header that is none is soon given up.
 */
const PREFERENCE = /[\s,]*([^\s,;="]+)(?![^\s,;="])(?:"(?:[^"\\]|\\.)*"|[^,"])*(?:,|$)/gy;

/**
 * Whether the caller would rather not wait for the outcome.
 * @param header `Prefer`, several of them joined by commas.
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-4.1
 */
export const prefersAsync = (header = ''): boolean => {
  const names = [...header.matchAll(PREFERENCE)].map(([, name = '']) => name);
  return names.some((name) => name.toLowerCase() === RESPOND_ASYNC);
};

/** Says that the preference was honoured (RFC 7240, section 3). */
export const ASYNC_APPLIED = { 'preference-applied': RESPOND_ASYNC };
