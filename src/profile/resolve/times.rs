//! How long a token lives, from when, and how it is renewed.

use chrono::{DateTime, TimeDelta, Utc};

use super::Resolver;
use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Field;
use crate::profile::diagnostic::Spanned;
use crate::profile::layer::RotationKeys;
use crate::profile::lifetime::{Lifetime, Rotation, Start, Strategy, USUAL_OVERLAP, interval};
use crate::profile::scalar::Templated;
use crate::profile::times::Length;

/// A shorter life is more often a slip than meant: renewing a token takes a schedule.
const SHORTEST: TimeDelta = TimeDelta::hours(1);

impl Resolver<'_> {
    pub(super) fn ttl(&mut self, ttl: &Field<Templated<Lifetime>>) -> Option<Spanned<Lifetime>> {
        let ttl = self.required(ttl, "ttl", "write `ttl: 90d`")?;
        match ttl.value {
            Lifetime::Until(end) if end <= self.options.now => {
                self.problems
                    .error(DiagnosticCode::TtlInThePast, ttl.span, "the token would end before it is made")
                    .label("this time has passed")
                    .hint("write a later time, or a duration such as `90d`");
            }
            Lifetime::Never => {
                self.problems
                    .warning(DiagnosticCode::TtlNever, ttl.span, "the token never ends by itself")
                    .hint("write `ttl: 90d` and let `cfmint rotate --due` renew it");
            }
            Lifetime::Until(_) | Lifetime::For(_) => {}
        }
        let life = self.end(ttl.value).map(|end| end.signed_duration_since(self.options.now));
        if life.is_some_and(|life| life > TimeDelta::zero() && life < SHORTEST) {
            self.problems
                .warning(DiagnosticCode::TtlShort, ttl.span, "the token ends within an hour")
                .hint("write a longer `ttl` so that it can be rotated in time");
        }
        Some(ttl)
    }

    pub(super) fn not_before(
        &mut self,
        not_before: &Field<Templated<Start>>,
        ttl: Option<&Spanned<Lifetime>>,
    ) -> Option<Start> {
        let begin = self.optional(not_before)?;
        if let Some(ttl) = ttl
            && let Some(end) = self.end(ttl.value)
            && matches!(begin.value, Start::At(start) if start >= end)
        {
            self.problems
                .error(DiagnosticCode::NeverValid, begin.span, "the token would end before it begins to work")
                .also(ttl.span, "its end")
                .hint("write an earlier `not_before`, or a longer `ttl`");
        }
        Some(begin.value)
    }

    fn end(&self, lifetime: Lifetime) -> Option<DateTime<Utc>> {
        match lifetime {
            Lifetime::For(length) => self.options.now.checked_add_signed(length),
            Lifetime::Until(end) => Some(end),
            Lifetime::Never => None,
        }
    }

    pub(super) fn rotation(
        &mut self,
        rotation: &Field<RotationKeys>,
        ttl: Option<&Spanned<Lifetime>>,
    ) -> Option<Rotation> {
        let keys = rotation.get()?;
        let every = self.positive(&keys.every, "every");
        let overlap = self.optional(&keys.overlap);
        let renew_before = self.positive(&keys.renew_before, "renew_before");
        let strategy = self.optional(&keys.strategy).map_or(Strategy::Generation, |strategy| strategy.value);
        // An environment that shortens the TTL inherits the rotation; taken literally, every run would renew.
        let renew_before = renew_before.filter(|length| match ttl.map(|ttl| ttl.value) {
            Some(Lifetime::For(ttl)) if length.value.0 >= ttl => {
                self.problems
                    .note(
                        DiagnosticCode::RenewBeforeTooLong,
                        length.span,
                        "`renew_before` is not shorter than the TTL; a third of the TTL counts instead",
                    )
                    .hint("write a shorter `renew_before` beside this `ttl`");
                false
            }
            _ => true,
        });
        if let (Some(every), Some(ttl)) = (&every, ttl) {
            self.lint_every(every, ttl);
        }
        let every = every.map(|length| length.value.0);
        let renew_before = renew_before.map(|length| length.value.0);
        let interval = ttl.and_then(|ttl| interval(every, renew_before, ttl.value));
        let half = interval.map(|interval| interval / 2);
        let overlap = match overlap {
            Some(length) if interval.is_some_and(|interval| length.value.0 >= interval) => {
                self.problems
                    .note(
                        DiagnosticCode::OverlapTooLong,
                        length.span,
                        "`overlap` is not shorter than the time between two rotations; half of that time counts \
                         instead",
                    )
                    .hint("write a shorter `overlap`, or rotate less often");
                half
            }
            Some(length) => Some(length.value.0),
            None => None,
        };
        let overlap = overlap.unwrap_or_else(|| half.map_or(USUAL_OVERLAP, |half| USUAL_OVERLAP.min(half)));
        Some(Rotation { every, overlap, renew_before, strategy })
    }

    /// An `every` that no token grows as old as says nothing. Where only a shorter TTL is laid over it, that is nobody's
    /// slip.
    fn lint_every(&mut self, every: &Spanned<Length>, ttl: &Spanned<Lifetime>) {
        let Lifetime::For(whole) = ttl.value else { return };
        if every.value.0 < whole {
            return;
        }
        let base = &self.file.base;
        let is_of_base = base.ttl.get().is_some_and(|own| own.span() == ttl.span);
        let own_every = base.rotation.get().and_then(|keys| keys.every.get());
        let is_inherited = !is_of_base && own_every.is_some_and(|own| own.span() == every.span);
        let message =
            "`every` is not shorter than the TTL: no token grows so old, and `renew_before` alone counts";
        let found = if is_inherited {
            self.problems.note(DiagnosticCode::EveryTooLong, every.span, message)
        } else {
            self.problems.warning(DiagnosticCode::EveryTooLong, every.span, message)
        };
        found.hint("write a longer `ttl` or a shorter `every`");
    }

    /// A length of time that is not zero.
    fn positive(&mut self, slot: &Field<Templated<Length>>, key: &str) -> Option<Spanned<Length>> {
        let length = self.optional(slot)?;
        if length.value.0.is_zero() {
            self.problems
                .error(DiagnosticCode::BadDuration, length.span, format!("`{key}` cannot be zero"))
                .hint(format!("write for example `{key}: 30d`, or leave it out"));
        }
        Some(length)
    }
}
