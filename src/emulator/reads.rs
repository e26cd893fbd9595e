//! The endpoints that tokens depend on: accounts, zones, the user. They only read.

use serde_json::{Value, json};

use super::access::Caller;
use super::context::RequestContext;
use super::error_reply::ErrorReply;
use super::groups;
use super::reply::{CountsPages, PageRequest, Reply};
use super::resource::AccessTarget;
use super::settings::Verdict;
use super::world::{LEGACY_EMAIL, USER_ID};
use crate::cloudflare::wire::{Account, R2Bucket, User, Zone};

/// The status of a membership that the user has accepted.
const ACCEPTED: &str = "accepted";

/// When everything here was made.
const BIRTH: &str = "2024-01-02T03:04:05.000000Z";

/// The accounts on which the caller holds any group of theirs.
pub(super) fn accounts(context: &RequestContext<'_>) -> Result<Reply, ErrorReply> {
    let refused = context.switches.accounts_for_account_tokens == Verdict::Refused;
    if refused && context.caller.is_account_owned() {
        return Err(ErrorReply::AccountsList);
    }
    let page = PageRequest::read(context.query)?;
    let mut rows: Vec<Value> = context
        .state
        .accounts
        .iter()
        .filter(|account| context.caller.sees(AccessTarget::Account(&account.id)))
        .filter(|account| context.query.get("name").is_none_or(|name| account.name == name))
        .map(account_shown)
        .collect();
    turn(context, &mut rows);
    Ok(Reply::page(rows, page, CountsPages::Yes))
}

/// One account that the caller sees.
pub(super) fn account(context: &RequestContext<'_>, id: &str) -> Result<Reply, ErrorReply> {
    let account =
        context.state.account(id).filter(|account| context.caller.sees(AccessTarget::Account(&account.id)));
    account.map(|account| Reply::result(account_shown(account))).ok_or(ErrorReply::Unauthorized)
}

/// The zones on which the caller holds any group of theirs.
pub(super) fn zones(context: &RequestContext<'_>) -> Result<Reply, ErrorReply> {
    if let Caller::Token { id, .. } = context.caller
        && context.switches.zones_without_name == Verdict::Refused
        && context.query.get("name").is_none()
        && context.caller.holds_single_zones_only()
    {
        return Err(ErrorReply::ZonesList(id.clone()));
    }
    let page = PageRequest::read(context.query)?;
    let mut rows: Vec<Value> = context
        .state
        .zones
        .iter()
        .filter(|zone| context.caller.sees(target(zone)))
        .filter(|zone| matches(context.query.get("name"), &zone.name))
        .filter(|zone| {
            context.query.get("status").is_none_or(|status| zone.status.as_deref() == Some(status))
        })
        .filter(|zone| context.query.get("account.id").is_none_or(|id| zone.account.id == id))
        .filter(|zone| matches(context.query.get("account.name"), &zone.account.name))
        .map(zone_shown)
        .collect();
    turn(context, &mut rows);
    Ok(Reply::page(rows, page, CountsPages::Yes))
}

/// The Workers of an account, for callers that hold *Workers Scripts*; the list is not paged.
pub(super) fn worker_scripts(context: &RequestContext<'_>, account: &str) -> Result<Reply, ErrorReply> {
    if !context.caller.holds(&[groups::SCRIPTS_READ, groups::SCRIPTS_WRITE], AccessTarget::Account(account)) {
        return Err(ErrorReply::Unauthorized);
    }
    let more = json!({ "created_on": BIRTH, "modified_on": BIRTH, "usage_model": "standard" });
    let of_account = context.state.scripts.iter().filter(|script| script.account == account);
    let rows: Vec<Value> = of_account.map(|script| with(json!(script.shown), more.clone())).collect();
    Ok(Reply::result(json!(rows)))
}

/// The buckets of an account in a jurisdiction, for callers that hold *Workers R2 Storage*. They are the same in every
/// world: no bucket is made or deleted here.
pub(super) fn buckets(
    context: &RequestContext<'_>,
    account: &str,
    jurisdiction: &str,
) -> Result<Reply, ErrorReply> {
    let is_known = context.state.account(account).is_some();
    let enough = [groups::R2_READ, groups::R2_WRITE];
    if !is_known || !context.caller.holds(&enough, AccessTarget::Account(account)) {
        return Err(ErrorReply::Unauthorized);
    }
    let names: &[&str] = match jurisdiction {
        "default" => &["assets", "backups"],
        "eu" => &["assets"],
        _ => &[],
    };
    let row = |name: &&str| {
        let bucket = R2Bucket { name: (*name).to_owned() };
        with(
            json!(bucket),
            json!({ "creation_date": BIRTH, "location": "ENAM", "storage_class": "Standard" }),
        )
    };
    Ok(Reply::result(json!({ "buckets": names.iter().map(row).collect::<Vec<_>>() })))
}

/// One Worker: Wrangler asks for it before it deploys, and goes on where there is none.
pub(super) fn worker_service(context: &RequestContext<'_>, account: &str) -> Result<Reply, ErrorReply> {
    worker_scripts(context, account)?;
    Err(ErrorReply::ServiceNotFound)
}

