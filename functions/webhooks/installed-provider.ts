import type { Auth } from './auth.ts';
import type { Provider } from './provider.ts';
import { PROVIDERS, type ProviderName } from './providers.ts';

/** A provider as one source has it: how its deliveries prove themselves is settled. */
export type InstalledProvider = Provider & { auth: Auth };

/**
 * @param ownAuth the operator's description, for a provider that leaves it to the operator.
 * @throws Error if there is none.
 */
export const installedProvider = (name: ProviderName, ownAuth?: Auth): InstalledProvider => {
  const provider = PROVIDERS[name];
  const auth = provider.auth === 'operator' ? ownAuth : provider.auth;
  if (!auth) throw new Error(`a source of the provider "${name}" needs auth`);
  return { ...provider, auth };
};
