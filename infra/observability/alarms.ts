import type { FunctionName } from '../config/physical-names.ts';
import { functionName } from '../config/physical-names.ts';

/** One series of CloudWatch's. */
export type SeriesName = {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
};

/** An alarm as the stack makes it. */
export type AlarmRow = {
  /** What rings: the alarm's name is STACK-NAME. */
  title: string;
  /** Who is hurt while it rings. */
  impact: string;
  /** A heading of docs/runbook.md, as an anchor. */
  runbook: string;
  /** Their values are added up. */
  series: SeriesName[];
  statistic: 'Sum' | 'Maximum' | 'Minimum';
  periodMinutes: 5 | 15 | 60;
  /** So many periods in a row. */
  periods: number;
  /** Rings at this value, and beyond it. */
  threshold: number;
  direction: 'atLeast' | 'atMost';
  /** `breaching`: what is silent is broken. */
  whenMissing: 'notBreaching' | 'breaching';
};

/** What a stack calls its parts, and what it waits for. */
export type StackParts = {
  stack: string;
  functions: readonly FunctionName[];
  logGroups: readonly string[];
  /** How long a queued request may wait before somebody is told. */
  longestWaitHours: number;
};

const NAMESPACE = 'SlackConnectInvites';

/** At most 12: each is a reason to get up. docs/runbook.md has a heading for each. */
export const alarmRows = ({
  stack,
  functions,
  logGroups,
  longestWaitHours,
}: StackParts): Record<string, AlarmRow> => {
  const own = (name: string, dimensions: Record<string, string> = {}): SeriesName => ({
    namespace: NAMESPACE,
    name,
    dimensions: { stack, ...dimensions },
  });
  const ofClass = (errorClass: string) => own('Errors', { class: errorClass });
  const ofFunctions = (name: string, wanted: readonly string[]): SeriesName[] =>
    functions
      .filter((one) => wanted.includes(one))
      .map((one) => ({
        namespace: 'AWS/Lambda',
        name,
        dimensions: { FunctionName: functionName(stack, one) },
      }));

  return {
    blocked: {
      title: 'The queue waits for an operator',
      impact: 'Nobody who is in the queue is invited, and whoever comes behind them waits as well.',
      runbook: 'blocked',
      series: [own('Blocked')],
      statistic: 'Maximum',
      periodMinutes: 5,
      // What ends by the next look needs nobody.
      periods: 2,
      threshold: 1,
      direction: 'atLeast',
      // A sweep that does not run rings as unended.
      whenMissing: 'notBreaching',
    },
    'waits-too-long': {
      title: `A queued request or an HR event has waited for ${longestWaitHours} hours`,
      impact: 'A person outside has not been invited, and all who came later wait longer still.',
      runbook: 'waits-too-long',
      series: [own('OldestWaiting')],
      statistic: 'Maximum',
      periodMinutes: 15,
      periods: 1,
      threshold: longestWaitHours * 3600,
      direction: 'atLeast',
      whenMissing: 'notBreaching',
    },
    unended: {
      title: 'Accepted requests do not come to an end, or nobody looks for those',
      impact: 'People were promised an invitation, and nothing is at work on it.',
      runbook: 'unended',
      series: [own('Unended')],
      statistic: 'Maximum',
      periodMinutes: 15,
      // The sweep begins anew what was interrupted: once is mended, twice is not.
      periods: 2,
      threshold: 1,
      direction: 'atLeast',
      // Every sweep writes it: without it there was none.
      whenMissing: 'breaching',
    },
    'source-silent': {
      title: 'An HR system has sent nothing for longer than is usual',
      impact: 'New joiners are not invited if it has stopped sending, and nobody notices.',
      runbook: 'source-silent',
      series: [own('SilentSources')],
      statistic: 'Maximum',
      periodMinutes: 15,
      periods: 1,
      threshold: 1,
      direction: 'atLeast',
      whenMissing: 'notBreaching',
    },
    'outcome-unknown': {
      title: 'Nobody knows whether an invitation went out',
      impact:
        'A person outside may have been invited or not, and is not invited again until somebody decides.',
      runbook: 'outcome-unknown',
      series: [ofClass('OutcomeUnknown')],
      statistic: 'Sum',
      periodMinutes: 5,
      periods: 1,
      threshold: 1,
      direction: 'atLeast',
      // No error, no value.
      whenMissing: 'notBreaching',
    },
    'mendable-failures': {
      title: 'Requests fail for a reason that an operator can mend',
      impact:
        'Every caller is refused who meets the same reason: a token, a role, a channel without the bot.',
      runbook: 'mendable-failures',
      series: ['SlackCredentials', 'SlackRefused', 'Defect'].map(ofClass),
      statistic: 'Sum',
      periodMinutes: 5,
      periods: 1,
      threshold: 1,
      direction: 'atLeast',
      whenMissing: 'notBreaching',
    },
    'deliveries-refused': {
      title: 'Deliveries of HR systems or Slack are refused, more than strangers cause',
      impact:
        'New joiners are not invited if a genuine HR system is among the senders; otherwise somebody attacks.',
      runbook: 'deliveries-refused',
      series: [
        own('WebhookEvents', { function: 'hr-webhook', result: 'refused' }),
        own('SlackEvents', { result: 'refused' }),
      ],
      statistic: 'Sum',
      periodMinutes: 60,
      periods: 1,
      threshold: 100,
      direction: 'atLeast',
      whenMissing: 'notBreaching',
    },
    throttled: {
      title: 'Lambda throttles the functions that callers, HR systems and Slack wait for',
      impact: 'Callers get 5xx or 429, and HR systems that do not repeat lose their events.',
      runbook: 'throttled',
      series: ofFunctions('Throttles', ['invite-api', 'hr-webhook', 'slack-events']),
      statistic: 'Sum',
      periodMinutes: 5,
      periods: 1,
      threshold: 1,
      direction: 'atLeast',
      whenMissing: 'notBreaching',
    },
    'functions-fail': {
      title: 'A function dies or does not start',
      impact: 'Callers get 500, the queue does not move, and what HR systems send is not taken.',
      runbook: 'functions-fail',
      // These answer or repeat whatever happens. The others throw refusals, as tasks do.
      series: ofFunctions('Errors', ['invite-api', 'hr-webhook', 'slack-events', 'sweep']),
      statistic: 'Sum',
      periodMinutes: 5,
      periods: 1,
      threshold: 1,
      direction: 'atLeast',
      whenMissing: 'notBreaching',
    },
    'token-ends': {
      title: 'The Slack token ends within two hours, and nobody has put in the next',
      impact: 'From its end on, nobody is invited.',
      runbook: 'token-ends',
      // Written only for tokens that end.
      series: [own('TokenLife')],
      statistic: 'Minimum',
      periodMinutes: 15,
      periods: 1,
      threshold: 2 * 3600,
      direction: 'atMost',
      whenMissing: 'notBreaching',
    },
    'metrics-unreadable': {
      title: 'CloudWatch cannot read the metrics that the functions write',
      impact: 'Nobody yet. But the other alarms may be silent while somebody is harmed.',
      runbook: 'metrics-unreadable',
      series: logGroups.map((group) => ({
        namespace: 'AWS/Logs',
        name: 'EMFValidationErrors',
        dimensions: { LogGroupName: group },
      })),
      statistic: 'Sum',
      periodMinutes: 60,
      periods: 1,
      threshold: 1,
      direction: 'atLeast',
      whenMissing: 'notBreaching',
    },
  };
};
