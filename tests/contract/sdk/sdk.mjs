// Runs the calls of Cloudflare's own TypeScript SDK that tokens depend on against CLOUDFLARE_BASE_URL, with the
// bootstrap in CLOUDFLARE_BOOTSTRAP_TOKEN, for the user and for an account. Exits with 1 at the first surprise.

import assert from 'node:assert/strict';
import Cloudflare from 'cloudflare';

const baseURL = process.env.CLOUDFLARE_BASE_URL;
const bootstrap = process.env.CLOUDFLARE_BOOTSTRAP_TOKEN;
const client = (apiToken) => new Cloudflare({ baseURL, apiToken, apiEmail: null, apiKey: null, maxRetries: 0 });

const cloudflare = client(bootstrap);
const collect = async (pages) => {
  const rows = [];
  for await (const row of pages) rows.push(row);
  return rows;
};
const refusal = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return [error.status, error.errors?.[0]?.code];
  }
  return assert.fail('was not refused');
};

const [account] = await collect(cloudflare.accounts.list());
const zones = await collect(cloudflare.zones.list({ name: 'example.com' }));
assert.deepEqual(zones.map((zone) => zone.name), ['example.com']);
const user = await cloudflare.user.get();
assert.equal(user.id.length, 32);
assert.equal((await cloudflare.zones.get({ zone_id: zones[0].id })).development_mode, 0);
assert.equal((await cloudflare.accounts.get({ account_id: account.id })).name, account.name);

const [memberships] = await collect(cloudflare.user.tokens.permissionGroups.list({ name: 'Memberships Read' }));
assert.equal(memberships.is_selectable, true);
const member = await cloudflare.user.tokens.create({
  name: 'sdk-memberships',
  policies: [
    {
      effect: 'allow',
      permission_groups: [{ id: memberships.id }],
      resources: { [`com.cloudflare.api.user.${user.id}`]: '*' },
    },
  ],
});
const joined = await collect(client(member.value).memberships.list());
assert.deepEqual(joined.map((one) => one.account.id), [account.id]);
assert.deepEqual(await refusal(cloudflare.memberships.list()), [403, 10001]);
await cloudflare.user.tokens.delete(member.id);

const owners = [
  ['user', cloudflare.user.tokens, {}, (token) => client(token).user.tokens.verify()],
  [
    'account',
    cloudflare.accounts.tokens,
    { account_id: account.id },
    (token) => client(token).accounts.tokens.verify({ account_id: account.id }),
  ],
];

for (const [owner, tokens, where, verify] of owners) {
  const groups = await collect(tokens.permissionGroups.list(where));
  const read = groups.find((group) => group.name === 'Zone Read');
  const policies = [
    {
      effect: 'allow',
      permission_groups: [{ id: read.id }],
      resources: { [`com.cloudflare.api.account.zone.${zones[0].id}`]: '*' },
    },
  ];
  const at = (id) => (owner === 'user' ? [id] : [id, where]);
  const condition = { request_ip: { in: ['127.0.0.0/8', '::1/128'] } };

  const created = await tokens.create({ ...where, name: `sdk-${owner}`, policies, condition });
  assert.equal((await verify(created.value)).id, created.id);
  assert.equal((await verify(created.value)).status, 'active');

  const listed = await collect(tokens.list({ ...where, per_page: 5 }));
  assert.ok(listed.some((token) => token.id === created.id && token.value === undefined));
  const got = await tokens.get(...at(created.id));
  assert.deepEqual(got.condition, condition);

  const expires_on = '2099-01-01T00:00:00Z';
  const updated = await tokens.update(created.id, { ...where, name: `sdk-${owner}-2`, policies, expires_on });
  assert.equal(updated.name, `sdk-${owner}-2`);
  assert.equal(updated.expires_on, expires_on);
  assert.equal(updated.condition, undefined);

  const rolled = await tokens.value.update(...at(created.id));
  assert.notEqual(rolled, created.value);
  assert.deepEqual(await refusal(verify(created.value)), [401, 1000]);
  assert.equal((await verify(rolled)).expires_on, expires_on);

  assert.equal((await tokens.delete(...at(created.id))).id, created.id);
  assert.deepEqual(await refusal(tokens.get(...at(created.id))), [404, 1003]);
  assert.deepEqual(await refusal(verify(rolled)), [401, 1000]);

  // The docs show dates that JavaScript cannot write by itself.
  const fraction = tokens.create({ ...where, name: 'late', policies, expires_on: new Date(4e12).toISOString() });
  assert.deepEqual(await refusal(fraction), [400, 400]);
  console.log(`typescript: ${owner} tokens done`);
}

const legacy = { baseURL, apiToken: null, apiEmail: 'nobody@example.com', apiKey: '0'.repeat(37), maxRetries: 0 };
assert.deepEqual(await refusal(new Cloudflare(legacy).user.tokens.list()), [403, 9103]);
