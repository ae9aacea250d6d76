import { describe, expect, test } from 'vitest';
import { ERROR_CLASSES } from '../../functions/errors/classes.ts';
import { CODES, isListed } from '../../functions/slack/codes.ts';
import { WARNINGS } from '../../functions/slack/method.ts';
import page from '../fixtures/method-page.json' with { type: 'json' };

/** What every Web API method can answer beside the codes of its own page. */
const OF_EVERY_METHOD = ['unknown_method', 'invalid_json', 'json_not_object'];

const CLASSES = {
  AlreadyThere: 'already_in_channel',
  InvalidRequest: `invalid_email invalid_channel_type not_supported
    cannot_share_cross_workspace_channel cannot_share_mandatory_channel`,
  NotFound: 'channel_not_found user_not_found',
  SlackRefused: `restricted_action no_external_invite_permission not_in_channel not_owner
    user_is_restricted access_denied no_permission ekm_access_denied accesslimited
    enterprise_is_restricted team_access_not_granted not_paid not_allowed_for_grid_workspace`,
  Conflict: `channel_archived connection_limit_exceeded connection_limit_exceeded_pending
    legacy_connection_limit_exceeded member_limit_exceeded`,
  RateLimited: 'ratelimited ratelimit',
  SlackUnavailable: `service_unavailable request_timeout invite_lookup_error team_added_to_org
    org_login_required`,
  OutcomeUnknown: 'fatal_error internal_error invite_not_found',
  SlackCredentials: `invalid_auth not_authed account_inactive token_expired token_revoked
    missing_scope not_allowed_token_type is_bot two_factor_setup_required`,
  Defect: `invalid_arguments invalid_arg_name invalid_array_arg recipients_not_specified
    too_many_emails message_too_long url_in_message invalid_form_data invalid_post_type
    missing_post_type invalid_charset invalid_json json_not_object deprecated_endpoint
    method_deprecated unknown_method`,
};

const sorted = (codes: Iterable<string>) => [...codes].sort();

test('the table holds the codes of the method page and the three of every method, no others', () => {
  expect(sorted(Object.keys(CODES))).toEqual(sorted([...page.errors, ...OF_EVERY_METHOD]));
});

test('the table holds the warnings of the method page, no others', () => {
  expect(sorted(Object.keys(WARNINGS))).toEqual(sorted(page.warnings));
});

test.each(Object.entries(CLASSES))('the class %s has exactly its codes', (errorClass, codes) => {
  const found = Object.entries(CODES).filter(([, code]) => code.class === errorClass);
  expect(sorted(found.map(([name]) => name))).toEqual(sorted(codes.split(/\s+/)));
});

test('every class of a code is one that callers can get', () => {
  const { AlreadyThere, ...classes } = CLASSES;
  expect(Object.keys(ERROR_CLASSES)).toEqual(expect.arrayContaining(Object.keys(classes)));
});

describe.each([...Object.entries(CODES), ...Object.entries(WARNINGS)])(
  '%s',
  (_name, { description, remedy }) => {
    test('is described, with a remedy, in whole sentences', () => {
      expect(description).toMatch(/^[A-Z].{8,}\.$/);
      expect(remedy).toMatch(/^[A-Z].{8,}\.$/);
      expect(remedy).not.toBe(description);
    });
  },
);

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  '%s, which every object has, is not a listed code',
  (name) => {
    expect(isListed(name)).toBe(false);
  },
);
