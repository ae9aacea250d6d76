import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readAssembly } from '../../infra/local/cloudformation/assembly.ts';
import { type FunctionModel, readFunctions } from '../../infra/local/lambda/function-model.ts';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const STACK = 'SlackConnectInvites';

export const DOORS = [
  'invite-api',
  'invite-task',
  'invite-turn',
  'lane-ticket',
  'hr-webhook',
  'hr-invite',
] as const;
export type Door = (typeof DOORS)[number] | 'slack-events';

/** A synthesized stack's functions: `slack-events` with `lifecycle` only, and no `invite-turn` at the base. */
export type Build = Record<Door, FunctionModel>;

/** Reads the functions of a cloud assembly. */
export const readBuild = (assemblyDir: string): Build => {
  const functions = readFunctions(readAssembly(assemblyDir, STACK));
  return Object.fromEntries(functions.map((model) => [model.folder, model])) as Build;
};

/** Synthesizes the stack of a source tree, with its own tests' webhook sources, as a deploy would. */
export const synthesizeTree = async (tree: string, outdir: string, more = {}): Promise<Build> => {
  const { SOURCES } = await import(join(tree, 'test/support/sources.ts'));
  const context = { 'slackConnectInvites.sources': JSON.stringify(SOURCES), ...more };
  execFileSync(process.execPath, ['infra/app.ts'], {
    cwd: tree,
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return readBuild(outdir);
};

/** That the stack follows what becomes of its invitations. */
export const LIFECYCLE = { 'slackConnectInvites.lifecycle': 'true' };

/**
 * The project as it was at a revision, with the packages that it had then.
 * @returns undefined where git does not know the revision.
 */
export const checkOut = (revision: string, directory: string): string | undefined => {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1e9,
    });
  try {
    git('cat-file', '-e', `${revision}^{commit}`);
  } catch {
    return undefined;
  }
  mkdirSync(directory);
  execFileSync('tar', ['-x', '-C', directory], { input: git('archive', revision) });
  // Today's Node runs it, so no package has anything to install.
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  execFileSync('npm', ['ci', ...options], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return directory;
};

export const BASELINES = ['plain', 'floor', 'empty'] as const;
export type Baseline = (typeof BASELINES)[number];

const LOAD_CJS =
  "import{createRequire}from'node:module';export const{handler}=createRequire(import.meta.url)('./index.cjs');";

/**
 * Bundles the functions of `baselines/` as the CDK's `NodejsFunction` does if it is told nothing
 * but to bundle the AWS SDK.
 * @returns the directory of each.
 */
export const bundleBaselines = async (outdir: string): Promise<Record<Baseline, string>> => {
  await Promise.all(
    BASELINES.map((name) =>
      build({
        entryPoints: [join(PROJECT, `test/bench/baselines/${name}.ts`)],
        outfile: join(outdir, name, 'index.cjs'),
        bundle: true,
        platform: 'node',
        target: 'node24',
        format: 'cjs',
        logLevel: 'warning',
      }),
    ),
  );
  // The local runtime imports this name, and AWS's would load the other one itself.
  for (const name of BASELINES) writeFileSync(join(outdir, name, 'index.mjs'), LOAD_CJS);
  return Object.fromEntries(BASELINES.map((name) => [name, join(outdir, name)])) as Record<
    Baseline,
    string
  >;
};

/** How much code a cold start loads, in bytes: the handler's file, and what that imports at once. */
export const bundleBytes = (codeDir: string): number => {
  const [entry] = readdirSync(codeDir).filter((name) => /^index\.[cm]js$/.test(name));
  const loaded = new Set<string>();
  const load = (name: string): number => {
    if (loaded.has(name)) return 0;
    loaded.add(name);
    const code = readFileSync(join(codeDir, name), 'utf8');
    const imports = code.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.mjs)"/g);
    return [...imports].reduce((sum, [, file = '']) => sum + load(file), Buffer.byteLength(code));
  };
  return load(entry as string);
};
