/**
 * Which message is open, and which ones are new. A message stays open until the reader opens another one,
 * whatever arrives meanwhile.
 */
export function createReading() {
  /** @type {string | undefined} */
  let open;
  /** @type {Set<string> | undefined} */
  let known;
  return {
    /**
     * @param {readonly string[]} ids of all messages, the newest last
     * @returns {string | undefined} the message to show: at first, or when the open one is gone, the newest
     */
    show(ids) {
      known ??= new Set(ids);
      if (open === undefined || !ids.includes(open)) open = ids.at(-1);
      if (open !== undefined) known.add(open);
      return open;
    },
    /** @param {string | undefined} id */
    open(id) {
      open = id;
    },
    /** @param {readonly string[]} ids @returns {string[]} those that arrived since the page was opened, and were not read */
    unread: (ids) => ids.filter((id) => !known?.has(id)),
  };
}
