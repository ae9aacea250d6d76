/**
 * Makes an element. All text goes in as text, so nothing that a client sent is ever read as HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * Keeps a list's elements in step with its items. Elements that did not change stay, and keep the
 * reader's focus and selection.
 *
 * @template Item
 * @param {Element} parent
 * @param {(item: Item) => Element} make
 */
export function listIn(parent, make) {
  /** @type {Map<string, Element>} */
  let shown = new Map();
  return (/** @type {Item[]} */ items) => {
    const next = new Map(
      items.map((item) => {
        const key = JSON.stringify(item);
        return [key, shown.get(key) ?? make(item)];
      }),
    );
    for (const [key, old] of shown) if (!next.has(key)) old.remove();
    let place = parent.firstElementChild;
    for (const child of next.values()) {
      if (child === place) place = place.nextElementSibling;
      else parent.insertBefore(child, place);
    }
    shown = next;
  };
}
