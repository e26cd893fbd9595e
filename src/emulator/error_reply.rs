//! Every way in which the emulator says no -> status, code and words of Cloudflare's answer.
//!
//! Where no source has the words (quotas, unknown groups, malformed JSON) they are the emulator's own; a
//! client must not depend on them.

use std::net::IpAddr;

use http::StatusCode;
use serde_json::{Value, json};

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ErrorReply {
    /// No credential was sent.
    NoCredential,
    /// The `Authorization` header is not `Bearer` and a token.
    BearerFormat,
    /// The `X-Auth-Email` header is no address.
    EmailFormat,
    /// The `X-Auth-Key` header is no key, or stands beside `Authorization`.
    KeyFormat,
    /// No user has this address and key.
    UnknownKey,
    /// `verify` was asked about a token it does not know, or of the other kind of owner.
    InvalidToken,
    /// A token that does not work, at any other endpoint.
    DeadToken,
    /// A token that the edge does not know yet.
    NotYetKnown,
    /// The token's condition shuts this address out.
    Location(IpAddr),
    /// This address showed too many bad credentials.
    TooManyFailures,
    /// The user's own endpoint was asked by an account's token.
    UserLevel,
    /// The memberships were asked by an account's token.
    NotAUser,
    /// The memberships were asked by a token that lacks their group.
    MembershipsUnreadable,
    /// The token lacks the group.
    Unauthorized,
    /// No Worker is called so.
    ServiceNotFound,
    /// The token lacks every group that the product accepts, or the path names what is not there.
    LacksPermission,
    /// `verify` with the legacy headers.
    NoAuthorizationHeader,
    /// Too many requests.
    RateLimited {
        /// How many fit into the window.
        requests: u32,
        /// The window.
        seconds: u32,
        /// When to come back.
        wait: u64,
    },
    /// There is no such endpoint.
    NoRoute,
    /// The path holds something that is no id.
    Unroutable(String),
    /// There is no token with this id.
    TokenNotFound,
    /// The body is no JSON object.
    NotJson,
    /// The body is too long to be read.
    TooLong,
    /// A field of the body, or of the query, is not what it must be.
    Malformed {
        /// Its name.
        field: &'static str,
        /// What it must do, after the word *must*.
        must: &'static str,
    },
    /// A new token came with the id of a policy.
    PolicyReuse,
    /// A resource key of a kind that does not exist, or not for this owner.
    Unsupported(String),
    /// All zones, flat, in an account-owned token.
    ZonesNotNested,
    /// A group for single Workers in a user's token.
    Granular,
    /// A group that does not apply to the resource, or is beyond the caller's reach; by its name.
    PermissionCheck(String),
    /// A token that another token makes, with the right to make or see tokens.
    SubToken,
    /// A group that does not exist or cannot be granted; by its id.
    UnknownGroup(String),
    /// The list of accounts, asked by an account's token.
    AccountsList,
    /// The list of zones without a name, asked by a token of single zones; by its id.
    ZonesList(String),
    /// The owner has as many tokens as fit.
    Quota(usize),
    /// One of Cloudflare's own tokens cannot be deleted.
    Managed,
}

impl ErrorReply {
    /// The HTTP status.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::UnknownKey
            | Self::DeadToken
            | Self::NotYetKnown
            | Self::Location(_)
            | Self::TooManyFailures
            | Self::UserLevel
            | Self::Unauthorized
            | Self::LacksPermission
            | Self::MembershipsUnreadable
            | Self::ZonesList(_) => StatusCode::FORBIDDEN,
            Self::NoRoute | Self::Unroutable(_) | Self::TokenNotFound | Self::ServiceNotFound => {
                StatusCode::NOT_FOUND
            }
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn code(&self) -> i64 {
        match self {
            Self::ZonesList(_) => 0,
            Self::Malformed { .. } => 400,
            Self::InvalidToken => 1000,
            Self::NoAuthorizationHeader
            | Self::PolicyReuse
            | Self::Unsupported(_)
            | Self::ZonesNotNested
            | Self::Granular
            | Self::PermissionCheck(_)
            | Self::SubToken
            | Self::UnknownGroup(_)
            | Self::AccountsList
            | Self::Quota(_)
            | Self::Managed => 1001,
            Self::TokenNotFound => 1003,
            Self::BearerFormat | Self::EmailFormat | Self::KeyFormat => 6003,
            Self::NotJson | Self::TooLong => 6007,
            Self::NoRoute => 7000,
            Self::ServiceNotFound => 10090,
            Self::Unroutable(_) => 7003,
            Self::UnknownKey => 9103,
            Self::NoCredential | Self::NotAUser => 9106,
            Self::DeadToken
            | Self::Location(_)
            | Self::TooManyFailures
            | Self::UserLevel
            | Self::Unauthorized => 9109,
            Self::NotYetKnown | Self::LacksPermission => 10000,
            Self::MembershipsUnreadable => 10001,
            Self::RateLimited { .. } => 10100,
        }
    }

