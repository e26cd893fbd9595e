//! A method and a path -> the endpoint they mean, or code 7000 or 7003.

use axum::extract::Query as UriQuery;
use http::{Method, Uri};

use super::error_reply::ErrorReply;
use super::owner::EmulatorOwner;
use super::product::ProductRequest;
use super::resource::is_id;

/// What precedes every path.
pub(super) const BASE: &str = "/client/v4";

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// The tokens of an owner.
    Tokens(EmulatorOwner, TokenRoute),
    /// The accounts that the caller sees.
    Accounts,
    /// One account.
    Account(String),
    /// The Workers of an account.
    WorkerScripts(String),
    /// The R2 buckets of an account.
    Buckets(String),
    /// One Worker of an account, as Wrangler asks for it; no documentation has it.
    WorkerService(String),
    /// The zones that the caller sees.
    Zones,
    /// One zone.
    Zone(String),
    /// The user.
    User,
    /// The accounts the user is a member of.
    Memberships,
    /// An operation of a product.
    Product(ProductRequest),
}

/// An endpoint below `…/tokens`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenRoute {
    /// A page of the tokens.
    List,
    /// A new token.
    Create,
    /// One token.
    Get(String),
    /// All of one token replaced but its id and secret.
    Replace(String),
    /// One token gone.
    Delete(String),
    /// A new secret for one token.
    Roll(String),
    /// The token that asks.
    Verify,
    /// What tokens can hold.
    PermissionGroups,
}

impl Route {
    /// The endpoint at a path.
    pub(super) fn find(method: &Method, path: &str) -> Result<Self, ErrorReply> {
        // Where GET answers, HEAD does too.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let tail =
            path.strip_prefix(BASE).and_then(|tail| tail.strip_prefix('/')).ok_or(ErrorReply::NoRoute)?;
        let parts: Vec<&str> = tail.split('/').collect();
        let id = |text: &str| {
            Some(text)
                .filter(|id| is_id(id))
                .map(str::to_owned)
                .ok_or(ErrorReply::Unroutable(path.to_owned()))
        };
        match (method, parts.as_slice()) {
            (&Method::GET, ["user"]) => Ok(Self::User),
            (_, ["user", "tokens", rest @ ..]) => {
                TokenRoute::find(method, rest, id).map(|route| Self::Tokens(EmulatorOwner::User, route))
            }
            (&Method::GET, ["accounts"]) => Ok(Self::Accounts),
            (&Method::GET, ["accounts", account]) => id(account).map(Self::Account),
            (&Method::GET, ["accounts", account, "workers", "scripts"]) => {
                id(account).map(Self::WorkerScripts)
            }
            (&Method::GET, ["accounts", account, "r2", "buckets"]) => id(account).map(Self::Buckets),
            (&Method::GET, ["accounts", account, "workers", "services", _]) => {
                id(account).map(Self::WorkerService)
            }
            (_, ["accounts", account, "tokens", rest @ ..]) => {
                let owner = EmulatorOwner::Account(id(account)?);
                TokenRoute::find(method, rest, id).map(|route| Self::Tokens(owner, route))
            }
            (&Method::GET, ["memberships"]) => Ok(Self::Memberships),
            (&Method::GET, ["zones"]) => Ok(Self::Zones),
            (&Method::GET, ["zones", zone]) => id(zone).map(Self::Zone),
            _ => {
                let request = ProductRequest::find(method, tail).ok_or(ErrorReply::NoRoute)?;
                for named in [&request.account, &request.zone].into_iter().flatten() {
                    id(named)?;
                }
                Ok(Self::Product(request))
            }
        }
    }

    /// The page that describes it.
    pub(super) fn documentation(&self) -> String {
        let page = match self {
            Self::Tokens(owner, route) => {
                let owner = if *owner == EmulatorOwner::User { "user" } else { "accounts" };
                format!("{owner}/subresources/tokens/{}", route.page())
            }
            Self::Accounts => "accounts/methods/list".to_owned(),
            Self::Account(_) => "accounts/methods/get".to_owned(),
            Self::WorkerScripts(_) | Self::WorkerService(_) => {
                "workers/subresources/scripts/methods/list".to_owned()
            }
            Self::Buckets(_) => "r2/subresources/buckets/methods/list".to_owned(),
            Self::Zones => "zones/methods/list".to_owned(),
            Self::Zone(_) => "zones/methods/get".to_owned(),
            Self::User => "user/methods/get".to_owned(),
            Self::Memberships => "memberships/methods/list".to_owned(),
            Self::Product(request) => request.page(),
        };
        format!("https://developers.cloudflare.com/api/resources/{page}/")
    }

    /// Whether it is a `verify`, which answers bad credentials in its own way.
    pub(super) fn is_verify(&self) -> bool {
        matches!(self, Self::Tokens(_, TokenRoute::Verify))
    }
}

impl TokenRoute {
    fn find(
        method: &Method,
        rest: &[&str],
        id: impl Fn(&str) -> Result<String, ErrorReply>,
    ) -> Result<Self, ErrorReply> {
        match (method, rest) {
            (&Method::GET, []) => Ok(Self::List),
            (&Method::POST, []) => Ok(Self::Create),
            (&Method::GET, ["verify"]) => Ok(Self::Verify),
            (&Method::GET, ["permission_groups"]) => Ok(Self::PermissionGroups),
            (&Method::GET, [token]) => id(token).map(Self::Get),
            (&Method::PUT, [token]) => id(token).map(Self::Replace),
            (&Method::DELETE, [token]) => id(token).map(Self::Delete),
            (&Method::PUT, [token, "value"]) => id(token).map(Self::Roll),
            _ => Err(ErrorReply::NoRoute),
        }
    }

    fn page(&self) -> &'static str {
        match self {
            Self::List => "methods/list",
            Self::Create => "methods/create",
            Self::Get(_) => "methods/get",
            Self::Replace(_) => "methods/update",
            Self::Delete(_) => "methods/delete",
            Self::Roll(_) => "subresources/value/methods/update",
            Self::Verify => "methods/verify",
            Self::PermissionGroups => "subresources/permission_groups/methods/list",
        }
    }
}

/// The decoded pairs of a query string.
#[derive(Debug, Clone, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads them; a query that cannot be read counts as empty.
    pub(super) fn read(uri: &Uri) -> Self {
        Self(UriQuery::try_from_uri(uri).map(|UriQuery(pairs)| pairs).unwrap_or_default())
    }

    /// The first value under a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
