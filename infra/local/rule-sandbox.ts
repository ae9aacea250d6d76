import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

// The rules' sandbox imports JSONata as text, which otherwise only the functions' bundler and the
// tests' runner can. Once it is there, whoever imports it gets it as it is.
const hooks = registerHooks({
  load: (url, context, nextLoad) =>
    context.importAttributes.type === 'text'
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export default ${JSON.stringify(readFileSync(new URL(url), 'utf8'))}`,
        }
      : nextLoad(url, context),
});
await import('../../functions/webhooks/expression.ts');
// With hooks, Node would read the CDK's modules in another way, and find no exports in them.
hooks.deregister();
