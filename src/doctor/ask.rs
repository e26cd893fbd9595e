//! Asks Cloudflare whether a token may read something; what the answer holds is thrown away.

use super::read::ReadAnswer;
use crate::cloudflare::{Client, Error, Reason};

/// Where Cloudflare's pages are.
const PAGES: &str = "https://developers.cloudflare.com/";

/// The code of D1 and others for an account that the token has no right on.
const NOT_AUTHORIZED: i64 = 7403;

/// Whether the client's token may read at a path.
pub async fn may_read(client: &Client, path: &str) -> ReadAnswer {
    match client.read(path).await {
        Ok(()) => ReadAnswer::Allowed,
        Err(error) if is_for_want_of_a_permission(&error) => ReadAnswer::Refused(page(&error)),
        Err(error) => ReadAnswer::Unclear(error.to_string()),
    }
}

fn is_for_want_of_a_permission(error: &Error) -> bool {
    let by_code = error.refusal().is_some_and(|refusal| refusal.code() == NOT_AUTHORIZED);
    by_code || matches!(error.reason(), Some(Reason::Lacks(_) | Reason::OnlyForUsers))
}

/// The page of the endpoint, which lists what it accepts.
fn page(error: &Error) -> Option<String> {
    let named = error.refusal()?.errors.iter().find_map(|error| error.documentation_url.clone());
    named.filter(|page| page.starts_with(PAGES))
}
