declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Times in milliseconds that a table stays in a passing state; the data is in memory. */
  export type Options = { createTableMs: number; deleteTableMs: number; updateTableMs: number };

  export default function dynalite(options: Options): Server;
}
