"""Runs the calls of Cloudflare's own Python SDK that tokens depend on against CLOUDFLARE_BASE_URL, with the bootstrap
in CLOUDFLARE_BOOTSTRAP_TOKEN, for the user and for an account. Every answer must fit the SDK's schema in all its
fields. Exits with 1 at the first surprise."""

import os
from datetime import datetime, timezone

import cloudflare
from cloudflare import Cloudflare

BASE_URL = os.environ["CLOUDFLARE_BASE_URL"]
BOOTSTRAP = os.environ["CLOUDFLARE_BOOTSTRAP_TOKEN"]


def client(token, strict=True):
    return Cloudflare(base_url=BASE_URL, api_token=token, max_retries=0, _strict_response_validation=strict)


def refusal(call):
    try:
        call()
    except cloudflare.APIStatusError as error:
        return error.status_code, error.response.json()["errors"][0]["code"]
    raise AssertionError("was not refused")


# Every scope that the SDK's schema knows. Cloudflare lists groups for single Workers too, whose scope it lacks.
SCOPES = ["com.cloudflare.api.account", "com.cloudflare.api.account.zone", "com.cloudflare.api.user"]
SCOPES += ["com.cloudflare.edge.r2.bucket"]


def groups_of(tokens, where):
    asked = [group for scope in SCOPES for group in tokens.permission_groups.list(**where, scope=scope)]
    lenient = client(BOOTSTRAP, strict=False)
    listed = (lenient.accounts if where else lenient.user).tokens.permission_groups.list(**where)
    unknown = {scope for group in listed for scope in group.scopes} - set(SCOPES)
    assert unknown <= {"com.cloudflare.edge.worker.script"}, unknown
    assert len(asked) + sum(group.scopes[0] in unknown for group in listed) == len(list(listed))
    return asked


bootstrap = client(BOOTSTRAP)
account = next(iter(bootstrap.accounts.list()))
zone = next(iter(bootstrap.zones.list(name="example.com")))
assert zone.account.id == account.id
assert bootstrap.zones.get(zone_id=zone.id).development_mode == 0
assert [zone.name for zone in bootstrap.zones.list(per_page=5)] == ["example.com", "example.net"]
assert bootstrap.accounts.get(account_id=account.id).name == account.name
user = bootstrap.user.get()
assert len(user.id) == 32

memberships = next(iter(bootstrap.user.tokens.permission_groups.list(extra_query={"name": "Memberships Read"})))
assert (memberships.is_selectable, memberships.category) == (True, "account_and_billing")
member = bootstrap.user.tokens.create(
    name="sdk-memberships",
    policies=[
        {
            "effect": "allow",
            "permission_groups": [{"id": memberships.id}],
            "resources": {f"com.cloudflare.api.user.{user.id}": "*"},
        }
    ],
)
assert [one.account.id for one in client(member.value).memberships.list()] == [account.id]
found = list(bootstrap.user.tokens.list(extra_query={"name": "sdk-memberships"}))
assert [token.id for token in found] == [member.id]
assert refusal(lambda: bootstrap.memberships.list()) == (403, 10001)
bootstrap.user.tokens.delete(member.id)

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
    groups = groups_of(tokens, where)
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
