//! The endpoints of tokens, the user's and an account's: list, create, get, replace, delete, roll, verify,
//! permission groups.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::access::Caller;
use super::groups;
use super::mint;
use super::refusal::Refusal;
use super::reply::{CountsPages, Page, Reply};
use super::resource::{Target, USER_SCOPE};
use super::route::TokenRoute;
use super::rules::Judge;
use super::server::Visit;
use super::settings::{ConditionKey, NameFilter, Order, Revival, SecretForm, Switches, Verdict};
use super::state::{ACTIVE, DISABLED, EXPIRED, Owner, StoredToken};
use super::world::{LEGACY_EMAIL, USER_ID};
use super::write;
use crate::cloudflare::wire::{Deleted, PermissionGroup, Policy, Token, TokenWrite, Verification};
use crate::secret::Secret;

/// How many tokens a user can have.
const USER_QUOTA: usize = 50;
/// How many tokens an account can have.
const ACCOUNT_QUOTA: usize = 500;

/// Answers a request to an endpoint of tokens.
pub(super) fn answer(visit: &mut Visit<'_>, owner: &Owner, route: &TokenRoute) -> Result<Reply, Refusal> {
    match route {
        TokenRoute::Verify => return verify(visit),
        TokenRoute::List | TokenRoute::Get(_) | TokenRoute::PermissionGroups => {
            authorize(visit, owner, Need::Read)?;
        }
        _ => authorize(visit, owner, Need::Write)?,
    }
    match route {
        TokenRoute::List => list(visit, owner),
        TokenRoute::Create => create(visit, owner),
        TokenRoute::Get(id) => get(visit, owner, id),
        TokenRoute::Replace(id) => replace(visit, owner, id),
        TokenRoute::Delete(id) => delete(visit, owner, id),
        TokenRoute::Roll(id) => roll(visit, owner, id),
        TokenRoute::PermissionGroups => Ok(permission_groups(visit, owner)),
        TokenRoute::Verify => verify(visit),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Read,
    Write,
}

fn authorize(visit: &Visit<'_>, owner: &Owner, need: Need) -> Result<(), Refusal> {
    let (read, write, target) = match owner {
        Owner::User if visit.caller.is_account_owned() => return Err(Refusal::UserLevel),
        Owner::User => (groups::TOKENS_READ, groups::TOKENS_WRITE, Target::User(USER_ID)),
        Owner::Account(id) if visit.state.account(id).is_none() => return Err(Refusal::Unauthorized),
        Owner::Account(id) => {
            (groups::ACCOUNT_TOKENS_READ, groups::ACCOUNT_TOKENS_WRITE, Target::Account(id))
        }
    };
    let enough: &[&str] = if need == Need::Read { &[read, write] } else { &[write] };
    if visit.caller.holds(enough, target) { Ok(()) } else { Err(Refusal::Unauthorized) }
}

fn list(visit: &mut Visit<'_>, owner: &Owner) -> Result<Reply, Refusal> {
    let page = Page::read(visit.query)?;
    let page = page.at_most(visit.switches.longest_page);
    let lags = visit.oddities.lags();
    let visit = &*visit;
    let with_expired = visit.query.get("include_expired") == Some("true");
    let listed = |stored: &&StoredToken| {
        stored.owner == *owner
            && (with_expired || stored.status(visit.now) != EXPIRED)
            && visit.query.get("name").is_none_or(|name| is_named(stored, name, visit.switches.name_filter))
    };
    let tokens = if lags { visit.state.tokens_before() } else { visit.state.tokens.iter().collect() };
    let mut rows: Vec<&StoredToken> = tokens.into_iter().filter(listed).collect();
    if visit.query.get("direction") == Some("desc") {
        rows.reverse();
    }
    Ok(Reply::page_of(rows, page, CountsPages::No, |stored| shown(visit, stored)))
}

fn is_named(stored: &StoredToken, name: &str, filter: NameFilter) -> bool {
    match filter {
        NameFilter::Exact => stored.token.name == name,
        NameFilter::Contains => stored.token.name.to_lowercase().contains(&name.to_lowercase()),
        NameFilter::Ignored => true,
    }
}

fn get(visit: &Visit<'_>, owner: &Owner, id: &str) -> Result<Reply, Refusal> {
    let stored = visit.state.find(owner, id).ok_or(Refusal::TokenNotFound)?;
    Ok(Reply::result(shown(visit, stored)))
}

fn create(visit: &mut Visit<'_>, owner: &Owner) -> Result<Reply, Refusal> {
    let mut write = accepted(visit, owner, None)?;
    let most = if *owner == Owner::User { USER_QUOTA } else { ACCOUNT_QUOTA };
    let lives = |stored: &&StoredToken| stored.owner == *owner && stored.status(visit.now) != EXPIRED;
    if visit.state.tokens.iter().filter(lives).count() >= most {
        return Err(Refusal::Quota(most));
    }
    number_policies(visit, &mut write.policies);
    let secret = mint(visit, owner, visit.switches.new_secrets);
    let token = Token {
        id: visit.state.draw_id(visit.random()),
        name: write.name,
        status: ACTIVE.to_owned(),
        policies: write.policies,
        condition: write.condition,
        not_before: write.not_before,
        expires_on: write.expires_on,
        issued_on: Some(visit.now),
        modified_on: Some(visit.now),
        last_used_on: None,
    };
    let stored = StoredToken {
        creator_email: matches!(owner, Owner::Account(_)).then(|| LEGACY_EMAIL.to_owned()),
        owner: owner.clone(),
        secret_sha256: mint::sha256(secret.expose().as_bytes()),
        works_from: works_from(visit),
        managed: false,
        token,
    };
    let mut result = shown(visit, &stored);
    result["value"] = json!(secret.expose());
    visit.state.note_token(&stored.token.id);
    visit.state.tokens.push(stored);
    visit.state.changed();
    Ok(Reply::result(result))
}

/// A replacement keeps the id, the secret and the dates of the past; what the body leaves out is gone. The
/// status stays where the body is silent, and a token revoked as exposed stays revoked.
fn replace(visit: &mut Visit<'_>, owner: &Owner, id: &str) -> Result<Reply, Refusal> {
    let stored = visit.state.find(owner, id).ok_or(Refusal::TokenNotFound)?.clone();
    let now = visit.now;
    let (was_expired, revival) = (stored.status(now) == EXPIRED, visit.switches.revive_expired);
    if was_expired && revival == Revival::Refused {
        return Err(Refusal::TokenNotFound);
    }
    let mut write = accepted(visit, owner, Some(&stored))?;
    number_policies(visit, &mut write.policies);
    visit.state.note_token(id);
    let stored = visit.state.find_mut(owner, id).ok_or(Refusal::TokenNotFound)?;
    let token = &mut stored.token;
    token.name = write.name;
    token.policies = write.policies;
    token.condition = write.condition;
    token.not_before = write.not_before;
    token.expires_on = write.expires_on;
    token.modified_on = Some(now);
    if let Some(status) = write.status
        && matches!(token.status.as_str(), ACTIVE | DISABLED)
    {
        token.status = status;
    }
    if was_expired && revival == Revival::StaysExpired {
        EXPIRED.clone_into(&mut token.status);
    }
    visit.state.changed();
    get(visit, owner, id)
}

fn delete(visit: &mut Visit<'_>, owner: &Owner, id: &str) -> Result<Reply, Refusal> {
    if visit.state.find(owner, id).ok_or(Refusal::TokenNotFound)?.managed {
        return Err(Refusal::Managed);
    }
    visit.state.note_token(id);
    visit.state.tokens.retain(|stored| stored.token.id != id);
    visit.state.changed();
    Ok(Reply::result(Deleted { id: id.to_owned() }))
}

fn roll(visit: &mut Visit<'_>, owner: &Owner, id: &str) -> Result<Reply, Refusal> {
    if !visit.body.is_empty() || visit.switches.roll_without_body == Verdict::Refused {
        write::object(visit.body)?;
    }
    visit.state.find(owner, id).ok_or(Refusal::TokenNotFound)?;
    let secret = mint(visit, owner, SecretForm::Prefixed);
    let from = works_from(visit);
    let now = visit.now;
    visit.state.note_token(id);
    let stored = visit.state.find_mut(owner, id).ok_or(Refusal::TokenNotFound)?;
    stored.secret_sha256 = mint::sha256(secret.expose().as_bytes());
    stored.works_from = from;
    stored.token.modified_on = Some(now);
    visit.state.changed();
    Ok(Reply::result(secret.expose()))
}

/// The gate has refused every caller that this could not speak of.
fn verify(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    let Caller::Token { id, owner, .. } = visit.caller else { return Err(Refusal::NoAuthorizationHeader) };
    let stored = visit.state.find(owner, id).ok_or(Refusal::InvalidToken)?;
    let status = stored.status(visit.now);
    let verification = Verification {
        id: id.clone(),
        status: status.to_owned(),
        not_before: stored.token.not_before,
        expires_on: stored.token.expires_on,
    };
    Ok(match status {
        ACTIVE if !stored.is_early(visit.now) => {
            Reply::with_message(verification, 10000, "This API Token is valid and active")
        }
        _ => Reply::result(verification),
    })
}

/// The whole list in one answer, whatever page is asked for; both filters are exact.
fn permission_groups(visit: &Visit<'_>, owner: &Owner) -> Reply {
    let fits = |filter: Option<&str>, text: &str| filter.is_none_or(|filter| filter == text);
    let rows: Vec<PermissionGroup> = groups::all()
        .iter()
        .filter(|group| *owner == Owner::User || group.scope != USER_SCOPE)
        .filter(|group| fits(visit.query.get("name"), group.name))
        .filter(|group| fits(visit.query.get("scope"), group.scope))
        .map(groups::Group::listed)
        .collect();
    Reply::whole_list(rows)
}

/// The body, once every rule has been kept.
fn accepted(visit: &Visit<'_>, owner: &Owner, replaced: Option<&StoredToken>) -> Result<TokenWrite, Refusal> {
    let mut write = write::read(visit.body)?;
    let judge = Judge { state: visit.state, switches: visit.switches, caller: visit.caller, owner, replaced };
    write.policies = judge.policies(write.policies)?;
    if write.expires_on.is_some_and(|end| end <= visit.now) && visit.switches.past_expiry == Verdict::Refused
    {
        return Err(Refusal::Malformed { field: "expires_on", must: "be in the future" });
    }
    Ok(write)
}

fn number_policies(visit: &mut Visit<'_>, policies: &mut [Policy]) {
    for policy in policies.iter_mut().filter(|policy| policy.id.is_none()) {
        policy.id = Some(visit.state.draw_id(visit.random()));
    }
}

fn mint(visit: &mut Visit<'_>, owner: &Owner, form: SecretForm) -> Secret {
    let random = visit.state.draw(visit.random());
    mint::secret(owner, form, &random)
}

/// When a secret made now has reached the edge. A delay beyond all time counts as none.
fn works_from(visit: &Visit<'_>) -> Option<chrono::DateTime<chrono::Utc>> {
    let delay = TimeDelta::from_std(visit.settings.propagation).ok().filter(|delay| !delay.is_zero())?;
    visit.now.checked_add_signed(delay)
}

/// A token as answers show it: never its secret, and in another order than it was sent.
fn shown(visit: &Visit<'_>, stored: &StoredToken) -> Value {
    let mut token = stored.token.clone();
    stored.status(visit.now).clone_into(&mut token.status);
    if visit.switches.order == Order::Shuffled {
        token.policies.reverse();
        token.policies.iter_mut().for_each(|policy| policy.permission_groups.reverse());
    }
    let mut value = json!(token);
    respell(&mut value, visit.switches);
    if let Some(email) = &stored.creator_email {
        value["creator_email_at_creation"] = json!(email);
    }
    visit.oddities.row(&token.id, value)
}

fn respell(token: &mut Value, switches: &Switches) {
    if switches.condition_key == ConditionKey::Dot
        && let Some(condition) = token.get_mut("condition").and_then(Value::as_object_mut)
        && let Some(rule) = condition.remove("request_ip")
    {
        condition.insert("request.ip".to_owned(), rule);
    }
}
