import { InviteError } from '../../functions/errors/invite-error.ts';
import { hrCaller } from '../../functions/invites/invite.ts';
import { type Policy, refusalOf } from '../../functions/invites/policy.ts';
import { parseRequest } from '../../functions/invites/request.ts';
import { nearest } from '../../functions/lib/text.ts';
import { type Delivery, inflated, UnreadableDelivery } from '../../functions/webhooks/delivery.ts';
import {
  headersForRules,
  identifiedEvents,
  isRecent,
  readPayloads,
  type WebhookEvent,
} from '../../functions/webhooks/events.ts';
import { createEvaluate, createSandbox } from '../../functions/webhooks/expression.ts';
import { lookupBody, lookupUrl } from '../../functions/webhooks/lookup-request.ts';
import { parseBody } from '../../functions/webhooks/parse.ts';
import { applyRules, type RuleMatch } from '../../functions/webhooks/rules.ts';
import {
  type HrSource,
  installedProvider,
  type Lookup,
  type Rule,
} from '../../functions/webhooks/source.ts';
import { UsageError } from '../command-line/arguments.ts';
import { cdkJsonContext } from '../config/cdk-json.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { samplesOf } from '../config/sources-samples.ts';
import { conditionWarnings } from '../config/sources-warnings.ts';
import { exampleSources } from '../local/example-sources.ts';
import { GOOD_REQUEST } from '../local/slack/triggers.ts';
import { explain } from './rule-explain.ts';

export type Trial = {
  source: string;
  /** Of one delivery; undefined for the provider's samples. */
  body: Buffer | undefined;
  /** By names in lower case. */
  headers: Record<string, string>;
  /** As from `-c key=value`. */
  context: Record<string, string>;
};

const sandbox = createSandbox();
const evaluate = createEvaluate(sandbox);

/**
 * Does with a delivery what the door and the events' workflow would do, up to the lookup and Slack.
 * @returns what there is to say of each rule on each event, in lines.
 * @throws UsageError or ConfigError
 */
export const tryRules = async ({
  source: name,
  body,
  headers,
  context,
}: Trial): Promise<string[]> => {
  const config = loadConfig({ ...cdkJsonContext(), ...context });
  const lines: string[] = [];
  const source = sourceOf(config, name, lines);
  const deliveries = await Promise.all(
    deliveriesOf(source, body, headers).map((delivery) => eventsOf(source, delivery)),
  );
  const delivered = body ? deliveries.flatMap(({ events }) => events) : [];
  for (const [index, { when }] of source.rules.entries()) {
    const seen = delivered.map(({ payload }) => payload);
    for (const warning of conditionWarnings(when, source.provider, seen)) {
      lines.push(`Check rule ${index}: when ${quoted(when)}: ${warning}`);
    }
  }
  const by = { policy: config, ...hrCaller(name) };
  for (const { events, note } of deliveries) {
    // The samples are as old as their documentation.
    const maxAge = body && source.maxAge;
    lines.push(
      '',
      ...(note === undefined ? await tryOn(by, { ...source, maxAge }, events) : [note]),
    );
  }
  return lines;
};

const sourceOf = ({ sources }: Config, name: string, lines: string[]): HrSource => {
  const isConfigured = Object.keys(sources).length > 0;
  const known: Record<string, HrSource> = isConfigured
    ? (sources as Record<string, HrSource>)
    : exampleSources(GOOD_REQUEST.channel).sources;
  if (!isConfigured) {
    lines.push('The configuration has no sources: this is one that npm start sets up.');
  }
  const source = new Map(Object.entries(known)).get(name);
  if (source) return source;
  const close = nearest(name, Object.keys(known));
  const meant = close ? `did you mean "${close}"?` : `there are ${Object.keys(known).join(', ')}`;
  throw new UsageError(`--source ${name}: there is no such source; ${meant}`);
};

const deliveriesOf = (
  { provider }: HrSource,
  body: Buffer | undefined,
  headers: Record<string, string>,
): Delivery[] => {
  const bodies = body
    ? [body]
    : samplesOf(provider).map((sample) => Buffer.from(JSON.stringify(sample)));
  if (bodies.length === 0) {
    throw new UsageError(
      `there is no sample of "${provider}", whose sender decides what it sends: give an event with --event FILE`,
    );
  }
  return bodies.map((bytes) => {
    const isForm = /^\s*[\w%[\].+-]+=/.test(String(bytes));
    const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
    return { method: 'POST', headers: { 'content-type': type, ...headers }, body: bytes };
  });
};

