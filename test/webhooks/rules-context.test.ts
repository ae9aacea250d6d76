import { type Context, Script } from 'node:vm';
import { beforeAll, expect, it, vi } from 'vitest';
import { createSandbox } from '../../functions/webhooks/expression.ts';

// What somebody could do who got out of JSONata, into the context that it runs in.

const { contexts } = vi.hoisted(() => ({ contexts: [] as Context[] }));
vi.mock('node:vm', async (original) => {
  const vm = await original<typeof import('node:vm')>();
  return {
    ...vm,
    createContext: (...options: Parameters<typeof vm.createContext>) => {
      const context = vm.createContext(...options);
      contexts.push(context);
      return context;
    },
  };
});

beforeAll(() => {
  createSandbox();
});
const run = (code: string): unknown => new Script(code).runInContext(contexts[0] as Context);

it.each(['eval("1")', 'Function("return 1")()', '(() => {}).constructor("return 1")()'])(
  'no code is made of text there: %s',
  (code) => {
    expect(() => run(code)).toThrow('Code generation from strings disallowed');
  },
);

it('no WebAssembly is compiled there', () => {
  const empty = 'Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)';
  expect(() => run(`new WebAssembly.Module(${empty})`)).toThrow('disallowed');
});

it.each(['process', 'require', 'fetch', 'setTimeout', 'Buffer'])('there is no %s', (name) => {
  expect(run(`typeof ${name}`)).toBe('undefined');
});
