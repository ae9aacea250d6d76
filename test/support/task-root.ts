import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  deploymentText,
} from '../../functions/lambda/environment.ts';

/** @returns a directory for `LAMBDA_TASK_ROOT`, with what a function reads of the deployment. */
export const taskRoot = (deployment: Partial<Deployment>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'task-root-'));
  writeFileSync(join(directory, DEPLOYMENT_FILE), deploymentText(deployment));
  return directory;
};
