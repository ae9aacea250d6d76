import { expect, onTestFinished, test } from 'vitest';
import { cdkJsonContext } from '../../infra/config/cdk-json.ts';
import { ConfigError } from '../../infra/config/error.ts';
import { copyProject } from '../support/project-copy.ts';

const HEADING =
  'The configuration cannot be used (cdk.json, "context", or -c on the command line):';

const problem = (text: string): string => {
  try {
    cdkJsonContext(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('expected a refusal');
};

const config = (inner: string) => `{
  "app": "node infra/app.ts",
  "context": {
    "slackConnectInvites": {
      ${inner}
    }
  }
}
`;

test.each([
  ['a comma before }', config('"burst": 5,'), 'line 6, column 5: one comma too many before "}"'],
  ['a comma before ]', config('"a": ["b",]'), 'line 5, column 17: one comma too many before "]"'],
  ['no comma', config('"a": 1\n"burst": 5'), 'line 6, column 1: a comma or a closing bracket is'],
  ['no ]', config('"a": ["C0PARTNER01"'), 'line 6, column 5: a comma or a closing bracket is'],
  ['no } at the end', config('').trimEnd().slice(0, -1), 'line 8, column 1: a closing "}" is'],
  ['a } too many', `${config('')}}`, 'line 9, column 1: the JSON is complete before this'],
  ['a comment', config('// "burst": 5'), 'line 5, column 7: JSON has no comments'],
  ['curly quotes', config('“burst”: 5'), 'line 5, column 7: this is not allowed here; keys and'],
  ['no quotes', config('"a": [C0PARTNER01]'), 'line 5, column 13: this is not allowed here; keys'],
  ['a quote left open', config('"a": ["b]'), 'line 5, column 13: this text has no closing'],
  ['Windows line ends', config('"burst": 5,').replaceAll('\n', '\r\n'), 'line 6, column 5: one'],
  ['nothing in it', '', 'line 1, column 1: a value is missing here'],
  ['a list', '[]', 'must be an object, {"context": {…}}'],
  ['no context', '{"app": "x"}', '"context" must be an object, {"slackConnectInvites": {…}}'],
  [
    'the configuration outside the context, where nobody would read it',
    '{"context": {}, "slackConnectInvites": {"burst": 5}}',
    '"slackConnectInvites" stands next to "context"; move it into "context"',
  ],
])('what is wrong with a cdk.json is told with its place: %s', (_what, text, words) => {
  const [heading, line, ...more] = problem(text).split('\n');
  expect({ heading, more }).toEqual({ heading: HEADING, more: [] });
  expect(line).toContain(`  cdk.json: ${words}`);
});

test('a byte order mark in front is read past, as the CDK CLI does', () => {
  const { slackConnectInvites } = cdkJsonContext(`\uFEFF${config('"burst": 5')}`);
  expect(slackConnectInvites).toEqual({ burst: 5 });
});

test('npm start prints that and nothing else, for a file that is missing too', () => {
  const project = copyProject();
  onTestFinished(() => project.remove());
  const start = () => project.run(process.execPath, ['infra/local/start.ts']);

  project.write('cdk.json', config('"burst": 5,'));
  expect(start()).toEqual({
    status: 1,
    stdout: '',
    stderr: `${HEADING}\n  cdk.json: line 6, column 5: one comma too many before "}"\n`,
  });
  project.remove('cdk.json');
  expect(start()).toEqual({
    status: 1,
    stdout: '',
    stderr: `${HEADING}\n  cdk.json: missing from the project's folder; "git checkout cdk.json" brings it back\n`,
  });
});
