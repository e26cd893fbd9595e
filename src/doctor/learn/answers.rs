//! The statuses of answers -> how many requests were refused or not answered, and by which codes.
//!
//! In: one status for each answer that was seen, the number alone. Out: a sentence about what was refused, and whether
//! anything succeeded at all. A program may swallow a refusal and exit with 0, so that its exit code says nothing of it.

use std::collections::BTreeMap;

use crate::text;

/// A status that says of a thing that it is not there. Programs ask for that, and go on.
const NOT_FOUND: u16 = 404;

/// The statuses of the answers, with how often each came; `None` stands for requests that nobody answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answers(BTreeMap<Option<u16>, usize>);

impl Answers {
    /// Notes the answer to a request.
    pub(super) fn note(&mut self, status: Option<u16>) {
        *self.0.entry(status).or_default() += 1;
    }

    /// How many there are, those that never came included.
    pub(super) fn len(&self) -> usize {
        self.0.values().sum()
    }

    /// Whether there are answers, and none of them is a success.
    pub(super) fn all_failed(&self) -> bool {
        let is_success = |status: &Option<u16>| status.is_some_and(|status| status < 400);
        !self.0.is_empty() && !self.0.keys().any(is_success)
    }

    /// What was refused, as `2 of 6 requests were refused (403)`; `None` where nothing was.
    pub(super) fn refused(&self, requests: usize) -> Option<String> {
        let all_failed = self.all_failed();
        let counts = |status: &Option<u16>| match status {
            // Where nothing succeeded, it is one of the reasons.
            Some(NOT_FOUND) => all_failed,
            Some(status) => *status >= 400,
            None => true,
        };
        let refused: Vec<(&Option<u16>, &usize)> =
            self.0.iter().filter(|(status, _)| counts(status)).collect();
        let count: usize = refused.iter().map(|(_, count)| **count).sum();
        let is_refusal = |status: &Option<u16>| status.is_some_and(|status| status < 500);
        let how = match (
            refused.iter().any(|(status, _)| is_refusal(status)),
            refused.iter().any(|(status, _)| !is_refusal(status)),
        ) {
            (true, true) => "refused or not answered",
            (false, true) => "not answered",
            (true, false) => "refused",
            (false, false) => return None,
        };
        let codes: Vec<String> =
            refused.iter().filter_map(|(status, _)| status.map(|status| status.to_string())).collect();
        let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
        let verb = if count == 1 { "was" } else { "were" };
        Some(format!("{count} of {} {verb} {how}{codes}", text::count(requests, "request")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(statuses: &[u16]) -> Answers {
        let mut answers = Answers::default();
        for status in statuses {
            answers.note(Some(*status).filter(|status| *status != 0));
        }
        answers
    }

    #[test]
    fn what_was_refused_is_counted_with_its_codes_and_what_is_not_there_is_no_refusal() {
        for (statuses, refused, all_failed) in [
            (&[200, 404, 304][..], None, false),
            (&[200, 403, 403, 200], Some("2 of 4 requests were refused (403)"), false),
            (&[200, 401, 403, 404], Some("2 of 4 requests were refused (401, 403)"), false),
            (&[200, 502], Some("1 of 2 requests was not answered (502)"), false),
            (&[400, 502, 0], Some("3 of 3 requests were refused or not answered (400, 502)"), true),
            (&[0], Some("1 of 1 request was not answered"), true),
            (&[404], Some("1 of 1 request was refused (404)"), true),
            (&[], None, false),
        ] {
            let answers = answers(statuses);
            assert_eq!(answers.refused(statuses.len()).as_deref(), refused, "{statuses:?}");
            assert_eq!(answers.all_failed(), all_failed, "{statuses:?}");
        }
    }
}
