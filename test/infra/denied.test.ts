import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Assembly,
  type Resource,
  readAssembly,
} from '../../infra/local/cloudformation/assembly.ts';
import { decide } from '../../infra/local/iam/policy.ts';
import { type RoleModel, readRole } from '../../infra/local/iam/roles.ts';
import { readFunctions } from '../../infra/local/lambda/function-model.ts';
import { bundledAssembly } from '../support/assemblies.ts';

const STACK = 'SlackConnectInvites';

// What must be denied to each function, whatever its role is made of, as the local IAM decides.

const FUNCTIONS = [
  'invite-api',
  'invite-task',
  'invite-turn',
  'lane-ticket',
  'sweep',
  'hr-webhook',
  'hr-invite',
] as const;
type Name = (typeof FUNCTIONS)[number];

/** An item of each kind. */
const ITEMS = {
  invite: 'invite#inv1_UGcKg2hw8VGpaRkPSy6Ihh_H4IZD8-cA',
  gate: 'gate#conversations.inviteShared',
  lane: 'lane#conversations.inviteShared',
  block: 'block#conversations.inviteShared',
  grant: 'grant#C0PARTNER01',
  event: 'event#evt1_9CiumM71cMRXftaLehGStrL5LdlNvCZN',
  heard: 'heard#greenhouse',
};
type Kind = keyof typeof ITEMS;
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem'];

/** The kinds of items that a function works with; it must not see the others. */
const WORKS_WITH: Record<Name, readonly Kind[]> = {
  'invite-api': ['invite', 'gate', 'lane', 'block', 'grant'],
  'invite-task': ['invite', 'gate', 'lane', 'block', 'grant'],
  'invite-turn': ['invite', 'gate', 'lane', 'block', 'grant'],
  'lane-ticket': ['lane'],
  sweep: ['invite', 'event', 'heard', 'block'],
  'hr-webhook': ['event', 'heard'],
  'hr-invite': ['event', 'invite', 'grant'],
};

let assembly: Assembly;
let roles: Map<string, RoleModel>;
let table: string;
beforeAll(async () => {
  assembly = readAssembly(await bundledAssembly(), STACK);
  table = String(assembly.ofType('AWS::DynamoDB::Table')[0]?.attributes.Arn);
  roles = new Map(readFunctions(assembly).map(({ folder, role }) => [folder, role]));
});

const may = (name: Name, action: string, resource: string, key?: string): boolean => {
  const role = roles.get(name);
  if (!role) throw new Error(`there is no function ${name}`);
  return decide(role.statements, action, resource, key === undefined ? undefined : [key]).allowed;
};
const arnsOf = (type: string): string[] =>
  assembly.ofType(type).map(({ attributes, ref }) => String(attributes.Arn ?? ref));

test('every function of the template is here', () => {
  expect([...roles.keys()].toSorted()).toEqual(FUNCTIONS.toSorted());
});

describe.each(FUNCTIONS)('%s is denied', (name) => {
  const foreign = (Object.keys(ITEMS) as Kind[]).filter((kind) => !WORKS_WITH[name].includes(kind));

  test.each(foreign)('every item of the kind %s', (kind) => {
    for (const operation of ['GetItem', ...WRITES]) {
      expect(may(name, `dynamodb:${operation}`, table, ITEMS[kind])).toBe(false);
    }
  });

  test('writing a grant', () => {
    for (const operation of WRITES) {
      expect(may(name, `dynamodb:${operation}`, table, ITEMS.grant)).toBe(false);
    }
  });

  test('an item of its own together with another one', () => {
    const role = roles.get(name) as RoleModel;
    const [own] = WORKS_WITH[name];
    for (const kind of foreign) {
      const keys = [ITEMS[own as Kind], ITEMS[kind]];
      expect(decide(role.statements, 'dynamodb:GetItem', table, keys).allowed).toBe(false);
    }
  });

  test('the table as a whole', () => {
    for (const operation of ['Scan', 'Query', 'BatchGetItem', 'DeleteTable', 'UpdateTable']) {
      expect(may(name, `dynamodb:${operation}`, table)).toBe(false);
    }
    expect(may(name, 'dynamodb:Query', `${table}/index/list`)).toBe(name === 'invite-api');
    expect(may(name, 'dynamodb:Scan', `${table}/index/due`)).toBe(false);
    expect(may(name, 'dynamodb:Query', `${table}/index/due`)).toBe(name === 'sweep');
  });

  test('another table', () => {
    expect(may(name, 'dynamodb:GetItem', `${table}2`, ITEMS.invite)).toBe(false);
  });

  test('every secret but its own', () => {
    const secrets = arnsOf('AWS::SecretsManager::Secret').filter((secret) =>
      may(name, 'secretsmanager:GetSecretValue', secret),
    );
    const own = SECRETS[name];
    expect(
      secrets.map((arn) => arn.replace(/^.*:secret:SlackConnectInvites-|-\w{6}$/g, '')),
    ).toEqual(own);
    for (const secret of arnsOf('AWS::SecretsManager::Secret')) {
      expect(may(name, 'secretsmanager:PutSecretValue', secret)).toBe(false);
    }
  });

  test('calling a function, and changing one', () => {
    for (const lambda of arnsOf('AWS::Lambda::Function')) {
      for (const arn of [lambda, `${lambda}:live`]) {
        expect(may(name, 'lambda:InvokeFunction', arn)).toBe(false);
        expect(may(name, 'lambda:UpdateFunctionCode', arn)).toBe(false);
      }
    }
  });

  test('every workflow but those that it starts', () => {
    const machines = ['invites', 'events'].filter((ending) =>
      may(name, 'states:StartExecution', machine(ending)),
    );
    expect(machines).toEqual(STARTS[name]);
    for (const ending of ['invites', 'events']) {
      expect(may(name, 'states:StopExecution', execution(ending))).toBe(false);
      expect(may(name, 'states:GetExecutionHistory', execution(ending))).toBe(false);
      expect(may(name, 'states:DescribeExecution', execution(ending))).toBe(
        STARTS[name].includes(ending),
      );
    }
  });

  test('roles', () => {
    for (const action of ['iam:PassRole', 'sts:AssumeRole']) {
      for (const role of arnsOf('AWS::IAM::Role')) expect(may(name, action, role)).toBe(false);
    }
  });
});

