import type { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';
import { BundledFunction } from './bundled-function.ts';
import type { Ledger } from './ledger-table.ts';

export interface LaneTicketFunctionProps {
  config: Config;
  table: Ledger;
}

/** Gives an execution of the workflow its place in the lane. Has no token, and reads no item. */
export class LaneTicketFunction extends BundledFunction {
  constructor(scope: Construct, name: 'lane-ticket', props: LaneTicketFunctionProps) {
    super(scope, name, {
      ...props,
      description: 'When an execution of the workflow may take its turn',
      // It reads nothing: the update returns what it needs to know.
      tableActions: ['dynamodb:UpdateItem'],
      tableKeys: ['lane#*'],
      // One or two updates of an item: there is nothing to compute, and a cold start does not matter,
      // since the request is going to wait anyway.
      memorySize: 256,
    });
  }
}
