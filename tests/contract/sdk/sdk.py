"""Runs the token calls of Cloudflare's own Python SDK against CLOUDFLARE_BASE_URL, with the bootstrap in
CLOUDFLARE_BOOTSTRAP_TOKEN, for the user and for an account. Exits with 1 at the first surprise."""

import os
from datetime import datetime, timezone

import cloudflare
from cloudflare import Cloudflare

BASE_URL = os.environ["CLOUDFLARE_BASE_URL"]
BOOTSTRAP = os.environ["CLOUDFLARE_BOOTSTRAP_TOKEN"]


def client(token):
    return Cloudflare(base_url=BASE_URL, api_token=token, max_retries=0)


def refusal(call):
    try:
        call()
    except cloudflare.APIStatusError as error:
        return error.status_code, error.response.json()["errors"][0]["code"]
    raise AssertionError("was not refused")


bootstrap = client(BOOTSTRAP)
account = next(iter(bootstrap.accounts.list()))
zone = next(iter(bootstrap.zones.list(name="example.com")))
assert zone.account.id == account.id
assert len(bootstrap.user.get().id) == 32

owners = [
    ("user", bootstrap.user.tokens, {}, lambda token: client(token).user.tokens.verify()),
    (
        "account",
        bootstrap.accounts.tokens,
        {"account_id": account.id},
        lambda token: client(token).accounts.tokens.verify(account_id=account.id),
    ),
]

for owner, tokens, where, verify in owners:
    groups = list(tokens.permission_groups.list(**where))
    write = next(group for group in groups if group.name == "DNS Write")
    policies = [
        {
            "effect": "allow",
            "permission_groups": [{"id": write.id}],
            "resources": {f"com.cloudflare.api.account.{account.id}": {"com.cloudflare.api.account.zone.*": "*"}},
        }
    ]
    created = tokens.create(**where, name=f"sdk-{owner}", policies=policies, expires_on="2099-01-01T00:00:00Z")
    assert verify(created.value).id == created.id
    assert verify(created.value).expires_on == datetime(2099, 1, 1, tzinfo=timezone.utc)

    listed = [token.id for token in tokens.list(**where, per_page=5)]
    assert created.id in listed
    assert tokens.get(created.id, **where).name == f"sdk-{owner}"

    updated = tokens.update(created.id, **where, name=f"sdk-{owner}-2", policies=policies, status="disabled")
    assert (updated.name, updated.status, updated.expires_on) == (f"sdk-{owner}-2", "disabled", None)
    tokens.update(created.id, **where, name=f"sdk-{owner}-2", policies=policies, status="active")

    rolled = tokens.value.update(created.id, **where)
    assert rolled != created.value
    assert refusal(lambda: verify(created.value)) == (401, 1000)
    assert verify(rolled).status == "active"

    assert tokens.delete(created.id, **where).id == created.id
    assert refusal(lambda: tokens.get(created.id, **where)) == (404, 1003)
    assert refusal(lambda: verify(rolled)) == (401, 1000)
    print(f"python: {owner} tokens done")
