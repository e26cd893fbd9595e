//! The requests cfmint makes: method, path, and what a person calls each.
//!
//! Source: <https://developers.cloudflare.com/api/resources/user/subresources/tokens/> and its siblings.

use http::Method;

/// Whose tokens a request is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenOwner {
    /// The user behind the credential.
    User,
    /// An account, by id.
    Account(String),
}

impl TokenOwner {
    /// How many tokens it can have: <https://developers.cloudflare.com/fundamentals/api/reference/limits/>.
    #[must_use]
    pub fn quota(&self) -> usize {
        match self {
            Self::User => 50,
            Self::Account(_) => 500,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::User => "/user/tokens".to_owned(),
            Self::Account(id) => format!("/accounts/{id}/tokens"),
        }
    }
}

/// One of the requests of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A page of the owner's tokens.
    ListTokens(TokenOwner),
    /// Makes a token.
    CreateToken(TokenOwner),
    /// One token.
    GetToken(TokenOwner, String),
    /// Replaces all of a token but its id and value.
    UpdateToken(TokenOwner, String),
    /// Ends a token at once.
    DeleteToken(TokenOwner, String),
    /// Which token am I?
    VerifyToken(TokenOwner),
    /// A new value for the same token; the old one dies at once.
    RollToken(TokenOwner, String),
    /// The permission groups there are.
    PermissionGroups(TokenOwner),
    /// A page of the accounts the credential sees.
    Accounts,
    /// A page of the zones the credential sees.
    Zones,
    /// One zone.
    Zone(String),
    /// The Workers of an account.
    WorkerScripts(String),
    /// The user behind the credential.
    User,
    /// A read of a product, by its path; what it answers is no matter.
    Read(String),
}

/// Whether a request changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestEffect {
    /// It does not: it may be sent again.
    Read,
    /// It does: an answer that was lost must be looked for.
    Write,
}

impl Endpoint {
    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> Method {
        match self {
            Self::CreateToken(_) => Method::POST,
            Self::UpdateToken(..) | Self::RollToken(..) => Method::PUT,
            Self::DeleteToken(..) => Method::DELETE,
            _ => Method::GET,
        }
    }

    /// Whether it changes anything.
    #[must_use]
    pub fn effect(&self) -> RequestEffect {
        if self.method() == Method::GET { RequestEffect::Read } else { RequestEffect::Write }
    }

    /// The path below the API base.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::ListTokens(owner) | Self::CreateToken(owner) => owner.path(),
            Self::GetToken(owner, id) | Self::UpdateToken(owner, id) | Self::DeleteToken(owner, id) => {
                format!("{}/{id}", owner.path())
            }
            Self::VerifyToken(owner) => format!("{}/verify", owner.path()),
            Self::RollToken(owner, id) => format!("{}/{id}/value", owner.path()),
            Self::PermissionGroups(owner) => format!("{}/permission_groups", owner.path()),
            Self::Accounts => "/accounts".to_owned(),
            Self::Zones => "/zones".to_owned(),
            Self::Zone(id) => format!("/zones/{id}"),
            Self::WorkerScripts(account) => format!("/accounts/{account}/workers/scripts"),
            Self::User => "/user".to_owned(),
            Self::Read(path) => path.clone(),
        }
    }

    /// What it does, to follow "could not".
    #[must_use]
    pub fn purpose(&self) -> &'static str {
        match self {
            Self::ListTokens(_) => "list the tokens",
            Self::CreateToken(_) => "create the token",
            Self::GetToken(..) => "read the token",
            Self::UpdateToken(..) => "update the token",
            Self::DeleteToken(..) => "delete the token",
            Self::VerifyToken(_) => "verify the secret",
            Self::RollToken(..) => "roll the token",
            Self::PermissionGroups(_) => "list the permission groups",
            Self::Accounts => "list the accounts",
            Self::Zones => "list the zones",
            Self::Zone(_) => "read the zone",
            Self::WorkerScripts(_) => "list the Workers",
            Self::User => "read the user",
            Self::Read(_) => "read",
        }
    }

    /// Whose tokens it is about, where it is about tokens.
    #[must_use]
    pub fn owner(&self) -> Option<&TokenOwner> {
        match self {
            Self::ListTokens(owner)
            | Self::CreateToken(owner)
            | Self::GetToken(owner, _)
            | Self::UpdateToken(owner, _)
            | Self::DeleteToken(owner, _)
            | Self::VerifyToken(owner)
            | Self::RollToken(owner, _)
            | Self::PermissionGroups(owner) => Some(owner),
            Self::Accounts
            | Self::Zones
            | Self::Zone(_)
            | Self::WorkerScripts(_)
            | Self::User
            | Self::Read(_) => None,
        }
    }
}
