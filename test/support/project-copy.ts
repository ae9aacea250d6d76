import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A copy of the project's code in which files can be broken and its commands run.
 *
 * @param installed false for a copy as it is before `npm ci`
 */
export const copyProject = ({ installed = true } = {}) => {
  const directory = mkdtempSync(`${tmpdir()}/project-`);
  for (const part of ['package.json', '.npmrc', 'cdk.json', 'infra', 'functions']) {
    cpSync(`${PROJECT}${part}`, `${directory}/${part}`, { recursive: true });
  }
  if (installed) symlinkSync(`${PROJECT}node_modules`, `${directory}/node_modules`);
  return {
    directory,
    write: (file: string, text: string) => writeFileSync(`${directory}/${file}`, text),
    /** Removes a file, or the whole copy. */
    remove: (file = '') => rmSync(`${directory}/${file}`, { recursive: true }),
    run: (command: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) => {
      const { status, stdout, stderr } = spawnSync(command, args, {
        cwd: directory,
        encoding: 'utf8',
        env: { ...process.env, ...env },
      });
      return { status, stdout, stderr };
    },
  };
};
