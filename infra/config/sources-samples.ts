import type { ProviderName } from '../../functions/webhooks/providers.ts';

// What each provider sends of somebody who joined, in the shape that its documentation or, where
// docs/webhook-providers.md says so, others show. Nobody in them exists. They are what `npm run rule`
// tries rules on, and what synth holds the paths of a rule against; nothing of them is deployed.

const EMAIL = 'casey@partner.example';
const TIME = '2026-01-31T18:42:00Z';

const named = (name: string, value: unknown) => ({ name, type: 'short_text', value });

const greenhouse = {
  action: 'hire_candidate',
  payload: {
    application: {
      id: 46194062,
      opening: { opening_id: '1234-56', custom_fields: [] },
      credited_to: { id: 158104, email: 'recruiter@acme.example', name: 'R', employee_id: 'E1' },
      source: { id: 25, public_name: 'Referral' },
      url: 'https://app.greenhouse.io/people/35897443?application_id=46194062',
      candidate: {
        id: 35897443,
        first_name: 'Casey',
        last_name: 'Partner',
        title: 'Designer',
        external_id: '12345',
        url: 'https://app.greenhouse.io/people/35897443',
        is_private: false,
        can_email: true,
        phone_numbers: [{ value: '555-0100', type: 'home' }],
        email_addresses: [
          { value: EMAIL, type: 'personal' },
          { value: 'casey@acme.example', type: 'work' },
        ],
        addresses: [{ value: '1 Example Street', type: 'home' }],
        recruiter: { id: 55, email: 'recruiter@acme.example', name: 'R', employee_id: 'E1' },
        coordinator: { id: 56, email: 'coordinator@acme.example', name: 'C', employee_id: 'E2' },
        custom_fields: { desired_level: named('Desired Level', 'Senior') },
      },
      jobs: [
        {
          id: 323753,
          name: 'Designer',
          requisition_id: null,
          confidential: false,
          opened_at: TIME,
          closed_at: TIME,
          departments: [{ id: 7, name: 'Design', external_id: 'design' }],
          offices: [{ id: 13, name: 'New York', location: 'New York, NY', external_id: null }],
          custom_fields: { employment_type: named('Employment Type', 'Contractor') },
        },
      ],
      custom_fields: { custom_application_field: named('Custom Application Field', 'x') },
      offer: {
        id: 506409,
        version: 2,
        created_at: TIME,
        sent_at: '2026-01-30',
        resolved_at: TIME,
        starts_at: '2026-03-01',
        custom_fields: { salary: named('Salary', { amount: 1, unit: 'USD' }) },
      },
    },
  },
};

const deel = (type: string, resource: object) => ({
  data: {
    meta: {
      event_type: type,
      event_type_id: 'e1',
      organization_id: 'o1',
      organization_name: 'Acme',
      tracking_id: 'q8tVRj_Je00wJLY2GriqT10nUjBZ',
      event_id: 'evt_xyz789',
      occurred_at: TIME,
      is_simulation: false,
    },
    resource: [{ id: '3w4zdd9', ...resource }],
  },
  timestamp: TIME,
});