/// One zone that the caller sees.
pub(super) fn zone(context: &RequestContext<'_>, id: &str) -> Result<Reply, ErrorReply> {
    let zone = context.state.zone(id).filter(|zone| context.caller.sees(target(zone)));
    zone.map(|zone| Reply::result(zone_shown(zone))).ok_or(ErrorReply::Unauthorized)
}

/// The accounts the user is a member of, for callers that hold *Memberships*.
pub(super) fn memberships(context: &RequestContext<'_>) -> Result<Reply, ErrorReply> {
    if context.caller.is_account_owned() {
        return Err(ErrorReply::NotAUser);
    }
    let enough = [groups::MEMBERSHIPS_READ, groups::MEMBERSHIPS_WRITE];
    if !context.caller.holds(&enough, AccessTarget::User(USER_ID)) {
        return Err(ErrorReply::MembershipsUnreadable);
    }
    let page = PageRequest::read(context.query)?;
    let names = [context.query.get("account.name"), context.query.get("name")];
    let is_asked = |account: &&Account| names.iter().flatten().all(|name| account.name == **name);
    let is_accepted = context.query.get("status").is_none_or(|status| status == ACCEPTED);
    let accounts = context.state.accounts.iter().filter(|_| is_accepted);
    let mut rows: Vec<Value> = accounts.filter(is_asked).map(membership_shown).collect();
    turn(context, &mut rows);
    Ok(Reply::page(rows, page, CountsPages::Yes))
}

/// The user, for callers that hold *User Details*.
pub(super) fn user(context: &RequestContext<'_>) -> Result<Reply, ErrorReply> {
    if context.caller.is_account_owned() {
        return Err(ErrorReply::UserLevel);
    }
    let enough = [groups::USER_DETAILS_READ, groups::USER_DETAILS_WRITE];
    if !context.caller.holds(&enough, AccessTarget::User(USER_ID)) {
        return Err(ErrorReply::Unauthorized);
    }
    let user = User { id: USER_ID.to_owned(), email: LEGACY_EMAIL.to_owned() };
    let more = json!({
        "first_name": null, "last_name": null, "username": "emulator", "telephone": null, "country": null,
        "zipcode": null, "two_factor_authentication_enabled": false,
        "two_factor_authentication_locked": false, "has_pro_zones": false, "has_business_zones": false,
        "has_enterprise_zones": false, "suspended": false, "betas": [], "organizations": [],
        "created_on": BIRTH, "modified_on": BIRTH
    });
    Ok(Reply::result(with(json!(user), more)))
}

fn target(zone: &Zone) -> AccessTarget<'_> {
    AccessTarget::Zone { account: &zone.account.id, zone: &zone.id }
}

/// Whether a text passes a filter of the form `value` or `operator:value`; case counts only where the
/// operator says so.
fn matches(filter: Option<&str>, text: &str) -> bool {
    let Some(filter) = filter else { return true };
    let (operator, value) = filter.split_once(':').unwrap_or(("equal", filter));
    let (operator, text, value) = match operator.strip_suffix("_case_sensitive") {
        Some(operator) => (operator, text.to_owned(), value.to_owned()),
        None => (operator, text.to_lowercase(), value.to_lowercase()),
    };
    match operator {
        "equal" => text == value,
        "not_equal" => text != value,
        "starts_with" => text.starts_with(&value),
        "ends_with" => text.ends_with(&value),
        "contains" => text.contains(&value),
        _ => false,
    }
}

fn turn(context: &RequestContext<'_>, rows: &mut [Value]) {
    if context.query.get("direction") == Some("desc") {
        rows.reverse();
    }
}

fn account_shown(account: &Account) -> Value {
    let more = json!({
        "type": "standard", "settings": { "enforce_twofactor": false }, "created_on": BIRTH
    });
    with(json!(account), more)
}

/// A membership has its own id; here it is made of the account's.
fn membership_shown(account: &Account) -> Value {
    let id: String = account.id.chars().rev().collect();
    json!({
        "id": id, "account": account_shown(account), "status": ACCEPTED, "api_access_enabled": null,
        "roles": ["Super Administrator - All Privileges"],
        "permissions": { "analytics": { "read": true, "write": true }, "zones": { "read": true, "write": true } }
    })
}

fn zone_shown(zone: &Zone) -> Value {
    let more = json!({
        "paused": false, "type": "full", "development_mode": 0,
        "meta": {
            "step": 2, "custom_certificate_quota": 0, "page_rule_quota": 3, "phishing_detected": false
        }, "permissions": [],
        "name_servers": ["ns1.example.com", "ns2.example.com"],
        "owner": { "id": USER_ID, "type": "user", "email": LEGACY_EMAIL },
        "plan": { "id": "e0000000000000000000000000000f01", "name": "Free Website" },
        "created_on": BIRTH, "modified_on": BIRTH, "activated_on": BIRTH
    });
    with(json!(zone), more)
}

/// A wire value with the fields that the client does not read.
fn with(mut value: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut value, more) {
        fields.extend(more);
    }
    value
}
