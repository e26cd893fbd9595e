//! How a request can fail, and what is then known about its effect.

use std::fmt;

use super::endpoint::Endpoint;
use super::reason::{Reason, reason};
use super::refusal::Refusal;
use crate::text::one_line;

/// A request that did not do what it should, after all the tries that were safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The request.
    pub endpoint: Endpoint,
    /// What happened to it.
    pub fault: Fault,
}

/// What happened to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The credential cannot be written into a header.
    BadCredential,
    /// No connection came about.
    NotSent(String),
    /// The rate limit held for longer than cfmint waits.
    RateLimited,
    /// A signal asked this process to stop before the request was sent; or while it was under way, if it only looked.
    Stopped,
    /// Cloudflare said no.
    Refused(Refusal),
    /// The request went out and no answer came back whole, or not in time.
    Lost(String),
    /// The answer is a server error.
    ServerError {
        /// The HTTP status.
        status: u16,
        /// Cloudflare's id of the request, for its support.
        ray: Option<String>,
    },
    /// It took effect, and the answer came without the secret that it should carry.
    WithoutSecret,
    /// The answer is not the API's: a proxy's page, a redirect, a body cut short.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it; never its content, which may hold a secret.
        detail: String,
        /// Cloudflare's id of the request.
        ray: Option<String>,
    },
}

/// What is known about the effect of a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It had none: refused, or never sent.
    NoEffect,
    /// Nobody knows: it must be looked for.
    Unknown,
}

impl Error {
    /// What is known about the effect.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        match &self.fault {
            Fault::BadCredential
            | Fault::NotSent(_)
            | Fault::RateLimited
            | Fault::Stopped
            | Fault::Refused(_) => Certainty::NoEffect,
            Fault::Lost(_) | Fault::ServerError { .. } | Fault::WithoutSecret | Fault::Unreadable { .. } => {
                Certainty::Unknown
            }
        }
    }

    /// Cloudflare's refusal, if it was one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.fault {
            Fault::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether the token that the request names does not exist. A malformed id counts: 7003. A request that
    /// found no route, 7000, never reached the tokens and says nothing about them.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.refusal().is_some_and(|refusal| {
            let has = |code| refusal.errors.iter().any(|error| error.code == code);
            has(1003) || has(7003) || (refusal.status == 404 && !has(7000))
        })
    }

    /// Whether the secret that asked is none that Cloudflare knows (yet): code 1000, or 9109 for a dead one.
    #[must_use]
    pub fn is_dead_secret(&self) -> bool {
        self.refusal().is_some_and(|refusal| {
            refusal.code() == 1000 || (refusal.code() == 9109 && refusal.says("Invalid access token"))
        })
    }

    /// Whether the credential that asked is none by its form: code 6003.
    #[must_use]
    pub fn is_no_token(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code() == 6003)
    }

    /// Whether the token's own IP rule shut this machine out: code 9109 with words about the location.
    #[must_use]
    pub fn is_shut_out(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code() == 9109 && refusal.says("from location"))
    }

    /// Whether further tries would only lengthen a lock-out.
    #[must_use]
    pub fn is_lock_out(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_lock_out)
    }

    /// Why it was refused, where that is known.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        reason(&self.endpoint, self.refusal()?)
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "could not {}: ", self.endpoint.purpose())?;
        let ray = match &self.fault {
            Fault::BadCredential => {
                formatter.write_str(
                    "the credential has characters that a header cannot have, such as a line break",
                )?;
                &None
            }
            Fault::NotSent(reason) => {
                write!(formatter, "no connection ({reason})")?;
                &None
            }
            Fault::RateLimited => {
                formatter.write_str("Cloudflare's rate limit was reached and did not end in time")?;
                &None
            }
            Fault::Stopped => {
                formatter.write_str("a signal asked this process to stop")?;
                &None
            }
            Fault::WithoutSecret => {
                formatter.write_str("Cloudflare did it, and its answer came without the secret")?;
                &None
            }
            Fault::Refused(refusal) => {
                for (index, error) in refusal.errors.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    write!(formatter, "{separator}{} (code {}", one_line(&error.message), error.code)?;
                    for cause in &error.error_chain {
                        write!(formatter, ", {} {}", cause.code, one_line(&cause.message))?;
                    }
                    formatter.write_str(")")?;
                }
                &refusal.ray
            }
            Fault::Lost(reason) => {
                write!(formatter, "the answer was lost ({reason})")?;
                &None
            }
            Fault::ServerError { status, ray } => {
                write!(formatter, "Cloudflare answered with HTTP {status}")?;
                ray
            }
            Fault::Unreadable { status, detail, ray } => {
                write!(formatter, "the answer is not the API's ({detail}, HTTP {status})")?;
                ray
            }
        };
        match ray {
            Some(ray) => write!(formatter, " [ray {}]", one_line(ray)),
            None => Ok(()),
        }
    }
}
