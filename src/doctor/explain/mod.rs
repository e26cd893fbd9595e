//! Codes, words and paths of a failed request -> its causes, each with the next step.
//!
//! In: what is known of the failure. Out: the rows of `causes.tsv` that fit it best. The same code has other causes at
//! other endpoints and with other words, so a row that says more about the failure goes before one that says less, and
//! a code alone has all of its causes.

mod key;
mod log;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::LazyLock;

pub use key::group_of_key;
pub use log::{Failure, Request, read, request};

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

/// Every cause that is known.
#[must_use]
pub fn causes() -> &'static [Cause] {
    static READ: LazyLock<Vec<Cause>> = LazyLock::new(|| rows().filter_map(cause).collect());
    &READ
}

fn rows() -> impl Iterator<Item = &'static str> {
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

/// The causes that fit a failure best; none where nothing is known about it.
#[must_use]
pub fn causes_of(failure: &Failure) -> Vec<&'static Cause> {
    let fitting: Vec<&Cause> = causes().iter().filter(|cause| cause.fits(failure)).collect();
    let most = fitting.iter().map(|cause| cause.conditions()).max();
    fitting.into_iter().filter(|cause| Some(cause.conditions()) == most).collect()
}

impl Cause {
    fn fits(&self, failure: &Failure) -> bool {
        let has_codes = self.codes.iter().all(|code| failure.codes.contains(code));
        // A program may pass on the message without the code.
        let is_told_by_words = failure.codes.is_empty() && !self.words.is_empty();
        let has_words = self.words.is_empty() || failure.says(self.words);
        let path = failure.request.as_ref().map_or("", |request| &request.path);
        (has_codes || is_told_by_words) && has_words && path.contains(self.place)
    }

    fn conditions(&self) -> usize {
        self.codes.len() + usize::from(!self.words.is_empty()) + usize::from(!self.place.is_empty())
    }
}

/// The words of all causes, for which logs are searched.
fn known_words() -> BTreeSet<&'static str> {
    causes().iter().map(|cause| cause.words).filter(|words| !words.is_empty()).collect()
}
