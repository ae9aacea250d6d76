import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Lets Node import what the functions import as text (`with { type: 'text' }`), which otherwise only
 * their bundler and the tests' runner can: to be imported before what needs it.
 */
registerHooks({
  load: (url, context, nextLoad) =>
    context.importAttributes.type === 'text'
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export default ${JSON.stringify(readFileSync(new URL(url), 'utf8'))}`,
        }
      : nextLoad(url, context),
});