const SAMPLES: Record<ProviderName, readonly object[]> = {
  // Their senders decide.
  generic: [],
  'standard-webhooks': [],
  svix: [],

  bamboohr: [
    {
      type: 'employee.created',
      timestamp: '2026-01-31T18:42:00+0000',
      data: { companyId: '12345', employeeId: '67890', changedFields: ['firstName'] },
    },
    {
      employees: [
        {
          id: '67890',
          action: 'Created',
          timestamp: '2026-01-31T18:42:00+0000',
          changedFields: ['First Name', 'Home Email'],
          fields: {
            'First Name': { value: 'Casey' },
            'Last Name': { value: 'Partner' },
            'Employee #': { value: '300' },
            'Home Email': { value: EMAIL },
            'Work Email': { value: 'casey@acme.example' },
            Department: { value: 'Design' },
          },
        },
      ],
    },
  ],

  deel: [
    deel('employee.created.contractor', {
      email: EMAIL,
      name: 'Casey Partner',
      country: 'DE',
      contract_id: 'ctr_123456',
    }),
    deel('contract.created', {
      contract_id: 'ctr_123456',
      worker_email: EMAIL,
      status: 'waiting_for_contractor_sign',
      type: 'ongoing_time_based',
      country: 'DE',
    }),
    deel('contract.status.updated', {
      status: 'in_progress',
      invitations: { worker_email: EMAIL },
      employment_details: { type: 'ongoing_time_based' },
    }),
  ],

  greenhouse: [greenhouse],

  okta: [
    {
      eventType: 'com.okta.event_hook',
      eventTypeVersion: '1.0',
      cloudEventsVersion: '0.1',
      source: 'https://acme.okta.com/api/v1/eventHooks/who8tsqyrhCdmetzx135',
      eventId: 'b5a188b9-5ece-4636-b041-482ffda96311',
      eventTime: TIME,
      contentType: 'application/json',
      data: {
        events: [
          {
            uuid: 'f790999f-fe87-467a-9880-6982a583986c',
            published: TIME,
            eventType: 'user.lifecycle.create',
            version: '0',
            displayMessage: 'Create Okta user',
            severity: 'INFO',
            actor: { id: '00u1', type: 'User', alternateId: 'admin@acme.example' },
            outcome: { result: 'SUCCESS', reason: null },
            target: [
              { id: '0ua1', type: 'AppUser', alternateId: EMAIL, displayName: 'Casey Partner' },
              {
                id: '00u1qw6mqitPHM8AJ0g7',
                type: 'User',
                alternateId: EMAIL,
                displayName: 'Casey Partner',
              },
              { id: '00g1', type: 'UserGroup', displayName: 'Contractors' },
            ],
          },
        ],
      },
    },
  ],

  hibob: [
    {
      companyId: 636192,
      type: 'employee.created',
      triggeredBy: '3332883804594373380',
      triggeredAt: '2026-01-31T18:42:00.915906',
      version: 'v2',
      data: { employeeId: '3332883854254932743', fieldUpdates: [{ id: 'root.email' }] },
    },
    {
      companyId: 636192,
      type: 'employee.created',
      creationDate: TIME,
      version: 'v1',
      employee: { id: '3332883854254932743', displayName: 'Casey Partner', email: EMAIL },
    },
  ],

  personio: [
    {
      company_id: '4711',
      event_name: 'person.created',
      occurred_at: TIME,
      payload: { person: { id: '990321' } },
      meta: { correlation_id: 'c1' },
    },
  ],

  remote: [
    {
      event_type: 'employment.onboarding.completed',
      company_id: 'acme-2f6c',
      employment_id: '1f81eb52-5198-4599-803e-771906343485',
    },
  ],

  finch: [
    {
      company_id: '720be419-0293-4d32-a707-32179b0827ab',
      connection_id: '5f2b1e0e-58d0-4a53-a5a5-4f9c3f2d6f10',
      event_type: 'individual.created',
      data: { individual_id: '5d0b0be0-9a47-4f9c-8f0e-2f1f6a1f1c7e' },
    },
  ],

  merge: [
    {
      hook: {
        id: 'cb1fe0a7-c2a1-4bd6-8cf5-57e70c7f1d53',
        event: 'Employee.added',
        target: 'https://hooks.acme.example',
      },
      linked_account: {
        id: 'a3602c03-aba7-4d9d-a349-dbc338504092',
        integration: 'Workday',
        category: 'hris',
        end_user_origin_id: 'acme',
      },
      data: {
        id: '0958cbc6-6040-430a-848e-aafacbadf4ae',
        remote_id: '19202938',
        employee_number: '2',
        first_name: 'Casey',
        last_name: 'Partner',
        display_full_name: 'Casey Partner',
        work_email: 'casey@acme.example',
        personal_email: EMAIL,
        employments: ['17a54124-287f-494d-965e-3c5b330c9a68'],
        employment_status: 'ACTIVE',
        start_date: TIME,
        modified_at: TIME,
        custom_fields: { contractor: true },
      },
    },
  ],

  ashby: [
    {
      webhookActionId: '75395d87-4044-4dc4-bc29-0cec185e5f06',
      action: 'candidateHire',
      data: {
        application: {
          id: 'd9e52a51-9075-4a5b-8ad9-4d4b3c3f5c0a',
          updatedAt: TIME,
          status: 'Hired',
          candidate: {
            id: '6d1f5c0e-2f4e-4a4e-9d5b-0f6f3f8a7c11',
            name: 'Casey Partner',
            primaryEmailAddress: { value: EMAIL, type: 'Personal', isPrimary: true },
          },
          job: { id: 'j1', title: 'Designer', departmentId: 'd1', employmentType: 'Contract' },
        },
      },
    },
  ],
};

/** @returns deliveries as the provider sends them, the most usual first; none where its sender decides. */
export const samplesOf = (provider: ProviderName): readonly object[] => SAMPLES[provider];
