import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Loads the rules' sandbox, for everything that imports it afterwards. It imports JSONata as text,
 * which otherwise only the functions' bundler and the tests' runner can do.
 */
export const loadSandbox = async (): Promise<void> => {
  const hooks = registerHooks({
    load: (url, context, nextLoad) =>
      context.importAttributes?.type === 'text'
        ? {
            format: 'module',
            shortCircuit: true,
            source: `export default ${JSON.stringify(readFileSync(new URL(url), 'utf8'))}`,
          }
        : nextLoad(url, context),
  });
  await import('../../functions/webhooks/expression.ts');
  // With hooks, Node reads the CDK's modules in another way, and finds no exports in them.
  hooks.deregister();
};
