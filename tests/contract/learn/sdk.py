"""Reads and writes a little with the Python SDK, which finds the API and the token in its own variables."""

from cloudflare import Cloudflare

ZONE = "e0000000000000000000000000000101"

client = Cloudflare(max_retries=0)
account = client.accounts.list().result[0].id
client.dns.records.list(zone_id=ZONE)
client.cache.purge(zone_id=ZONE, purge_everything=True)
client.kv.namespaces.create(account_id=account, title="shop")
client.r2.buckets.list(account_id=account)
client.user.get()
