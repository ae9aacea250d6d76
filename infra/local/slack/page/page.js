import { element, listIn } from './dom.js';
import { findIn } from './find.js';
import { createReading } from './reading.js';
import { answerGroups, asCurl, requestsFor, send, takesOwn } from './try.js';
import { channelEntry, count, inviteEntry, messageEntry, messageView, nameOf } from './view.js';

/** @typedef {import('./view.js').Snapshot} Snapshot */
/** @typedef {import('./view.js').Message} Message */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));
const answers = /** @type {HTMLSelectElement} */ (byId('answer'));
const confirmation = /** @type {HTMLDialogElement} */ (byId('confirm'));
const wanted = input('wanted');

/** @type {Snapshot} */
let now;
/** All that is kept, when the reader wants more than the newest. @type {Pick<Snapshot, 'invites' | 'mailbox'> | undefined} */
let everything;
let isAllWanted = false;
const reading = createReading();
/** @type {Record<string, import('./try.js').Trigger> & { ok: { request: import('./try.js').Call } }} */
let triggers;

const showMessages = listIn(byId('mail-list'), messageEntry);
const showInvites = listIn(
  byId('invite-list'),
  (/** @type {Snapshot['invites'][number]} */ invite) => inviteEntry(invite, now),
);
const showChannels = listIn(
  byId('channel-list'),
  (/** @type {Parameters<typeof channelEntry>[0]} */ entry) => channelEntry(entry, now),
);

/** @param {Snapshot} snapshot */
async function show(snapshot) {
  now = snapshot;
  const isMoreWanted = isAllWanted || wanted.value.trim() !== '';
  everything = isMoreWanted ? await readAll() : undefined;
  showLists();
  const { kept, channels, fault, calls, beside } = snapshot;
  byId('all').hidden = isAllWanted || kept.invites <= snapshot.invites.length;
  byId('all').textContent = `Show all ${kept.invites}`;
  byId('fault').hidden = fault === null;
  byId('fault-text').textContent = JSON.stringify(fault);
  const { calls: number, answers: codes } = calls['conversations.inviteShared'];
  const each = Object.entries(codes).map(([code, times]) => `${times} ${code}`);
  byId('calls').replaceChildren(
    ...[`${count(number, 'call')} so far`, ...each].flatMap((text, index) => [
      ...(index === 0 ? [] : [' · ']),
      element('span', { class: 'whole' }, text),
    ]),
  );
  byId('known-channels').replaceChildren(
    ...Object.entries(channels).map(([id, channel]) =>
      element('option', { value: id }, nameOf(channel)),
    ),
  );
  byId('beside').hidden = beside === null;
  byId('beside-reset').hidden = beside === null;
  if (beside) byId('overview').setAttribute('href', beside.page);
  showCall();
}

/** @returns {Promise<Pick<Snapshot, 'invites' | 'mailbox'>>} */
async function readAll() {
  const read = async (/** @type {string} */ path) => (await fetch(`/sandbox/${path}`)).json();
  const [invites, mailbox] = await Promise.all([read('invites'), read('mailbox')]);
  return { invites, mailbox };
}

/** More than anybody reads, and little enough for a browser. */
const MOST_SHOWN = 1000;

function showLists() {
  const { kept, channels } = now;
  const invites = (everything ?? now).invites.slice(-MOST_SHOWN);
  const mailbox = (everything ?? now).mailbox.slice(-MOST_SHOWN);
  showMessages(mailbox.toReversed());
  showInvites(invites.toReversed());
  showChannels(Object.entries(channels).map(([id, channel]) => ({ id, channel })));
  openMessage();
  byId('no-mail').hidden = mailbox.length > 0;
  byId('no-invites').hidden = invites.length > 0;
  const counts = {
    mail: newest(mailbox.length, kept.messages),
    invite: newest(invites.length, kept.invites),
    channel: String(Object.keys(channels).length),
  };
  for (const [name, all] of Object.entries(counts)) {
    const found = findIn(byId(`${name}-list`), wanted.value);
    byId(`${name}-count`).textContent = found || all;
  }
}

/** @param {number} shown @param {number} all */
const newest = (shown, all) => (shown < all ? `newest ${shown} of ${all}` : String(all));

/** @type {Message | undefined} */
let open;

function openMessage() {
  const { mailbox } = everything ?? now;
  const ids = mailbox.map(({ invite_id }) => invite_id);
  const id = reading.show(ids);
  const unread = new Set(reading.unread(ids));
  for (const button of mailButtons()) {
    const { invite = '' } = button.dataset;
    button.setAttribute('aria-current', String(invite === id));
    button.tabIndex = invite === id ? 0 : -1;
    button.classList.toggle('unread', unread.has(invite));
  }
  byId('newest').hidden = unread.size === 0;
  byId('newest').textContent = `${unread.size} new: read the newest`;
  const message = mailbox.find(({ invite_id }) => invite_id === id);
  if (JSON.stringify(message) === JSON.stringify(open)) return;
  open = message;
  byId('message').replaceChildren(...(message ? messageView(message) : []));
}

const mailButtons = () => [...byId('mail-list').querySelectorAll('button')];

/** @param {HTMLButtonElement | undefined} button */
function read(button) {
  if (!button) return;
  reading.open(button.dataset.invite);
  openMessage();
}

