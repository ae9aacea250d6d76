import { type Template, template } from '../support/local-assembly.ts';

export type { Template };

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const path = (construct: string) => ({ 'aws:cdk:path': `Stack/${construct}/Resource` });

/** A definition in CDK's form: the text in pieces, with a reference for each `FUNCTION`. */
const definition = (states: object, functionId: string) => {
  const text = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: Object.keys(states)[0],
    States: states,
    TimeoutSeconds: 600,
  });
  const parts = text.split('FUNCTION').flatMap((part) => [arn(functionId), part]);
  return { 'Fn::Join': ['', parts.slice(1)] };
};

const call = (Payload: object, fields: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'FUNCTION', Payload },
  ...fields,
});

/** A ticket, its turn, the call; again as often and as late as the call says. */
const STATES = {
  Ticket: call(
    { do: 'ticket' },
    { Output: "{% $merge([$states.input, {'at': $states.result.Payload.at}]) %}", Next: 'Turn' },
  ),
  Turn: { Type: 'Wait', Timestamp: '{% $states.input.at %}', Next: 'Call' },
  Call: call(
    { do: '{% $states.input.do %}', execution: '{% $states.context.Execution.Name %}' },
    {
      Output: '{% $states.result.Payload %}',
      Retry: [
        {
          ErrorEquals: ['Away'],
          IntervalSeconds: 1,
          BackoffRate: 1,
          MaxAttempts: 2,
          MaxDelaySeconds: 1,
          JitterStrategy: 'FULL',
        },
      ],
      Catch: [
        {
          ErrorEquals: ['Later'],
          Output:
            '{% $merge([$states.input, $parse($parse($states.errorOutput.Cause).errorMessage)]) %}',
          Next: 'Later',
        },
        { ErrorEquals: ['States.ALL'], Next: 'Failed' },
      ],
      End: true,
    },
  ),
  Later: { Type: 'Wait', Seconds: '{% $states.input.retry_after %}', Next: 'Call' },
  Failed: {
    Type: 'Fail',
    Error: '{% $states.input.Error %}',
    Cause: '{% $states.input.Cause %}',
  },
};

/** The small stack, and a state machine that calls its function. The function knows the machine by its name. */
export function templateWithMachine(): Template {
  const content = template();
  const machineArn = `arn:aws:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:Stack-workflow`;
  const { Door, Role } = content.Resources;
  Door.Properties.Environment.Variables.WORKFLOW_ARN = { 'Fn::Sub': machineArn };
  Role.Properties.Policies[0].PolicyDocument.Statement.push({
    Effect: 'Allow',
    Action: 'states:StartExecution',
    Resource: { 'Fn::Sub': machineArn },
  });
  Object.assign(content.Resources, {
    WorkflowLogs: {
      Type: 'AWS::Logs::LogGroup',
      Metadata: path('workflow-logs'),
      Properties: { LogGroupName: '/aws/vendedlogs/states/Stack-workflow' },
    },
    WorkflowRole: {
      Type: 'AWS::IAM::Role',
      Metadata: path('workflow-role'),
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Action: 'sts:AssumeRole',
              Effect: 'Allow',
              Principal: { Service: 'states.amazonaws.com' },
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'workflow',
            PolicyDocument: {
              Statement: [
                { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arn('Door') },
                {
                  Effect: 'Allow',
                  Action: [
                    'logs:*LogDelivery',
                    'logs:ListLogDeliveries',
                    'logs:*ResourcePolic*',
                    'logs:DescribeLogGroups',
                  ],
                  Resource: '*',
                },
                { Effect: 'Allow', Action: 'xray:*', Resource: '*' },
              ],
            },
          },
        ],
      },
    },
    Workflow: {
      Type: 'AWS::StepFunctions::StateMachine',
      Metadata: path('machine'),
      Properties: {
        DefinitionString: definition(STATES, 'Door'),
        LoggingConfiguration: {
          Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: arn('WorkflowLogs') } }],
          IncludeExecutionData: false,
          Level: 'ALL',
        },
        RoleArn: arn('WorkflowRole'),
        StateMachineName: 'Stack-workflow',
        StateMachineType: 'STANDARD',
        TracingConfiguration: { Enabled: true },
      },
      DependsOn: ['WorkflowRole'],
    },
  });
  return content;
}
