import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../command-line/arguments.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
export const ASSEMBLY_DIR = `${PROJECT}cdk.out`;

/**
 * Synthesizes the stack into `cdk.out` with the app that a deploy uses, in a process of its own:
 * the CDK bundles synchronously, and this process could not even be interrupted meanwhile.
 *
 * @param context as from `-c key=value`.
 * @returns the stack's name, once the assembly is written.
 * @throws UsageError with the app's own words if the configuration is wrong.
 */
export const synthesizeApart = async (
  context: Record<string, string>,
  started: (child: ChildProcess) => void,
): Promise<string> => {
  const child = spawn(process.execPath, ['infra/app.ts'], {
    cwd: PROJECT,
    env: { ...process.env, CDK_OUTDIR: ASSEMBLY_DIR, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started(child);
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new UsageError(words.trim() || `the synthesis ended with code ${code}`);
  return stackName();
};

type Manifest = { artifacts: Record<string, { type: string }> };

const stackName = (): string => {
  const { artifacts } = JSON.parse(
    readFileSync(`${ASSEMBLY_DIR}/manifest.json`, 'utf8'),
  ) as Manifest;
  const stack = Object.entries(artifacts).find(
    ([, { type }]) => type === 'aws:cloudformation:stack',
  );
  if (!stack) throw new Error('the cloud assembly in cdk.out holds no stack');
  return stack[0];
};
