import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const SCRIPT = /node (infra\/operate\/[a-z-]+\.ts)$/;
const COMMANDS = Object.entries(packageJson.scripts).flatMap(([name, script]) => {
  const path = script.match(SCRIPT)?.[1];
  return path ? [{ name, path }] : [];
});

describe('a command of package.json', () => {
  it('is there', () => {
    expect(COMMANDS.map(({ name }) => name)).toContain('doctor');
  });

  // The other tests run them in their own process.
  it.each(COMMANDS)('runs as a process of its own: $name', async ({ path }) => {
    await expect(
      promisify(execFile)(process.execPath, [path, '--no-such-option']),
    ).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/--no-such-option.*--help/) });
  });
});
