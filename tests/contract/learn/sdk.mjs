// Reads and writes a little with the TypeScript SDK, which finds the API and the token in its own variables.
import Cloudflare from "cloudflare";

const zone_id = "e0000000000000000000000000000101";
const client = new Cloudflare({ maxRetries: 0 });

const accounts = await client.accounts.list();
const account_id = accounts.result[0].id;
await client.memberships.list();
await client.dns.records.list({ zone_id });
await client.dns.records.create({ zone_id, type: "A", name: "www", content: "203.0.113.7", ttl: 60 });
await client.cache.purge({ zone_id, purge_everything: true });
await client.kv.namespaces.list({ account_id });
await client.workers.scripts.list({ account_id });
