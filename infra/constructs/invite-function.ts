import type { Construct } from 'constructs';
import { LIST_INDEX } from '../../functions/aws/table.ts';
import type { Config } from '../config/schema.ts';
import { BundledFunction } from './bundled-function.ts';
import type { Ledger } from './ledger-table.ts';
import type { SlackSecret } from './slack-secret.ts';
import { waitingStateMachines } from './waiting.ts';
import type { WorkflowArns } from './workflow-arns.ts';

export interface InviteFunctionProps {
  description: string;
  config: Config;
  table: Ledger;
  secret: SlackSecret;
  /** Left out: it starts none, because it is called by one. */
  workflow?: WorkflowArns;
}

const TABLE_ACTIONS: `dynamodb:${string}`[] = [
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
];

/** No event records. A dry run looks at the lane. */
const TABLE_KEYS = {
  'invite-api': ['invite#*', 'gate#*', 'lane#*'],
  'invite-task': ['invite#*', 'gate#*'],
  'invite-turn': ['invite#*', 'gate#*', 'lane#*', 'block#*'],
};

/** A function that invites: a door, at once or by starting the workflow, or the workflow's own turn. */
export class InviteFunction extends BundledFunction {
  constructor(
    scope: Construct,
    name: 'invite-api' | 'invite-task' | 'invite-turn',
    props: InviteFunctionProps,
  ) {
    // Only the function that the internet does not reach.
    const reportsTo =
      name === 'invite-task' ? waitingStateMachines(scope, props.config) : undefined;
    super(scope, name, {
      ...props,
      tableActions: TABLE_ACTIONS,
      tableKeys: [
        ...TABLE_KEYS[name],
        ...(props.config.lifecycle ? ['slack#*'] : []),
        ...(reportsTo ? ['wait#*'] : []),
      ],
      reportsTo,
      ...(name === 'invite-api' && { readsBlock: true }),
      readsGrants: true,
      tells: props.config.lifecycle !== undefined,
      ...(name === 'invite-api' && { tableIndex: LIST_INDEX }),
      // By the curve in docs/operating.md: a call waits for Slack nearly all its time, so that its price
      // goes with the memory and its time does not. A cold start's time does, since 1,769 MB get a whole
      // processor from the first call on; twice the memory saves a sixth of it, half costs a third.
      memorySize: 512,
    });
  }
}
