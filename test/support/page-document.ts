/** As much of a browser's element as the page's scripts use; HTML in a text is refused loudly. */
export class PageElement {
  readonly tag: string;
  readonly attributes: Record<string, string> = {};
  readonly nodes: (PageElement | string)[] = [];
  parent: PageElement | undefined;
  hidden = false;
  value = '';
  readonly #listeners = new Map<string, (event: object) => unknown>();

  constructor(tag: string) {
    this.tag = tag;
  }

  setAttribute(name: string, value: string) {
    this.attributes[name] = value;
  }

  append(...nodes: (PageElement | string)[]) {
    for (const node of nodes) this.#place(node, this.nodes.length);
  }

  replaceChildren(...nodes: (PageElement | string)[]) {
    this.nodes.length = 0;
    this.append(...nodes);
  }

  addEventListener(type: string, listener: (event: object) => unknown) {
    this.#listeners.set(type, listener);
  }

  /** What the listener returns, so that a test can wait for it. */
  dispatch(type: string, event: object): unknown {
    return this.#listeners.get(type)?.(event);
  }

  insertBefore(node: PageElement, next: PageElement | null) {
    node.remove();
    this.#place(node, next === null ? this.nodes.length : this.nodes.indexOf(next));
  }

  remove() {
    this.parent?.nodes.splice(this.parent.nodes.indexOf(this), 1);
    this.parent = undefined;
  }

  get firstElementChild(): PageElement | null {
    return this.#elements()[0] ?? null;
  }

  get nextElementSibling(): PageElement | null {
    const among = this.parent?.nodes ?? [];
    const next = among[among.indexOf(this) + 1];
    return next instanceof PageElement ? next : null;
  }

  get textContent(): string {
    return this.nodes.map((node) => (typeof node === 'string' ? node : node.textContent)).join('');
  }

  set textContent(text: string) {
    this.replaceChildren(text);
  }

  set innerHTML(_: string) {
    throw new Error('text was given as HTML');
  }

  /** The element and all that are in it. */
  all(): PageElement[] {
    return [this, ...this.#elements().flatMap((child) => child.all())];
  }

  #elements() {
    return this.nodes.filter((node) => node instanceof PageElement);
  }

  #place(node: PageElement | string, at: number) {
    this.nodes.splice(at, 0, node);
    if (node instanceof PageElement) node.parent = this;
  }
}
