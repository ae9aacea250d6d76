const RESPOND_ASYNC = 'respond-async';
/** A preference up to its value or its parameters: quoted text may hold a comma. */
const PREFERENCE = /\s*([^\s,;="]+)(?:"(?:[^"\\]|\\.)*"|[^,"])*(?:,|$)/y;

/**
 * Whether the caller would rather not wait for the outcome.
 * @param header `Prefer`, several of them joined by commas.
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-4.1
 */
export const prefersAsync = (header = ''): boolean => {
  const names = [...header.matchAll(new RegExp(PREFERENCE, 'gy'))].map(([, name = '']) => name);
  return names.some((name) => name.toLowerCase() === RESPOND_ASYNC);
};

/** The header that says that it was so. */
export const ASYNC_APPLIED = { 'preference-applied': RESPOND_ASYNC };
