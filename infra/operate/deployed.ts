import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  type FunctionConfig,
} from '../../functions/lambda/environment.ts';
import { type FunctionName, functionName, LIVE } from '../config/physical-names.ts';
import type { Stack } from './stack.ts';

/** What a deployed function works with: its `CONFIG`, and the file next to its code. */
export type Deployed = { config: FunctionConfig; deployment: Partial<Deployment> };

/**
 * Reads the configuration out of a deployed function, since that of this checkout may be another.
 * @returns undefined where the stack has no such function.
 */
export const readDeployed = async (
  { name, aws }: Stack,
  which: FunctionName,
): Promise<Deployed | undefined> => {
  const command = new GetFunctionCommand({
    FunctionName: functionName(name, which),
    Qualifier: LIVE,
  });
  const answer = await aws.lambda.send(command).catch((error: Error) => {
    if (error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  });
  if (!answer) return undefined;
  return {
    config: JSON.parse(answer.Configuration?.Environment?.Variables?.CONFIG ?? '{}'),
    deployment: JSON.parse(await codeFile(answer.Code?.Location ?? '', DEPLOYMENT_FILE)),
  };
};

/** @param location of a function's code: a folder of the local run, or a zip of Lambda's. */
const codeFile = async (location: string, name: string): Promise<string> => {
  if (location.startsWith('file:'))
    return readFileSync(fileURLToPath(`${location}/${name}`), 'utf8');
  const response = await fetch(location, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`the code of the function answers HTTP ${response.status}`);
  const content = unzip(Buffer.from(await response.arrayBuffer()), name);
  if (!content) throw new Error(`the code of the function has no ${name}: deploy this version`);
  return content.toString('utf8');
};

const END = 0x06054b50;
const ENTRY = 0x02014b50;

/**
 * Takes one file out of a zip, by its table of contents. Enough for what Lambda keeps: no parts, no
 * encryption, under 4 GB.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export const unzip = (zip: Buffer, wanted: string): Buffer | undefined => {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) throw new Error('the code of the function is not a zip');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error('the code of the function is cut short');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      zip.readUInt16LE(at + offset),
    ) as [number, number, number];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (name === wanted) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const bytes = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === 0 ? bytes : inflateRawSync(bytes);
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  return undefined;
};
