/** The configuration is wrong; the message lists every problem, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: string[]) {
    const heading =
      'The configuration cannot be used (cdk.json, "context", or -c on the command line):';
    super([heading, ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}
