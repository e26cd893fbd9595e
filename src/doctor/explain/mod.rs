//! Codes, words and paths of a failed request -> its causes, each with the next step.
//!
//! In: what is known of the failure. Out: the rows of `causes.tsv` that fit it best. The same code has other causes at
//! other endpoints and with other words, so a row that says more about the failure goes before one that says less, and
//! a code alone has all of its causes.

mod causes;
mod key;
mod log;
#[cfg(test)]
mod tests;

pub use causes::{Cause, causes, causes_of_code};
pub use key::group_of_key;
pub use log::{Failure, Request, documented, read, request};

/// The causes that fit a failure best; where its message tells none of them apart, all of its codes' at this place; none
/// where nothing is known about it.
#[must_use]
pub fn causes_of(failure: &Failure) -> Vec<&'static Cause> {
    let fitting: Vec<&Cause> = causes().iter().filter(|cause| cause.fits(failure)).collect();
    let most = fitting.iter().map(|cause| cause.conditions()).max();
    let mut found: Vec<&Cause> = match most {
        Some(most) => fitting.into_iter().filter(|cause| cause.conditions() == most).collect(),
        None => causes().iter().filter(|cause| cause.may_fit(failure)).collect(),
    };
    // Several codes may have one cause, as 405 with 10000.
    let mut told: Vec<&str> = Vec::new();
    found.retain(|cause| {
        let is_new = !told.contains(&cause.cause);
        told.push(cause.cause);
        is_new
    });
    found
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

    /// Whether it would fit if the message had its words.
    fn may_fit(&self, failure: &Failure) -> bool {
        let path = failure.request.as_ref().map_or("", |request| &request.path);
        let is_its_code = self.codes.iter().any(|code| failure.codes.contains(code));
        is_its_code && failure.words.is_empty() && path.contains(self.place)
    }

    fn conditions(&self) -> usize {
        self.codes.len() + usize::from(!self.words.is_empty()) + usize::from(!self.place.is_empty())
    }
}