    fn message(&self) -> String {
        let fixed = match self {
            Self::NoCredential => "Missing X-Auth-Key, X-Auth-Email or Authorization headers",
            Self::BearerFormat | Self::EmailFormat | Self::KeyFormat => "Invalid request headers",
            Self::UnknownKey => "Unknown X-Auth-Key or X-Auth-Email",
            Self::InvalidToken => "Invalid API Token",
            Self::DeadToken => "Invalid access token",
            Self::NotAUser => "Authentication failed (status: 400)",
            Self::MembershipsUnreadable => "Unable to authenticate request",
            Self::NotYetKnown | Self::LacksPermission => "Authentication error",
            Self::TooManyFailures => "Max auth failures reached, please check your Authorization header.",
            Self::UserLevel => "Valid user-level authentication not found",
            Self::Unauthorized => "Unauthorized to access requested resource",
            Self::NoAuthorizationHeader => "Missing \"Authorization\" header",
            Self::NoRoute => "No route for that URI",
            Self::ServiceNotFound => "This Worker does not exist on your account.",
            Self::TokenNotFound => "API token not found",
            Self::NotJson => "Malformed JSON in request body",
            Self::TooLong => "LoggedRequest body too long",
            Self::PolicyReuse => "Reusing existing policies is not supported by token creation",
            Self::ZonesNotNested => {
                "Must specify a zone for account owned tokens, or nest zone under specific account resource"
            }
            Self::Granular => "User tokens cannot reference roles with granular resource scopes",
            Self::AccountsList => "List accounts endpoint does not support account owned tokens.",
            Self::SubToken => "sub-token is not allowed to have permissions to manage other tokens",
            Self::Managed => "Tokens managed by Cloudflare cannot be deleted",
            Self::Location(address) => {
                return format!("Cannot use the access token from location: {address}");
            }
            Self::RateLimited { requests, seconds, .. } => {
                return format!(
                    "More than {requests} requests per {seconds} seconds reached. \
                     Please wait and consider throttling your request speed"
                );
            }
            Self::Unroutable(path) => {
                return format!("Could not route to {path}, perhaps your object identifier is invalid?");
            }
            Self::Malformed { field, must } => return format!("{field} must {must}"),
            Self::Unsupported(key) => return format!("\"{key}\" is not a supported resource type"),
            Self::PermissionCheck(group) => {
                return format!(
                    "Failed common permission check against resources. (Permission group: \"{group}\")"
                );
            }
            Self::UnknownGroup(id) => return format!("Permission group not found: {id}"),
            Self::ZonesList(id) => {
                return format!(
                    "Actor 'com.cloudflare.api.token.{id}' requires permission \
                     'com.cloudflare.api.account.zone.list' to list zones"
                );
            }
            Self::Quota(most) => return format!("Limit of {most} API tokens reached"),
        };
        fixed.to_owned()
    }

    /// What lies beneath a 6003.
    fn beneath(&self) -> Option<(i64, &'static str)> {
        match self {
            Self::BearerFormat => Some((6111, "Invalid format for Authorization header")),
            Self::EmailFormat => Some((6102, "Invalid format for X-Auth-Email header")),
            Self::KeyFormat => Some((6103, "Invalid format for X-Auth-Key header")),
            _ => None,
        }
    }

    /// The whole body. Some gateways leave out `messages` and `result`. An error 403 names the page of its endpoint
    /// (<https://developers.cloudflare.com/changelog/>, 2026-08-20).
    pub(super) fn body(&self, documentation: Option<&str>) -> Value {
        let mut error = json!({ "code": self.code(), "message": self.message() });
        if let Some((code, message)) = self.beneath() {
            error["error_chain"] = json!([{ "code": code, "message": message }]);
        }
        if let Some(address) = documentation.filter(|_| self.status() == StatusCode::FORBIDDEN) {
            error["documentation_url"] = json!(address);
        }
        match self {
            Self::NoCredential | Self::PermissionCheck(_) => json!({ "success": false, "errors": [error] }),
            _ => json!({ "success": false, "errors": [error], "messages": [], "result": null }),
        }
    }
}
