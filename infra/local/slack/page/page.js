import { element, listIn } from './dom.js';
import { asCurl, requestsFor, send } from './try.js';
import { channelEntry, count, inviteEntry, messageEntry, messageView } from './view.js';

/** @typedef {import('./view.js').Snapshot} Snapshot */
/** @typedef {import('./view.js').Message} Message */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const answers = /** @type {HTMLSelectElement} */ (byId('answer'));

/** @type {Snapshot} */
let now;
/** @type {string | undefined} The message that the reader chose; without one, the newest is open. */
let chosen;
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
function show(snapshot) {
  now = snapshot;
  const { invites, mailbox, kept, channels, fault, calls } = snapshot;
  showMessages(mailbox.toReversed());
  showInvites(invites.toReversed());
  showChannels(Object.entries(channels).map(([id, channel]) => ({ id, channel })));
  openMessage();

  byId('no-mail').hidden = mailbox.length > 0;
  byId('no-invites').hidden = invites.length > 0;
  byId('mail-count').textContent = newest(mailbox.length, kept.messages);
  byId('invite-count').textContent = newest(invites.length, kept.invites);
  byId('channel-count').textContent = String(Object.keys(channels).length);
  byId('fault').hidden = fault === null;
  byId('fault-text').textContent = JSON.stringify(fault);
  const { calls: number, answers: codes } = calls['conversations.inviteShared'];
  const each = Object.entries(codes).map(([code, times]) => `${times} ${code}`);
  byId('calls').textContent = [`${count(number, 'call')} so far`, ...each].join(' · ');
}

/** @param {number} shown @param {number} all */
const newest = (shown, all) => (shown < all ? `newest ${shown} of ${all}` : String(all));

/** @type {Message | undefined} */
let open;

function openMessage() {
  const { mailbox } = now;
  const message = mailbox.find(({ invite_id }) => invite_id === chosen) ?? mailbox.at(-1);
  for (const button of byId('mail-list').querySelectorAll('button')) {
    const current = button.dataset.invite === message?.invite_id;
    button.setAttribute('aria-current', String(current));
  }
  if (JSON.stringify(message) === JSON.stringify(open)) return;
  open = message;
  byId('message').replaceChildren(...(message ? messageView(message) : []));
}

byId('mail-list').addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : null;
  if (!button) return;
  chosen = button.dataset.invite;
  openMessage();
});

byId('invite-list').addEventListener('click', async ({ target }) => {
  const { invite, action } = target instanceof HTMLButtonElement ? target.dataset : {};
  if (!invite) return;
  await fetch(`/sandbox/invites/${invite}`, { method: 'POST', body: JSON.stringify({ action }) });
});

const chosenRequests = () => {
  const trigger = triggers[answers.value];
  return trigger ? requestsFor(trigger, triggers.ok.request) : [];
};

const showCommand = () => {
  byId('command').textContent = asCurl(chosenRequests());
};

answers.addEventListener('change', () => {
  showCommand();
  byId('result').replaceChildren();
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

byId('reset').addEventListener('click', async () => {
  chosen = undefined;
  await fetch('/sandbox/reset', { method: 'POST' });
  byId('result').replaceChildren();
});
byId('clear').addEventListener('click', () => fetch('/sandbox/faults', { method: 'DELETE' }));

async function offerAnswers() {
  triggers = (await (await fetch('/sandbox/world')).json()).triggers;
  const before = answers.value;
  answers.replaceChildren(...Object.keys(triggers).map((code) => element('option', {}, code)));
  answers.value = before in triggers ? before : 'ok';
  showCommand();
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
  events.onmessage = ({ data }) => show(JSON.parse(data));
  events.onerror = () => {
    status.textContent = 'not connected';
    status.className = '';
    if (events.readyState === EventSource.CLOSED) setTimeout(watch, 3000);
  };
}

watch();
