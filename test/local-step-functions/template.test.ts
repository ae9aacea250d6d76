import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readStack } from '../../infra/local/stack-model.ts';
import { writeAssembly } from '../support/local-assembly.ts';
import { type Template, templateWithMachine } from './assembly.ts';

function read(change: (resources: Template) => void = () => {}) {
  const content = templateWithMachine();
  change(content.Resources);
  const directory = writeAssembly(content);
  try {
    return readStack(directory, 'Stack');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a state machine has its name, its definition and its role', () => {
  const { stateMachines } = read();
  expect(stateMachines).toMatchObject([
    {
      name: 'Stack-workflow',
      arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Stack-workflow',
      roleArn: 'arn:aws:iam::000000000000:role/Stack-workflow-role',
      tracing: true,
      logging: { level: 'ALL', includeExecutionData: false },
      definition: { StartAt: 'Ticket' },
    },
  ]);
  const { Ticket } = stateMachines[0]?.definition.States ?? {};
  expect(Ticket?.Arguments.FunctionName).toBe(
    'arn:aws:lambda:us-east-1:000000000000:function:Stack-door',
  );
});

test('references give its ARN and its name, and a function may know it by its name alone', () => {
  const { functions } = read(({ Door }) => {
    Door.Properties.Environment.Variables.BY_REF = { Ref: 'Workflow' };
    Door.Properties.Environment.Variables.ARN = { 'Fn::GetAtt': ['Workflow', 'Arn'] };
    Door.Properties.Environment.Variables.NAME = { 'Fn::GetAtt': ['Workflow', 'Name'] };
  });
  const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Stack-workflow';
  expect(functions[0]?.environment).toMatchObject({
    WORKFLOW_ARN: arn,
    BY_REF: arn,
    ARN: arn,
    NAME: 'Stack-workflow',
  });
});

test('without a name of its own it is called after its construct', () => {
  const { stateMachines } = read(({ Workflow }) => {
    delete Workflow.Properties.StateMachineName;
  });
  expect(stateMachines[0]?.name).toBe('Stack-machine');
});

test('a stack without a state machine has none', () => {
  const { stateMachines } = read((resources) => {
    delete resources.Workflow;
  });
  expect(stateMachines).toEqual([]);
});

describe('the start is stopped, and the place is named, by', () => {
  const changes: [string, (resources: Template) => void, RegExp][] = [
    [
      'an Express state machine',
      ({ Workflow }) => {
        Workflow.Properties.StateMachineType = 'EXPRESS';
      },
      /Workflow .*, Properties\.StateMachineType: "EXPRESS" is not understood, only "STANDARD"/,
    ],
    [
      'a name that is put together',
      ({ Workflow }) => {
        Workflow.Properties.StateMachineName = { Ref: 'AWS::StackName' };
      },
      /Workflow .*, Properties\.StateMachineName: a name that is not a plain string/,
    ],
    [
      'a definition in a bucket',
      ({ Workflow }) => {
        Workflow.Properties.DefinitionS3Location = { Bucket: 'b', Key: 'k' };
      },
      /Workflow .*, Properties\.DefinitionS3Location: this property/,
    ],
    [
      'a definition that runs otherwise here',
      ({ Workflow }) => {
        const [, parts] = Workflow.Properties.DefinitionString['Fn::Join'];
        parts[0] = parts[0].replace('"Type":"Task"', '"Type":"Task","Credentials":{}');
      },
      /Workflow .*, Properties\.DefinitionString\.States\.Ticket\.Credentials: this field/,
    ],
    [
      'a role that Step Functions cannot assume',
      ({ WorkflowRole }) => {
        WorkflowRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service =
          'lambda.amazonaws.com';
      },
      /WorkflowRole .*AssumeRolePolicyDocument.*states\.amazonaws\.com/,
    ],
    [
      'a role that is not in the template',
      ({ Workflow }) => {
        Workflow.Properties.RoleArn = 'arn:aws:iam::123456789012:role/else';
      },
      /Workflow .*, Properties\.RoleArn: arn:aws:iam::123456789012:role\/else, which is no role/,
    ],
    [
      'logs without permission to deliver them',
      ({ WorkflowRole }) => {
        WorkflowRole.Properties.Policies[0].PolicyDocument.Statement.splice(1, 1);
      },
      /Workflow .*, Properties\.RoleArn: Stack-workflow-role does not allow logs:CreateLogDelivery/,
    ],
    [
      'tracing without permission to send traces',
      ({ WorkflowRole }) => {
        WorkflowRole.Properties.Policies[0].PolicyDocument.Statement.splice(2, 1);
      },
      /Workflow .*, Properties\.RoleArn: Stack-workflow-role does not allow xray:/,
    ],
  ];

  test.each(changes)('%s', (_, change, message) => {
    expect(() => read(change)).toThrow(message);
  });

  test('two of a name', () => {
    const twice = (resources: Template) => {
      resources.Again = structuredClone(resources.Workflow);
    };
    expect(() => read(twice)).toThrow(/Two state machines .* Stack-workflow/);
  });
});
