import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Client, startSlack } from '../support/local-slack.ts';
import { PageElement } from '../support/page-document.ts';

let slack: Client;
beforeEach(async () => {
  slack = await startSlack();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.resetModules();
  await slack.close();
});

/** Where the Join button of the newest message leads. */
const joinPath = async () => {
  const { link } = (await slack.sandbox('mailbox')).at(-1);
  return `/join/${link.slice(link.lastIndexOf('/') + 1)}`;
};

/** The page at a path, its script run over the ids of its HTML. */
async function open(path: string) {
  const real = fetch;
  const html = await (await real(slack.url + path)).text();
  const parts = new Map(
    [...html.matchAll(/<(\w+) id="(\w+)"/g)].map(([, tag, id]) => [id, new PageElement(tag ?? '')]),
  );
  vi.stubGlobal('document', {
    createElement: (tag: string) => new PageElement(tag),
    getElementById: (id: string) => parts.get(id) ?? null,
  });
  vi.stubGlobal('location', { pathname: path });
  vi.stubGlobal('fetch', (to: string, init?: RequestInit) => real(new URL(to, slack.url), init));
  await import(new URL('../../infra/local/slack/page/join.js', import.meta.url).href);

  const part = (id: string) => parts.get(id) as PageElement;
  return {
    text: (id: string) => part(id).textContent,
    offers: () => part('team').all().slice(1),
    isOpen: () => !part('answer').hidden,
    press: (value: string, team = '') => {
      part('team').value = team;
      return part('answer').dispatch('submit', { submitter: { value }, preventDefault() {} });
    },
  };
}

const stateOf = async (id = 'I0000000001') => (await slack.sandbox(`invites/${id}`)).state;

describe('the page behind the Join button', () => {
  beforeEach(() => slack.invite('channel=C0WELCOME01&emails=casey%40newcomer.example'));

  test('is served with the protection of the page, and shows no invitation of another code', async () => {
    const response = await fetch(`${slack.url}/join/enQtnothing`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await open('/join/enQtnothing');
    expect(page.text('says')).toBe('There is no such invitation here any more.');
  });

  test('says who invites whom, and who accepts: a new workspace or a known one', async () => {
    const page = await open(await joinPath());
    expect(page.text('title')).toBe('Join #welcome-desk');
    expect(page.text('subtitle')).toBe('Acme Corp invites casey@newcomer.example');
    expect(page.isOpen()).toBe(true);
    const offers = page
      .offers()
      .map(({ attributes, textContent }) => [attributes.value, textContent]);
    expect(offers[0]).toEqual(['new', 'newcomer.example, a new workspace']);
    expect(offers).toContainEqual(['T0PARTNER01', 'Partner Ltd, known here']);
    expect(offers.map(([team]) => team)).not.toContain('T0ACMECORP1');
  });

  test('accepts as the workspace that was chosen, and then offers nothing more', async () => {
    const page = await open(await joinPath());
    await page.press('accept', 'T0SUPPLY001');
    const [invite] = await slack.sandbox('invites');
    expect(invite).toMatchObject({ state: 'connected', acceptance: { team: 'T0SUPPLY001' } });
    expect(page.text('state')).toBe('Accepted. The channel is connected.');
    expect(page.isOpen()).toBe(false);
  });

  test('says that an approval is missing', async () => {
    await slack.sandbox('settings', { approval_required: true });
    const page = await open(await joinPath());
    await page.press('accept', 'new');
    expect(await stateOf()).toBe('accepted');
    expect(page.text('state')).toContain('opens when the acceptance is approved');
  });

  test('declines', async () => {
    const page = await open(await joinPath());
    await page.press('decline');
    expect(await stateOf()).toBe('declined');
    expect(page.text('state')).toBe('Declined.');
    expect(page.isOpen()).toBe(false);
  });

  test.each([
    ['revoke', 'This invitation has been revoked.'],
    ['expire', 'This invitation has expired.'],
  ])('after %s says so, and takes no answer', async (action, says) => {
    await slack.sandbox('invites/I0000000001', { action });
    const page = await open(await joinPath());
    expect(page.text('state')).toBe(says);
    expect(page.isOpen()).toBe(false);
  });

  test('says why not, if the invitation ended while the page was open', async () => {
    const page = await open(await joinPath());
    await slack.sandbox('invites/I0000000001', { action: 'revoke' });
    await page.press('accept', 'new');
    expect(page.text('state')).toBe('Not possible: nothing more for one that is revoked');
  });
});

describe('the list of invitations', () => {
  test.each([
    ['sent', ['Accept', 'Decline', 'Revoke', 'Let expire']],
    ['accepted', ['Approve', 'Decline', 'Revoke', 'Let expire']],
    ['connected', []],
  ])('has a button for everything that can happen to one that is %s', async (state, names) => {
    if (state === 'accepted') await slack.sandbox('settings', { approval_required: true });
    await slack.invite('channel=C0WELCOME01&emails=casey%40newcomer.example');
    if (state !== 'sent') await slack.sandbox('invites/I0000000001', { action: 'accept' });
    vi.stubGlobal('document', { createElement: (tag: string) => new PageElement(tag) });
    const view = new URL('../../infra/local/slack/page/view.js', import.meta.url).href;
    const { inviteEntry } = await import(view);
    const [invite] = await slack.sandbox('invites');
    const entry: PageElement = inviteEntry(invite, await slack.sandbox('world'));
    const buttons = entry.all().filter(({ tag }) => tag === 'button');
    expect(buttons.map(({ textContent }) => textContent)).toEqual(names);
    const { actions } = await slack.sandbox('invites/I0000000001');
    expect(buttons.map(({ attributes }) => attributes['data-action'])).toEqual(actions);
  });
});
