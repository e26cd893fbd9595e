//! Problems of requests.

use super::code::Code;
use super::problem::Problem;
use super::reason::sentence;
use crate::cloudflare::{self, Fault};

impl From<&cloudflare::Error> for Problem {
    fn from(error: &cloudflare::Error) -> Self {
        let (code, hint) = match &error.fault {
            Fault::BadCredential => {
                (Code::BootstrapMalformed, "check the bootstrap for quotes, spaces or a line break")
            }
            Fault::NotSent(_) => (
                Code::CloudflareNoConnection,
                "check the network and the proxy, then run the same command again",
            ),
            Fault::RateLimited => (
                Code::CloudflareRateLimit,
                "Cloudflare allows 1200 requests in five minutes: wait, then run the same command again",
            ),
            Fault::Refused(_) => (
                Code::CloudflareRefused,
                error.reason().map_or(
                    "try again; if it stays, ask Cloudflare's support with the code and the ray id",
                    sentence,
                ),
            ),
            Fault::Stopped => (Code::CustodyInterrupted, AGAIN),
            Fault::Lost(_) | Fault::ServerError { .. } | Fault::WithoutSecret => {
                (Code::CloudflareNoAnswer, AGAIN)
            }
            Fault::Unreadable { .. } => (
                Code::CloudflareUnreadable,
                "something between this machine and Cloudflare answered: check the proxy and --api-url",
            ),
        };
        Self::new(code, error.to_string(), hint)
    }
}

/// What to do about what may go well the next time.
pub(super) const AGAIN: &str = "run the same command again";
