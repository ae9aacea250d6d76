import { UsageError } from '../command-line/arguments.ts';
import { runOperation } from '../command-line/operation.ts';
import { ISSUER_PATH, type JwtIssuer, newToken } from './jwt-issuer.ts';
import { awsPort } from './ports.ts';

const EXAMPLE = 'npm run jwt -- --sub crm';

const USAGE = `Prints a JWT that the local run takes for an hour, if it was started with npm start -- --jwt.

  ${EXAMPLE}
  npm run -s jwt -- --sub crm --scope invites --claim 'groups=["sales"]'

  --sub SUBJECT    who calls: jwt/SUBJECT in callers and readers
  --scope SCOPE    a scope; as often as needed
  --claim K=V      any other claim, such as client_id=portal or exp=1700000000; as often as needed;
                   V is JSON or a text, and null leaves a claim out
  --help           this text

npm run -s leaves out the lines that npm itself prints. With another AWS_PORT, say so here, too.`;

/** Those that --sub and --scope set. */
const OWN_OPTIONS = ['sub', 'scope'];

const claimOf = (text: string): [name: string, value: unknown] => {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--claim takes K=V, such as client_id=portal, not "${text}"`);
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (OWN_OPTIONS.includes(name)) {
    throw new UsageError(`The claim ${name} has an option of its own: --${name} ${value}`);
  }
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
};

const issuerAt = async (port: number): Promise<JwtIssuer> => {
  const address = `http://127.0.0.1:${port}`;
  let response: Response;
  try {
    response = await fetch(address + ISSUER_PATH);
  } catch {
    throw new UsageError(
      `Nothing listens at ${address}: start npm start -- --jwt first; with another AWS_PORT, say so, as in AWS_PORT=3102 ${EXAMPLE}`,
    );
  }
  if (response.ok) return (await response.json()) as JwtIssuer;
  throw new UsageError('This local run takes signatures, not JWTs: start it by npm start -- --jwt');
};

await runOperation({
  usage: USAGE,
  example: EXAMPLE,
  options: {
    sub: { type: 'string' },
    scope: { type: 'string', multiple: true },
    claim: { type: 'string', multiple: true, default: [] },
  },
  run: async ({ sub, scope, claim }, env) => {
    if (!sub) throw new UsageError(`Missing: --sub.\n\n${USAGE}`);
    const claims = claim.map(claimOf);
    const issuer = await issuerAt(awsPort(env));
    const scopes = scope && { scope: scope.join(' ') };
    console.log(await newToken(issuer, { sub, ...scopes, ...Object.fromEntries(claims) }));
    return 0;
  },
});