byId('mail-list').addEventListener('click', ({ target }) => {
  read((target instanceof Element ? target.closest('button') : null) ?? undefined);
});

// The list is one stop for the Tab key; arrows go through it.
byId('mail-list').addEventListener('keydown', (event) => {
  const buttons = mailButtons().filter(({ offsetParent }) => offsetParent !== null);
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  const button = buttons[Math.min(Math.max(to, 0), buttons.length - 1)];
  read(button);
  button?.focus();
});

byId('newest').addEventListener('click', () => {
  const [first] = mailButtons();
  read(first);
  first?.focus();
});

byId('invite-list').addEventListener('click', async ({ target }) => {
  const { invite, action } = target instanceof HTMLButtonElement ? target.dataset : {};
  if (!invite) return;
  await fetch(`/sandbox/invites/${invite}`, { method: 'POST', body: JSON.stringify({ action }) });
});

byId('all').addEventListener('click', () => {
  isAllWanted = true;
  void show(now);
});
wanted.addEventListener('input', async () => {
  if (!everything && wanted.value.trim() !== '') await show(now);
  else showLists();
});

/** The channel and the address of the form, in place of those of the example. */
const own = () => ({
  ...triggers.ok.request,
  channel: input('to-channel').value.trim(),
  emails: [input('email').value.trim()],
});

const chosenRequests = () => {
  const trigger = triggers[answers.value];
  if (!trigger) return [];
  return answers.value === 'ok'
    ? requestsFor({ request: own() }, own())
    : requestsFor(trigger, own());
};

/** Whose bot a new channel gets: of the workspace that the example's token belongs to. */
const caller = () => now.caller;

/** Shows what would be sent. */
function showCall() {
  if (!triggers || !now) return;
  const isOwn = takesOwn(answers.value, triggers);
  for (const id of ['to-channel', 'email']) input(id).disabled = !isOwn;
  const id = input('to-channel').value.trim();
  const channel = now.channels[id];
  const isAddable = !channel && /^[CG][A-Z0-9]{8,}$/.test(id);
  byId('channel-hint').textContent = channel
    ? `${nameOf(channel)} of ${now.workspaces[channel.workspace]?.name ?? channel.workspace}`
    : `not in this Slack${isAddable ? ' yet' : ', and not the id of a channel, such as C012AB3CD4E'}`;
  byId('add').hidden = !isAddable;
  byId('answer-hint').textContent = isOwn
    ? ''
    : 'This answer takes a call of its own, in place of the channel and the address above.';
  byId('command').textContent = asCurl(chosenRequests());
  byId('through').textContent =
    now.beside === null
      ? ''
      : `${now.beside.invite} --channel ${id} --email ${input('email').value.trim()}`;
}

for (const id of ['answer', 'to-channel', 'email']) {
  byId(id).addEventListener('input', () => {
    showCall();
    byId('result').replaceChildren();
  });
}

byId('add').addEventListener('click', async () => {
  const id = input('to-channel').value.trim();
  const { workspace, user } = caller();
  const channel = { workspace, name: id.toLowerCase(), members: [user] };
  await fetch('/sandbox/world', {
    method: 'POST',
    body: JSON.stringify({ channels: { [id]: channel } }),
  });
  input('email').focus();
});

byId('try').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { title, text } = await send(chosenRequests());
  byId('result').replaceChildren(element('h3', {}, title), element('pre', {}, text));
});

byId('copy').addEventListener('click', async ({ target }) => {
  await navigator.clipboard.writeText(byId('command').textContent ?? '');
  const button = /** @type {HTMLElement} */ (target);
  button.textContent = 'Copied';
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 1500);
});

byId('reset').addEventListener('click', () => confirmation.showModal());
byId('keep').addEventListener('click', () => confirmation.close());
byId('confirmed').addEventListener('click', async () => {
  await fetch('/sandbox/reset', { method: 'POST' });
  confirmation.close();
  reading.open(undefined);
  isAllWanted = false;
  byId('result').replaceChildren();
});
byId('clear').addEventListener('click', () => fetch('/sandbox/faults', { method: 'DELETE' }));

async function offerAnswers() {
  triggers = (await (await fetch('/sandbox/world')).json()).triggers;
  const before = answers.value;
  answers.replaceChildren(
    element('option', { value: 'ok' }, 'as Slack decides'),
    ...answerGroups(triggers).map(({ label, codes }) =>
      element('optgroup', { label }, ...codes.map((code) => element('option', {}, code))),
    ),
  );
  answers.value = before in triggers ? before : 'ok';
  const { channel, emails } = triggers.ok.request;
  input('to-channel').value ||= String(channel);
  input('email').value ||= String(emails);
  showCall();
  for (const id of ['send', 'copy']) byId(id).removeAttribute('disabled');
}

/** Watches the server, and comes back to it after a restart. */
function watch() {
  const events = new EventSource('/page/live');
  const status = byId('status');
  events.onopen = () => {
    status.textContent = 'live';
    status.className = 'on';
    void offerAnswers();
  };
  events.onmessage = ({ data }) => void show(JSON.parse(data));
  events.onerror = () => {
    status.textContent = 'not connected';
    status.className = '';
    if (events.readyState === EventSource.CLOSED) setTimeout(watch, 3000);
  };
}

watch();
