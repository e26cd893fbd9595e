//! The endpoints of tokens, the user's and an account's: list, create, get, replace, delete, roll, verify,
//! permission groups.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::access::Caller;
use super::context::RequestContext;
use super::error_reply::ErrorReply;
use super::groups;
use super::mint;
use super::owner::EmulatorOwner;
use super::reply::{CountsPages, PageRequest, Reply};
use super::resource::{AccessTarget, USER_SCOPE};
use super::route::TokenRoute;
use super::rules::Judge;
use super::settings::{ConditionKey, NameFilter, Order, Revival, SecretFormat, Switches, Verdict};
use super::state::{ACTIVE, DISABLED, EXPIRED, StoredToken};
use super::world::{LEGACY_EMAIL, USER_ID};
use super::write;
use crate::cloudflare::wire::{ApiPermissionGroup, ApiPolicy, Deleted, Token, TokenWrite, Verification};
use crate::secret::Secret;

/// How many tokens a user can have.
const USER_QUOTA: usize = 50;
/// How many tokens an account can have.
const ACCOUNT_QUOTA: usize = 500;

/// Answers a request to an endpoint of tokens.
pub(super) fn answer(
    context: &mut RequestContext<'_>,
    owner: &EmulatorOwner,
    route: &TokenRoute,
) -> Result<Reply, ErrorReply> {
    match route {
        TokenRoute::Verify => return verify(context),
        TokenRoute::List | TokenRoute::Get(_) | TokenRoute::PermissionGroups => {
            authorize(context, owner, Need::Read)?;
        }
        _ => authorize(context, owner, Need::Write)?,
    }
    match route {
        TokenRoute::List => list(context, owner),
        TokenRoute::Create => create(context, owner),
        TokenRoute::Get(id) => get(context, owner, id),
        TokenRoute::Replace(id) => replace(context, owner, id),
        TokenRoute::Delete(id) => delete(context, owner, id),
        TokenRoute::Roll(id) => roll(context, owner, id),
        TokenRoute::PermissionGroups => Ok(permission_groups(context, owner)),
        TokenRoute::Verify => verify(context),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Read,
    Write,
}

fn authorize(context: &RequestContext<'_>, owner: &EmulatorOwner, need: Need) -> Result<(), ErrorReply> {
    let (read, write, target) = match owner {
        EmulatorOwner::User if context.caller.is_account_owned() => return Err(ErrorReply::UserLevel),
        EmulatorOwner::User => (groups::TOKENS_READ, groups::TOKENS_WRITE, AccessTarget::User(USER_ID)),
        EmulatorOwner::Account(id) if context.state.account(id).is_none() => {
            return Err(ErrorReply::Unauthorized);
        }
        EmulatorOwner::Account(id) => {
            (groups::ACCOUNT_TOKENS_READ, groups::ACCOUNT_TOKENS_WRITE, AccessTarget::Account(id))
        }
    };
    let enough: &[&str] = if need == Need::Read { &[read, write] } else { &[write] };
    if context.caller.holds(enough, target) { Ok(()) } else { Err(ErrorReply::Unauthorized) }
}

fn list(context: &mut RequestContext<'_>, owner: &EmulatorOwner) -> Result<Reply, ErrorReply> {
    let page = PageRequest::read(context.query)?;
    let page = page.at_most(context.switches.longest_page);
    let lags = context.oddities.lags();
    let context = &*context;
    let with_expired = context.query.get("include_expired") == Some("true");
    let listed = |stored: &&StoredToken| {
        stored.owner == *owner
            && (with_expired || stored.status(context.now) != EXPIRED)
            && context
                .query
                .get("name")
                .is_none_or(|name| is_named(stored, name, context.switches.name_filter))
    };
    let tokens = if lags { context.state.tokens_before() } else { context.state.tokens.iter().collect() };
    let mut rows: Vec<&StoredToken> = tokens.into_iter().filter(listed).collect();
    if context.query.get("direction") == Some("desc") {
        rows.reverse();
    }
    Ok(Reply::page_of(rows, page, CountsPages::No, |stored| shown(context, stored)))
}

fn is_named(stored: &StoredToken, name: &str, filter: NameFilter) -> bool {
    match filter {
        NameFilter::Exact => stored.token.name == name,
        NameFilter::Contains => stored.token.name.to_lowercase().contains(&name.to_lowercase()),
        NameFilter::Ignored => true,
    }
}

fn get(context: &RequestContext<'_>, owner: &EmulatorOwner, id: &str) -> Result<Reply, ErrorReply> {
    let stored = context.state.find(owner, id).ok_or(ErrorReply::TokenNotFound)?;
    Ok(Reply::result(shown(context, stored)))
}

fn create(context: &mut RequestContext<'_>, owner: &EmulatorOwner) -> Result<Reply, ErrorReply> {
    let mut write = accepted(context, owner, None)?;
    let most = if *owner == EmulatorOwner::User { USER_QUOTA } else { ACCOUNT_QUOTA };
    let lives = |stored: &&StoredToken| stored.owner == *owner && stored.status(context.now) != EXPIRED;
    if context.state.tokens.iter().filter(lives).count() >= most {
        return Err(ErrorReply::Quota(most));
    }
    number_policies(context, &mut write.policies);
    let secret = mint(context, owner, context.switches.new_secrets);
    let token = Token {
        id: context.state.draw_id(context.random()),
        name: write.name,
        status: ACTIVE.to_owned(),
        policies: write.policies,
        condition: write.condition,
        not_before: write.not_before,
        expires_on: write.expires_on,
        issued_on: Some(context.now),
        modified_on: Some(context.now),
        last_used_on: None,
    };
    let stored = StoredToken {
        creator_email: matches!(owner, EmulatorOwner::Account(_)).then(|| LEGACY_EMAIL.to_owned()),
        owner: owner.clone(),
        secret_sha256: mint::sha256(secret.expose().as_bytes()),
        works_from: works_from(context),
        managed: false,
        token,
    };
    let mut result = shown(context, &stored);
    result["value"] = json!(secret.expose());
    context.state.note_token(&stored.token.id);
    context.state.tokens.push(stored);
    context.state.changed();
    Ok(Reply::result(result))
}

/// A replacement keeps the id, the secret and the dates of the past; what the body leaves out is gone. The
/// status stays where the body is silent, and a token revoked as exposed stays revoked.
fn replace(context: &mut RequestContext<'_>, owner: &EmulatorOwner, id: &str) -> Result<Reply, ErrorReply> {
    let stored = context.state.find(owner, id).ok_or(ErrorReply::TokenNotFound)?.clone();
    let now = context.now;
    let (was_expired, revival) = (stored.status(now) == EXPIRED, context.switches.revive_expired);
    if was_expired && revival == Revival::Refused {
        return Err(ErrorReply::TokenNotFound);
    }
    let mut write = accepted(context, owner, Some(&stored))?;
    number_policies(context, &mut write.policies);
    context.state.note_token(id);
    let stored = context.state.find_mut(owner, id).ok_or(ErrorReply::TokenNotFound)?;
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
    context.state.changed();
    get(context, owner, id)
}

fn delete(context: &mut RequestContext<'_>, owner: &EmulatorOwner, id: &str) -> Result<Reply, ErrorReply> {
    if context.state.find(owner, id).ok_or(ErrorReply::TokenNotFound)?.managed {
        return Err(ErrorReply::Managed);
    }
    context.state.note_token(id);
    context.state.tokens.retain(|stored| stored.token.id != id);
    context.state.changed();
    Ok(Reply::result(Deleted { id: id.to_owned() }))
}

fn roll(context: &mut RequestContext<'_>, owner: &EmulatorOwner, id: &str) -> Result<Reply, ErrorReply> {
    if !context.body.is_empty() || context.switches.roll_without_body == Verdict::Refused {
        write::object(context.body)?;
    }
    context.state.find(owner, id).ok_or(ErrorReply::TokenNotFound)?;
    let secret = mint(context, owner, SecretFormat::Prefixed);
    let from = works_from(context);
    let now = context.now;
    context.state.note_token(id);
    let stored = context.state.find_mut(owner, id).ok_or(ErrorReply::TokenNotFound)?;
    stored.secret_sha256 = mint::sha256(secret.expose().as_bytes());
    stored.works_from = from;
    stored.token.modified_on = Some(now);
    context.state.changed();
    Ok(Reply::result(secret.expose()))
}

/// Authentication has refused every caller that this could not speak of.
fn verify(context: &RequestContext<'_>) -> Result<Reply, ErrorReply> {
    let Caller::Token { id, owner, .. } = context.caller else {
        return Err(ErrorReply::NoAuthorizationHeader);
    };
    let stored = context.state.find(owner, id).ok_or(ErrorReply::InvalidToken)?;
    let status = stored.status(context.now);
    let verification = Verification {
        id: id.clone(),
        status: status.to_owned(),
        not_before: stored.token.not_before,
        expires_on: stored.token.expires_on,
    };
    Ok(match status {
        ACTIVE if !stored.is_early(context.now) => {
            Reply::with_message(verification, 10000, "This API Token is valid and active")
        }
        _ => Reply::result(verification),
    })
}

/// The whole list in one answer, whatever page is asked for; both filters are exact.
fn permission_groups(context: &RequestContext<'_>, owner: &EmulatorOwner) -> Reply {
    let fits = |filter: Option<&str>, text: &str| filter.is_none_or(|filter| filter == text);
    let judge = Judge {
        state: context.state,
        switches: context.switches,
        caller: context.caller,
        owner,
        replaced: None,
    };
    let rows: Vec<ApiPermissionGroup> = groups::all()
        .iter()
        .filter(|group| *owner == EmulatorOwner::User || group.scope != USER_SCOPE)
        .filter(|group| fits(context.query.get("name"), group.name))
        .filter(|group| fits(context.query.get("scope"), group.scope))
        .map(|group| group.listed(judge.may_grant(group)))
        .collect();
    Reply::whole_list(rows)
}

/// The body, once every rule has been kept.
fn accepted(
    context: &RequestContext<'_>,
    owner: &EmulatorOwner,
    replaced: Option<&StoredToken>,
) -> Result<TokenWrite, ErrorReply> {
    let mut write = write::read(context.body)?;
    let judge =
        Judge { state: context.state, switches: context.switches, caller: context.caller, owner, replaced };
    write.policies = judge.policies(write.policies)?;
    if write.expires_on.is_some_and(|end| end <= context.now)
        && context.switches.past_expiry == Verdict::Refused
    {
        return Err(ErrorReply::Malformed { field: "expires_on", must: "be in the future" });
    }
    Ok(write)
}

fn number_policies(context: &mut RequestContext<'_>, policies: &mut [ApiPolicy]) {
    for policy in policies.iter_mut().filter(|policy| policy.id.is_none()) {
        policy.id = Some(context.state.draw_id(context.random()));
    }
}

fn mint(context: &mut RequestContext<'_>, owner: &EmulatorOwner, form: SecretFormat) -> Secret {
    let random = context.state.draw(context.random());
    mint::secret(owner, form, &random)
}

/// When a secret made now has reached the edge. A delay beyond all time counts as none.
fn works_from(context: &RequestContext<'_>) -> Option<chrono::DateTime<chrono::Utc>> {
    let delay = TimeDelta::from_std(context.settings.propagation).ok().filter(|delay| !delay.is_zero())?;
    context.now.checked_add_signed(delay)
}

/// A token as answers show it: never its secret, and in another order than it was sent.
fn shown(context: &RequestContext<'_>, stored: &StoredToken) -> Value {
    let mut token = stored.token.clone();
    stored.status(context.now).clone_into(&mut token.status);
    if context.switches.order == Order::Shuffled {
        token.policies.reverse();
        token.policies.iter_mut().for_each(|policy| policy.permission_groups.reverse());
    }
    let mut value = json!(token);
    respell(&mut value, context.switches);
    if let Some(email) = &stored.creator_email {
        value["creator_email_at_creation"] = json!(email);
    }
    context.oddities.row(&token.id, value)
}

fn respell(token: &mut Value, switches: &Switches) {
    if switches.condition_key == ConditionKey::Dot
        && let Some(condition) = token.get_mut("condition").and_then(Value::as_object_mut)
        && let Some(rule) = condition.remove("request_ip")
    {
        condition.insert("request.ip".to_owned(), rule);
    }
}
