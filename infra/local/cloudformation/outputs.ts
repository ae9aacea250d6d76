import type { ApiModel } from '../http-api/api-model.ts';
import type { Assembly } from './assembly.ts';
import { apiEndpoint } from './identity.ts';

/**
 * The stack's outputs on this machine.
 * @param apiUrl where the HTTP API listens, in the place of its address at AWS
 */
export function localOutputs(
  outputs: Assembly['outputs'],
  api: Pick<ApiModel, 'id'>,
  apiUrl: string,
): Record<string, string> {
  const onAws = apiEndpoint(api.id);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, value.replace(onAws, apiUrl)]),
  );
}
