//! A path of a request -> the same without values: what stands where an account, a zone or a name belongs; and the one
//! kind of value that is kept, the names of Workers and buckets.
//!
//! Whatever could be a secret is neither word nor name here.

use crate::profile::{bucket_name_is_valid, worker_name_is_valid};
use crate::secret::looks_like_secret;

/// What any token may do, whatever its permissions are, and what asks for no token at all.
///
/// Source: <https://developers.cloudflare.com/fundamentals/api/get-started/create-token/> for verifying; `/accounts` lists
/// the accounts that any permission of the token is about. Assets are uploaded with a token of the upload's own, as
/// Wrangler does it (cloudflare/workers-sdk, `pages/upload.ts` and `deploy/helpers/assets.ts`).
const FREE: [(&str, &str); 9] = [
    ("GET", "/accounts"),
    ("GET", "/ips"),
    ("GET", "/user/tokens/verify"),
    ("GET", "/accounts/{account_id}/tokens/verify"),
    ("POST", "/accounts/{account_id}/workers/assets/upload"),
    ("POST", "/accounts/{account_id}/workers/assets/upload/{}"),
    ("POST", "/pages/assets/check-missing"),
    ("POST", "/pages/assets/upload"),
    ("POST", "/pages/assets/upsert-hashes"),
];

/// What stands in front of names in paths, though some names look like words.
const BEFORE_NAMES: [&str; 7] =
    ["buckets", "databases", "namespaces", "projects", "queues", "scripts", "services"];

/// Where a path names a Worker and an R2 bucket: what stands before the name.
const NAMING: [(&str, Naming); 3] = [
    ("/accounts/{account_id}/workers/scripts/", Naming::Worker),
    ("/accounts/{account_id}/workers/services/", Naming::Worker),
    ("/accounts/{account_id}/r2/buckets/", Naming::Bucket),
];

/// Which name a path has, and which texts can be one.
#[derive(Clone, Copy)]
enum Naming {
    Worker,
    Bucket,
}

/// A name that a path has.
pub(super) enum Name<'a> {
    /// Of a Worker.
    Worker(&'a str),
    /// Of an R2 bucket.
    Bucket(&'a str),
}

/// Whether a request takes no permission.
pub(super) fn is_free(method: &str, template: &str) -> bool {
    FREE.contains(&(method, template))
}

/// The name of a Worker or a bucket in a path with this template.
pub(super) fn name_in<'a>(template: &str, segments: &[&'a str]) -> Option<Name<'a>> {
    let (before, naming) = NAMING.iter().find(|(before, _)| template.starts_with(before))?;
    let name = *segments.get(before.matches('/').count() - 1)?;
    let is_secret = looks_like_secret(name);
    match naming {
        Naming::Worker => Some(Name::Worker(name)).filter(|_| worker_name_is_valid(name) && !is_secret),
        Naming::Bucket => Some(Name::Bucket(name)).filter(|_| bucket_name_is_valid(name) && !is_secret),
    }
}

/// A path with `{account_id}`, `{zone_id}` and, for whatever could be a value, `{}`.
pub(super) fn template(segments: &[&str]) -> String {
    let mut path = String::new();
    let mut before = "";
    for segment in segments {
        path.push('/');
        path.push_str(match before {
            "accounts" => "{account_id}",
            "zones" => "{zone_id}",
            _ if BEFORE_NAMES.contains(&before) => "{}",
            _ if is_word(segment) => segment,
            _ => "{}",
        });
        before = segment;
    }
    path
}

/// Whether a segment looks like a word of the API's own: lower case letters, or short with a number, as `d1`.
fn is_word(segment: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || b"_-".contains(&byte);
    let is_short = segment.len() <= 3 && segment.bytes().all(|byte| is_plain(byte) || byte.is_ascii_digit());
    segment.len() <= 40
        && !looks_like_secret(segment)
        && segment.starts_with(|first: char| first.is_ascii_lowercase())
        && (segment.bytes().all(is_plain) || is_short)
}
