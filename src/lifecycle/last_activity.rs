//! Since when a token has been idle, as far as can be said.

use chrono::{DateTime, Utc};

use crate::plan::Live;

/// The last sign of life of a token: its last use, or what was done to it since. A token that was never used is
/// judged by its age, and so is one that has just been changed or rolled: Cloudflare notes uses with a lag that
/// is not documented. `None` where Cloudflare gives no time at all.
#[must_use]
pub fn last_activity(live: &Live) -> Option<DateTime<Utc>> {
    live.last_used_on.max(live.modified_on).max(live.issued_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::tests::live;
    use chrono::TimeDelta;

    #[test]
    fn the_last_sign_of_life_counts() {
        let at = |day| Some(DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(day));
        for (issued, modified, used, expected) in
            [(1, 1, None, 1), (1, 1, Some(5), 5), (1, 7, Some(5), 7), (1, 3, None, 3)]
        {
            let token = Live {
                issued_on: at(issued),
                modified_on: at(modified),
                last_used_on: used.and_then(at),
                ..live("shop@a0000000")
            };
            assert_eq!(last_activity(&token), at(expected));
        }
        assert_eq!(last_activity(&live("shop@a0000000")), None);
    }
}
