/** How deep the properties search, as a multiple of `npm test`: `npm run test:deep` sets 10. */
export const DEPTH = Number(process.env.DEPTH ?? 1);

/** For fast-check: how many cases a property is tried with. @param usual in `npm test`. */
export const runs = (usual: number) => ({ numRuns: Math.ceil(usual * DEPTH) });

/** For vitest: how long a property may take on a busy machine. @param usual in `npm test`, in ms. */
export const patience = (usual: number) => ({ timeout: usual * Math.max(DEPTH, 1) });
