//! How Cloudflare's own list of permission groups differs from the embedded catalogue, in data and in a sentence.

use std::fmt;

use super::group::Scope;

/// How Cloudflare's own list differs from the embedded catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The id has another name.
    Renamed {
        /// The id.
        id: String,
        /// The embedded name.
        was: String,
        /// Cloudflare's name.
        now: String,
    },
    /// The name has another id.
    NewId {
        /// The name.
        name: String,
        /// The embedded id.
        was: String,
        /// Cloudflare's id.
        now: String,
    },
    /// The group applies to something else.
    Rescoped {
        /// The name.
        name: String,
        /// Cloudflare's scopes.
        now: Vec<Scope>,
    },
    /// The embedded catalogue lacks the group, or its id.
    New {
        /// The id.
        id: String,
        /// The name.
        name: String,
    },
    /// Cloudflare's list for this owner does not have the group.
    Gone {
        /// The embedded id, where there is one.
        id: Option<String>,
        /// The embedded name.
        name: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renamed { was, now, .. } => write!(formatter, "Cloudflare calls `{was}` `{now}` now"),
            Self::NewId { name, was, now } => {
                write!(formatter, "`{name}` has the id {now} on Cloudflare's list now; it was {was}")
            }
            Self::Rescoped { name, now } => {
                let now: Vec<&str> = now.iter().map(Scope::key).collect();
                write!(formatter, "`{name}` applies to {} now", now.join(", "))
            }
            Self::New { id, name } => write!(formatter, "`{name}` comes from Cloudflare's list, id {id}"),
            Self::Gone { name, .. } => write!(
                formatter,
                "Cloudflare's list for this owner does not have \
                `{name}`"
            ),
        }
    }
}
