import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, buildSync } from 'esbuild';
import { DEPLOYMENT_FILE, deploymentText } from '../../functions/lambda/environment.ts';
import { deploymentOf } from '../config/deployment.ts';
import type { FunctionName } from '../config/physical-names.ts';
import type { Config } from '../config/schema.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const leftOut = (name: string) => `${PROJECT}infra/constructs/left-out/${name}.ts`;
const LEFT_OUT = {
  '@aws-sdk/credential-provider-node': leftOut('credential-chain'),
  'node:fs/promises': leftOut('configuration-files'),
  'node:http2': leftOut('http2'),
};

/**
 * Node's own modules as `require` would load them. An ES import evaluates all that such a module can
 * load on demand, some 10 ms of each cold start.
 */
const BUILTINS = Object.fromEntries(
  ['buffer', 'crypto', 'fs', 'https', 'os', 'path', 'process', 'stream', 'timers', 'tls', 'url']
    .concat('util', 'vm', 'zlib')
    .map((name) => [
      `node:${name}`,
      `data:text/javascript,module.exports=process.getBuiltinModule("node:${name}")`,
    ]),
);

/**
 * Code that is only loaded where a function never gets: by undici on a processor without SIMD and for
 * a body that is neither text nor bytes, by the AWS SDK for streams of events and in a browser.
 */
const NEVER_LOADED = [
  '../llhttp/llhttp-wasm.js',
  '../web/fetch/body.js',
  '../web/fetch/formdata',
  '../web/webidl',
  '@smithy/core/event-streams',
  'bowser',
];

/**
 * The code of the folder `functions/<name>`, next to the file that it reads of the
 * deployment. Both are made in this process, without a shell: Windows and Linux limit the length of a
 * command line.
 */
export function bundledCode(name: FunctionName, config: Config): lambda.Code {
  const deployment = deploymentText(deploymentOf(name, config));
  const options: BuildOptions = {
    entryPoints: [`${PROJECT}functions/${name}/handler.ts`],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    logLevel: 'warning',
    mainFields: ['module', 'main'],
    alias: { ...BUILTINS, ...LEFT_OUT },
    // Of undici its second parser, by the switch of Node's own bundle of it.
    define: { esbuildDetection: 'true' },
    external: NEVER_LOADED,
    // What only some invocations need is a file of its own, which they alone load.
    splitting: true,
    entryNames: 'index',
    outExtension: { '.js': '.mjs' },
    // CommonJS dependencies require Node's own modules, which ESM does not have.
    banner: {
      js: 'const require=process.getBuiltinModule("node:module").createRequire(import.meta.url);',
    },
  };

  return lambda.Code.fromAsset(`${PROJECT}functions/${name}`, {
    // Hashes the output, so the same code has the same hash on every machine.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('never-used'),
      // The CDK bundles equal settings only once, and cannot compare the function below.
      command: [JSON.stringify(options), deployment],
      local: {
        tryBundle(directory) {
          buildSync({ ...options, outdir: directory });
          writeFileSync(join(directory, DEPLOYMENT_FILE), deployment);
          return true;
        },
      },
    },
  });
}
