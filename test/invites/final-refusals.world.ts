import { refusedWith } from '../support/fakes.ts';
import type { World } from '../support/world.ts';

/** What ends a request that waits for good, and how it comes about. */
export const FINAL_REFUSALS: [
  code: string,
  errorClass: string,
  befall: (world: Pick<World, 'inviteShared' | 'readSecret'>) => void,
][] = [
  [
    'restricted_action',
    'SlackRefused',
    ({ inviteShared }) => inviteShared.mockResolvedValueOnce(refusedWith('restricted_action')),
  ],
  [
    'unexpected',
    'Defect',
    ({ readSecret }) => readSecret.mockRejectedValueOnce(new TypeError('a defect')),
  ],
];
