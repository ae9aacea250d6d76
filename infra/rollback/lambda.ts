import { type Signing, signedFetch } from '../local/iam/signer.ts';
import type { DeployedFunction, Version } from './plan.ts';

/** Where Lambda is, and who calls it. */
export type Endpoint = { url: URL; signing: Signing };

/** What Lambda refused with: its sentence, and its name for the error. */
export class LambdaRefused extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(`${name}: ${message}`);
    this.name = name;
  }
}

type Alias = { FunctionVersion: string; RevisionId: string };
type Page = { Versions: { Version: string; LastModified: string }[]; NextMarker?: string | null };

/**
 * @param alias its name
 * @returns the function with its versions; undefined where there is no such function or alias
 * @throws LambdaRefused
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html
 */
export async function describe(
  endpoint: Endpoint,
  name: string,
  alias: string,
): Promise<DeployedFunction | undefined> {
  try {
    const { FunctionVersion, RevisionId } = await call<Alias>(endpoint, `${name}/aliases/${alias}`);
    const versions = await versionsOf(endpoint, name);
    return { name, live: FunctionVersion, revisionId: RevisionId, versions };
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function versionsOf(endpoint: Endpoint, name: string): Promise<Version[]> {
  const versions: Version[] = [];
  let marker: string | null | undefined = '';
  do {
    const query: string = marker ? `?Marker=${encodeURIComponent(marker)}` : '';
    const page: Page = await call<Page>(endpoint, `${name}/versions${query}`);
    versions.push(
      ...page.Versions.filter(({ Version: version }) => version !== '$LATEST').map(
        ({ Version: version, LastModified }) => ({
          version,
          // Lambda writes +0000, which only newer engines read.
          publishedAt: Date.parse(LastModified.replace(/\+0000$/, 'Z')),
        }),
      ),
    );
    marker = page.NextMarker;
  } while (marker);
  return versions;
}

/**
 * Makes the alias name another version.
 * @throws LambdaRefused `PreconditionFailedException` if somebody has moved it meanwhile
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
 */
export async function moveAlias(
  endpoint: Endpoint,
  name: string,
  alias: string,
  change: { FunctionVersion: string; RevisionId: string },
): Promise<void> {
  await call(endpoint, `${name}/aliases/${alias}`, {
    method: 'PUT',
    body: JSON.stringify(change),
    headers: { 'content-type': 'application/json' },
  });
}

async function call<Answer>(
  { url, signing }: Endpoint,
  path: string,
  request: Parameters<typeof signedFetch>[1] = { method: 'GET' },
): Promise<Answer> {
  const target = new URL(`/2015-03-31/functions/${path}`, url);
  const response = await signedFetch(target, request, signing);
  const answer = (await response.json()) as Answer & { Message?: string; message?: string };
  if (response.ok) return answer;
  const [name = 'Error'] = (response.headers.get('x-amzn-errortype') ?? '').split(':');
  throw new LambdaRefused(name, answer.Message ?? answer.message ?? `HTTP ${response.status}`);
}
