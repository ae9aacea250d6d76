import { execFile } from 'node:child_process';

/**
 * Runs a command of the project in a process of its own, which knows nothing of this process's
 * environment but what it is given.
 *
 * @param script from the project's folder, such as `infra/operate/invite.ts`.
 * @param given.input what it reads from its standard input.
 * @returns its exit code; -1 where a signal ended it.
 */
export const runScript = (
  script: string,
  args: string[],
  { env = {}, input = '' }: { env?: NodeJS.ProcessEnv; input?: string } = {},
) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
