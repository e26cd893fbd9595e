//! The operations of Cloudflare's products -> who may ask, and an empty answer.
//!
//! In: a request that was let in, for an operation that the emulator has no route of its own for. Out: 403 with code 10000
//! and the page of the endpoint, where the caller holds none of the groups that the catalogue's table accepts on the
//! account, zone or user that the path names; else a success without content: an empty list where the path is one of a
//! list, an empty object otherwise, but for the few answers of [`content`](mod@super::content). Writes are judged and answered in the same way and change nothing: no product is
//! here, so that nothing that was written can be read again.

use serde_json::json;

use super::access::Caller;
use super::content::content;
use super::context::RequestContext;
use super::error_reply::ErrorReply;
use super::groups;
use super::product::ProductRequest;
use super::reply::{CountsPages, PageRequest, Reply};
use super::resource::AccessTarget;
use super::state::State;
use super::world::USER_ID;
use crate::catalogue::{KnownGroup, Scope};
use crate::cloudflare::wire::Zone;

/// Answers an operation of a product.
pub(super) fn answer(context: &RequestContext<'_>, request: &ProductRequest) -> Result<Reply, ErrorReply> {
    let scope = request.operation.scope();
    if scope == Some(Scope::User) && context.caller.is_account_owned() {
        return Err(ErrorReply::UserLevel);
    }
    if !is_allowed(context.state, context.caller, request) {
        return Err(ErrorReply::LacksPermission);
    }
    if let Some(content) = content(request.operation) {
        return Ok(Reply::result(content));
    }
    Ok(if request.asks_for_a_list() {
        Reply::page(Vec::new(), PageRequest::FIRST, CountsPages::Yes)
    } else {
        Reply::result(json!({}))
    })
}

/// Whether the caller holds one of the accepted groups where the path says. An account or a zone that does not exist, or
/// the id of one in the place of the other, is refused like one that the caller may not touch.
fn is_allowed(state: &State, caller: &Caller, request: &ProductRequest) -> bool {
    let zone = request.zone.as_deref().map(|id| state.zone(id));
    let account = request.account.as_deref().map(|id| state.account(id));
    if zone == Some(None) || account == Some(None) {
        return false;
    }
    let zone = zone.flatten();
    let account = account.flatten().or(zone.map(|zone| &zone.account)).map(|account| account.id.as_str());
    let accounts = state.accounts.iter().filter(|one| account.is_none_or(|id| one.id == id));
    let is_meant = |one: &&Zone| {
        zone.is_none_or(|zone| one.id == zone.id) && account.is_none_or(|id| one.account.id == id)
    };
    let zones = state.zones.iter().filter(is_meant);
    let holds = |group: &KnownGroup| {
        let Some(id) = served_id(group) else { return false };
        match group.scopes.first() {
            Some(Scope::User) => caller.holds(&[id], AccessTarget::User(USER_ID)),
            Some(Scope::Account) => {
                accounts.clone().any(|one| caller.holds(&[id], AccessTarget::Account(&one.id)))
            }
            Some(Scope::Zone) => zones.clone().any(|one| {
                caller.holds(&[id], AccessTarget::Zone { account: &one.account.id, zone: &one.id })
            }),
            _ => false,
        }
    };
    request.accepted().known().any(holds)
}

/// The id under which the emulator knows a group of the catalogue's.
fn served_id(group: &KnownGroup) -> Option<&str> {
    let is_it = |served: &&groups::ServedGroup| {
        served.name == group.name && group.scopes.iter().any(|scope| scope.key() == served.scope)
    };
    group.id.as_deref().or_else(|| groups::all().iter().find(is_it).map(|served| served.id))
}