describe('invite-turn, which ends and hurries requests', () => {
  const roleOf = ({ name, attributes, place }: Resource): RoleModel => {
    const [lambda, states] = ['lambda.amazonaws.com', 'states.amazonaws.com'] as const;
    const service = name.includes('workflow') ? states : lambda;
    return readRole(assembly, String(attributes.Arn), service, place);
  };
  const arn = () =>
    assembly.ofType('AWS::Lambda::Function').map(({ attributes }) => String(attributes.Arn));
  const turn = () => arn().find((one) => one.endsWith('-invite-turn')) ?? '';

  test('can be invoked with the credentials of no other function', () => {
    expect(turn()).not.toBe('');
    for (const name of FUNCTIONS) {
      for (const target of [turn(), `${turn()}:live`, `${turn()}:1`, `${turn()}:$LATEST`]) {
        for (const action of ['lambda:InvokeFunction', 'lambda:InvokeAsync']) {
          expect([name, may(name, action, target)]).toEqual([name, false]);
        }
      }
    }
  });

  test('can be invoked by the two state machines alone, and by no version of it', () => {
    const roles = assembly.ofType('AWS::IAM::Role').map(roleOf);
    const allowed = (target: string) =>
      roles
        .filter(({ statements }) => decide(statements, 'lambda:InvokeFunction', target).allowed)
        .map(({ name }) => name);
    expect(allowed(`${turn()}:live`)).toHaveLength(2);
    for (const name of allowed(`${turn()}:live`)) expect(name).toContain('workflow');
    // Executions of before there were aliases name the function itself.
    expect(allowed(turn())).toEqual(allowed(`${turn()}:live`));
    for (const target of [`${turn()}:1`, `${turn()}:$LATEST`]) expect(allowed(target)).toEqual([]);
  });

  test('is opened to nobody by a permission of its own, and the permissions of others name aliases', () => {
    const permissions = assembly.ofType('AWS::Lambda::Permission');
    expect(permissions.length).toBeGreaterThan(3);
    for (const { properties } of permissions) {
      expect(properties.FunctionName).toMatch(/:live$/);
      expect(properties.FunctionName).not.toContain('invite-turn');
      expect(properties.SourceArn).toBeDefined();
    }
  });
});

const STARTS: Record<Name, readonly string[]> = {
  'invite-api': ['invites'],
  'invite-task': ['invites'],
  'invite-turn': [],
  'lane-ticket': [],
  sweep: ['invites', 'events'],
  'hr-webhook': ['events'],
  'hr-invite': [],
};
const SECRETS: Record<Name, readonly string[]> = {
  'invite-api': ['slack-token-secret'],
  'invite-task': ['slack-token-secret'],
  'invite-turn': ['slack-token-secret'],
  'lane-ticket': [],
  sweep: [],
  'hr-webhook': ['hr-webhook-secrets'],
  'hr-invite': ['hr-lookup-credentials'],
};
const STATES = 'arn:aws:states:us-east-1:000000000000';
const machine = (ending: string) => `${STATES}:stateMachine:${STACK}-${ending}`;
const execution = (ending: string) => `${STATES}:execution:${STACK}-${ending}:some-execution`;
