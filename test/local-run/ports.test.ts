import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../infra/local/lib/http.ts';
import { assertFree } from '../../infra/local/ports.ts';

const taken = async (): Promise<number> => {
  const { port, close } = await listen(createServer(), 0);
  onTestFinished(close);
  return port;
};

test('ports that are free pass, and stay free', async () => {
  const free = await listen(createServer(), 0);
  await free.close();
  const ports = { http: free.port, slack: 0, aws: 0 };
  await assertFree(ports);
  await assertFree(ports);
});

test('every port in use is named at once, with its variable and what to do', async () => {
  const [http, aws] = [await taken(), await taken()];
  const command = new RegExp(
    `The port ${http} is in use \\(PORT\\)\\. The port ${aws} is in use \\(AWS_PORT\\)\\. .* as in PORT=\\d+ AWS_PORT=\\d+ npm start$`,
  );
  await expect(assertFree({ http, slack: 0, aws })).rejects.toThrow(command);
});