/** The events of a delivery, as the door reads them; `note`: why there are none. */
const eventsOf = async (
  source: HrSource,
  delivery: Delivery,
): Promise<{ events: WebhookEvent[]; note?: string }> => {
  const provider = installedProvider(source);
  try {
    const body = await parseBody(provider, inflated(delivery));
    const headers = headersForRules(provider, delivery);
    const payloads = readPayloads(provider, body, headers, sandbox.list);
    const events = identifiedEvents(provider, delivery, body, payloads);
    const note = 'The delivery has no event: it is a ping, a test or an empty list.';
    return events.length === 0 ? { events, note } : { events };
  } catch (error) {
    if (error instanceof UnreadableDelivery) {
      return { events: [], note: `The delivery cannot be read: ${error.code}.` };
    }
    if (!(error instanceof InviteError)) throw error;
    return { events: [], note: `The delivery cannot be read: ${error.facts.detail}` };
  }
};

/** The policy, and the names that it knows the source by. */
type By = { policy: Policy; names: readonly string[] };

const tryOn = async (
  by: By,
  source: Omit<HrSource, 'maxAge'> & { maxAge: number | undefined },
  events: readonly WebhookEvent[],
): Promise<string[]> => {
  const { maxAge } = source;
  const lines = await Promise.all(
    events.map(async (event, index) => {
      const facts = [event.type, event.subject && `person ${event.subject}`].filter(Boolean);
      const title = [`Event ${index + 1} of ${events.length}`, ...facts].join(', ');
      const old = isRecent(event, maxAge, Date.now())
        ? []
        : [`refused: older than maxAge (${maxAge} s), or without a time; otherwise:`];
      const rules = await Promise.all(
        source.rules.map((rule, number) => tryRule(by, source, event, rule, number)),
      );
      const told = [...old, ...rules.flat()].map((line) => `  ${line}`);
      return [...(index > 0 ? [''] : []), `${title}:`, ...told];
    }),
  );
  return lines.flat();
};

/** One rule by itself: the rules do not know of each other. */
const tryRule = async (
  by: By,
  { lookup }: Pick<HrSource, 'lookup'>,
  event: WebhookEvent,
  rule: Rule,
  number: number,
): Promise<string[]> => {
  const source = { rules: [rule], ...(lookup && { lookup }) };
  const { taken, ignored, failed, leftOut = [] } = applyRules(source, event, () => evaluate);
  const head = `rule ${number}:`;
  const lines: string[] = [];
  for (const { field, reason } of failed) {
    const expression =
      field === 'id' ? lookup?.id : field === 'when' ? rule.when : rule.invite[field];
    const found =
      reason === 'time_limit' ? 'it was stopped' : await explain(expression ?? '', event);
    lines.push(`${head} ${field} ${quoted(expression ?? '')} failed: ${reason}; ${found}`);
  }
  for (const { field, count } of leftOut) {
    lines.push(`${head} ${field} gives several values: the first is taken, ${count} left out`);
  }
  const [why] = ignored;
  if (why?.reason === 'no_rule') {
    const found = await explain(rule.when, event);
    lines.push(`${head} not taken: when ${quoted(rule.when)}: ${found}`);
  } else if (why) {
    const what = why.reason === 'no_email' ? 'an address' : 'the id of a person to look up';
    lines.push(`${head} taken, and nobody is invited: the event does not have ${what}`);
  }
  for (const match of taken) lines.push(`${head} ${outcomeOf(by, match, lookup)}`);
  return lines;
};

const outcomeOf = (
  { policy, names }: By,
  { rule: _rule, email, lookupId, ...terms }: RuleMatch,
  lookup: Lookup | undefined,
): string => {
  const extent = terms.external_limited ? '' : ' with full access';
  const reference = terms.reference === undefined ? '' : `, reference ${terms.reference}`;
  const where = `into ${terms.channel}${extent}${reference}`;
  if (email === undefined) {
    const request = lookup && requestOf(lookup, lookupId ?? '');
    return request === undefined
      ? `taken, and nobody is invited: no lookup is possible with this id`
      : `taken: looks the address up (${request}) and invites it ${where}; the policy decides when the address is known`;
  }
  const wanted = `taken: invites ${email} ${where}`;
  try {
    const refusal = refusalOf(policy, parseRequest({ ...terms, emails: [email] }), names);
    if (refusal) throw refusal.error;
    return `${wanted}; the policy allows it`;
  } catch (error) {
    if (!(error instanceof InviteError)) throw error;
    const { code, detail, errors = [] } = error.facts;
    const fields = errors.map((one) => `${one.field} ${one.detail}`);
    const why = fields.length > 0 ? fields.join('; ') : detail;
    return `${wanted}; refused: ${code}: ${why}`;
  }
};

const requestOf = ({ url, body }: Lookup, id: string): string | undefined => {
  const address = lookupUrl(url, id)?.href;
  if (address === undefined) return undefined;
  return body ? `POST ${address} ${lookupBody(body, id)}` : `GET ${address}`;
};

const quoted = (text: string) => `\`${text}\``;
