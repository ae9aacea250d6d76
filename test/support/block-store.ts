import type { Block, BlockStore } from '../../functions/invites/block.ts';

/** The block's item, in memory. */
export const memoryBlock = (): BlockStore & { current(): Block | undefined } => {
  let block: Block | undefined;
  return {
    current: () => block,
    read: async () => block,
    async put(next) {
      block = next;
    },
    async probe(expected, at) {
      if (block?.probedAt !== expected) return false;
      block = { ...block, probedAt: at };
      return true;
    },
    async remove() {
      block = undefined;
    },
  };
};
