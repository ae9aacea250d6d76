import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalStack } from '../../infra/local/local-stack.ts';
import { template, writeAssembly } from '../support/local-assembly.ts';

test('the HTTP front and the AWS endpoint listen on 127.0.0.1 only', async () => {
  const assemblyDir = writeAssembly(template());
  onTestFinished(() => rmSync(assemblyDir, { recursive: true }));
  const stack = await startLocalStack({
    assemblyDir,
    stackName: 'Stack',
    ports: { http: 0, aws: 0 },
    slackApiUrl: 'http://127.0.0.1:3001/api/',
    slackToken: 'xoxb-local',
    log: () => {},
  });
  onTestFinished(stack.close);

  for (const url of [stack.apiUrl, stack.awsUrl]) {
    await expect(fetch(url, { method: 'POST' })).resolves.toBeInstanceOf(Response);
    // Another address of the same interface: a server on all of them would answer there, too.
    for (const other of ['127.0.0.2', '[::1]']) {
      await expect(fetch(url.replace('127.0.0.1', other), { method: 'POST' })).rejects.toThrow();
    }
  }
});
