import { element } from './dom.js';

/** @typedef {ReturnType<typeof import('../sandbox-invites.ts').describeInvite>} Invite */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const teams = /** @type {HTMLSelectElement} */ (byId('team'));

/** What a recipient reads about each state. @type {Record<string, string>} */
const STATES = {
  accepted: 'Accepted. The channel opens when the acceptance is approved.',
  connected: 'Accepted. The channel is connected.',
  declined: 'Declined.',
  revoked: 'This invitation has been revoked.',
  expired: 'This invitation has expired.',
  held: 'This invitation waits for an admin.',
};

/** @param {string} path @param {object} [json] @returns {Promise<any>} */
const sandbox = async (path, json) => {
  const init = json ? { method: 'POST', body: JSON.stringify(json) } : {};
  return (await fetch(`/sandbox/${path}`, init)).json();
};

/** @returns {Promise<string | undefined>} the id of the invitation that this page's address is for. */
async function find() {
  const code = location.pathname.slice('/join/'.length);
  /** @type {{ id: string, link: string }[]} */
  const invites = await sandbox('invites');
  return invites.find(({ link }) => link.endsWith(`/${code}`))?.id;
}

/** @param {Invite} invite */
async function show(invite) {
  const { workspaces, channels } = await sandbox('world');
  const { recipient_email, recipient_user_id, actions, acceptors, state, inviting_team } = invite;
  const channel = `#${channels[invite.channel]?.name ?? invite.channel}`;
  const from = workspaces[inviting_team]?.name ?? inviting_team;
  byId('title').textContent = `Join ${channel}`;
  byId('subtitle').textContent = `${from} invites ${recipient_email ?? recipient_user_id}`;
  byId('says').textContent = `${from} would like to work with you in ${channel}.`;
  byId('answer').hidden = !(/** @type {readonly string[]} */ (actions).includes('accept'));
  byId('state').textContent = STATES[state] ?? '';
  teams.replaceChildren(
    ...acceptors.map(({ team, name }) =>
      element(
        'option',
        { value: team },
        team === 'new' ? `${name}, a new workspace` : `${name}, known here`,
      ),
    ),
  );
}

const id = await find();
if (id === undefined) byId('says').textContent = 'There is no such invitation here any more.';
else {
  await show(await sandbox(`invites/${id}`));
  byId('answer').addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    const action = button.value;
    const answer = await sandbox(`invites/${id}`, {
      action,
      ...(action === 'accept' && { team: teams.value }),
    });
    await show(await sandbox(`invites/${id}`));
    if ('allowed' in answer) byId('state').textContent = `Not possible: ${answer.allowed}`;
  });
}
