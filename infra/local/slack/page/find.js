/**
 * Shows the entries of a list that have all the words.
 * @param {Element} list
 * @param {string} wanted
 * @returns {string} how many of how many; empty without words
 */
export function findIn(list, wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const entries = /** @type {HTMLElement[]} */ ([...list.children]);
  for (const entry of entries) {
    const text = (entry.textContent ?? '').toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
  }
  canScroll(list);
  if (words.length === 0) return '';
  return `${entries.filter(({ hidden }) => !hidden).length} of ${entries.length}`;
}

/** What scrolls can be reached by keyboard; not every browser sees to it. @param {Element} list */
function canScroll(list) {
  if (list.scrollHeight > list.clientHeight) list.setAttribute('tabindex', '0');
  else list.removeAttribute('tabindex');
}
