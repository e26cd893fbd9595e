//! The rows of `causes.tsv`, read once.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Each cause: codes, words, place, cause, next step.
const CAUSES: &str = include_str!("causes.tsv");

/// Why something fails, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Cloudflare's codes that come with it, all together; none where a program stopped by itself.
    pub codes: Vec<i64>,
    /// What the message has; empty where the code is enough.
    pub words: &'static str,
    /// What the path has; empty where it is the same everywhere.
    pub place: &'static str,
    /// Why.
    pub cause: &'static str,
    /// What to do.
    pub next: &'static str,
}

/// What to do where only the permissions of the endpoint tell more.
const SEE_PERMISSIONS: &str = "See which permission the endpoint takes: `cfmint explain METHOD PATH`.";

impl Cause {
    /// What to do, beside reading which permissions the endpoint takes, where these are shown as well.
    #[must_use]
    pub fn next_beside_permissions(&self) -> Option<&'static str> {
        Some(self.next).filter(|next| *next != SEE_PERMISSIONS)
    }
}

/// Every cause that is known.
#[must_use]
pub fn causes() -> &'static [Cause] {
    static READ: LazyLock<Vec<Cause>> = LazyLock::new(|| rows().filter_map(cause).collect());
    &READ
}

pub(super) fn rows() -> impl Iterator<Item = &'static str> {
    CAUSES.lines().filter(|line| !line.starts_with('#')).skip(1)
}

fn cause(row: &'static str) -> Option<Cause> {
    let mut columns = row.split('\t');
    let [codes, words, place, cause, next] = std::array::from_fn(|_| columns.next());
    let codes: Result<Vec<i64>, _> =
        codes?.split('+').filter(|code| !code.is_empty()).map(str::parse).collect();
    let whole = columns.next().is_none();
    let cause = Cause { codes: codes.ok()?, words: words?, place: place?, cause: cause?, next: next? };
    whole.then_some(cause)
}

/// Every cause of a code, whatever else is known.
#[must_use]
pub fn causes_of_code(code: i64) -> Vec<&'static Cause> {
    causes().iter().filter(|cause| cause.codes.contains(&code)).collect()
}

/// The words of all causes, for which logs are searched.
pub(super) fn known_words() -> BTreeSet<&'static str> {
    causes().iter().map(|cause| cause.words).filter(|words| !words.is_empty()).collect()
}
