import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';

/** @returns the state machines that may wait for what becomes of an invite; undefined: none. */
export function waitingStateMachines(
  scope: Construct,
  { lifecycle }: Config,
): string[] | undefined {
  const { waitingStateMachines: waiting } = lifecycle ?? {};
  if (waiting !== '*') return waiting;
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  const every = { service: 'states', resource: 'stateMachine', resourceName: '*', arnFormat };
  return [Stack.of(scope).formatArn(every)];
}
