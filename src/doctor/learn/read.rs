//! A text -> the recording in it, whatever program wrote it.

use super::seen::Recording;
use super::{har, terraform_log, terraform_plan, wrangler_log};

/// The longest file that is read, in bytes: archives of browsers are large.
pub const LONGEST: u64 = 64 * 1024 * 1024;

/// Reads a log: an HTTP archive, or what Wrangler or Terraform print when they debug. `None` where it has no request
/// to the API, and none like it to another host either. `own` is the host that the API is reached by, where that is not
/// Cloudflare's.
#[must_use]
pub fn read_log(text: &str, own: Option<&str>) -> Option<Recording> {
    let archive = text.trim_start().starts_with('{').then(|| har::read(text, own)).flatten();
    let recordings = [archive, wrangler_log::read(text, own), terraform_log::read(text, own)];
    recordings.into_iter().flatten().find(Recording::says_something)
}

/// Reads what `terraform show -json` printed. `None` where it is neither plan nor state.
#[must_use]
pub fn read_plan(text: &str) -> Option<Recording> {
    terraform_plan::read(text)
}
