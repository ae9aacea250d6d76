/** A state in the Amazon States Language: https://states-language.net/spec.html */
export type State = {
  Type: 'Task' | 'Map' | 'Wait' | 'Pass' | 'Choice' | 'Succeed' | 'Fail';
  // biome-ignore lint/suspicious/noExplicitAny: each type has fields of its own, which `readDefinition` looks through.
  [field: string]: any;
};

/** States that follow each other: a machine's, or those that a Map goes through for each item. */
export type States = { StartAt: string; States: Record<string, State> };

/** A state machine in the Amazon States Language, of which every field is understood. */
export type Definition = States & { TimeoutSeconds?: number };
