//! The rules in force, one switch for each, so that a search can leave one out and show what it is for.
//!
//! A rule's documentation quotes the sentence of the design that it stands for. The first draft of the protocol is
//! the same machine with most of them left out.

/// One rule of custody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rule {
    /// "Old pending tokens of others are left to end by themselves."
    LeaveForeign,
    /// "All put back: the token ends after the overlap as `+old` (a consumer may have read it)."
    EndAfterPutBack,
    /// "If any other generation of this name appeared, changed or went since the first look, other than by us:
    /// conflict." Without it only new ids count.
    AnyChangeConflicts,
    /// "List again", beside verify and before the commit.
    LookAgain,
    /// "A fresh generation is made when … several are in force, announced less than W apart, and a sink is opaque." Of one
    /// announced before, every delivery is over. Without the rule the newest wins.
    FreshWhereSeveral,
    /// "Evidence is a pending token, listed live *or expired*."
    ExpiredIsEvidence,
    /// "… announced *after current was*, or less than W before it." Without it every pending token is evidence.
    OnlyNewerIsEvidence,
    /// "Hooks failed: commit as `+hooks`, retire nothing."
    CommitAsHooks,
    /// "Commit comes before any retirement."
    CommitBeforeRetire,
    /// "Where something is unfinished, a roll is such a rotation from the start": an unfinished roll is followed by a
    /// fresh generation, not rolled again.
    FreshAfterRoll,
    /// "Look again (any change: stop)" between the announcement of a roll and the roll.
    LookBeforeRoll,
    /// "A delivery is begun only if the time since the first look, plus the program's limit, is below W"; "if more
    /// than W/2 has passed since the last look, look again before committing."
    AgeGuard,
    /// "A young pending token that is not in my note: refuse if there is an opaque sink or anything to do." Without
    /// it an opaque sink alone is no reason.
    YoungRefuses,
    /// Retiring renames: "gets `+old` and the earlier of its end and now + overlap."
    OldName,
    /// "Only readable sinks were tried, and no roll was sent → put back each old value."
    PutBack,
    /// "… each old value that *still verifies*."
    PutBackChecked,
    /// "What a sink may have held is shortened, never deleted."
    ShortenOnly,
    /// "Look for the mark; found → delete it."
    DeleteLost,
    /// "Announcements less than W apart count as unordered."
    UnorderedWithinW,
    /// "Roll is announced by a pending token with the same rights, which is also the stand-in"; "unknown → never roll
    /// again: deliver the stand-in's secret and go on as a rotation."
    StandIn,
    /// "`+roll` always" is evidence, without opaque sinks too.
    RollName,
    /// "Programs inherit the lock's descriptor and are killed before W, so that none outlives its run and writes
    /// after a successor."
    ProgramsEnd,
    /// "Drift is corrected by one full replacement … after one more look at the list."
    LookBeforeUpdate,
    /// "A first create into env files alone may commit beside verify": here it commits after it.
    CommitAfterVerify,
}

/// When a later run finishes a pending token of an earlier one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Adoption {
    /// "A pending token is never finished by a later run, not even where a sink holds its secret."
    Never,
    /// Where a readable sink holds its secret.
    AsDrafted,
    /// … and nothing was announced since.
    NewestOnly,
    /// … and after it was announced again.
    NewestAnnounced,
}

/// Which rules a run keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rules {
    left_out: u32,
    pub(crate) adoption: Adoption,
}

impl Rules {
    /// All of them.
    pub(crate) const IN_FORCE: Self = Self { left_out: 0, adoption: Adoption::Never };

    /// The first draft.
    pub(crate) const DRAFT: Self = Self { adoption: Adoption::AsDrafted, ..Self::IN_FORCE }
        .without(Rule::LeaveForeign)
        .without(Rule::EndAfterPutBack)
        .without(Rule::AnyChangeConflicts)
        .without(Rule::FreshWhereSeveral)
        .without(Rule::ExpiredIsEvidence)
        .without(Rule::OnlyNewerIsEvidence)
        .without(Rule::CommitAsHooks)
        .without(Rule::FreshAfterRoll)
        .without(Rule::LookBeforeRoll)
        .without(Rule::AgeGuard)
        .without(Rule::YoungRefuses)
        .without(Rule::OldName)
        .without(Rule::PutBackChecked)
        .without(Rule::ShortenOnly)
        .without(Rule::UnorderedWithinW)
        .without(Rule::StandIn)
        .without(Rule::RollName)
        .without(Rule::ProgramsEnd)
        .without(Rule::LookBeforeUpdate);

    /// The fewest that hold I1 to I6 within the bounds; the others spare a person a second run, a stray or a
    /// refusal.
    pub(crate) const MINIMAL: Self = Self::IN_FORCE
        .without(Rule::PutBack)
        .without(Rule::CommitAsHooks)
        .without(Rule::LookBeforeUpdate)
        .without(Rule::AnyChangeConflicts)
        .without(Rule::YoungRefuses)
        .without(Rule::DeleteLost);

    pub(crate) const fn without(self, rule: Rule) -> Self {
        Self { left_out: self.left_out | 1 << rule as u32, ..self }
    }

    pub(crate) const fn adopting(self, adoption: Adoption) -> Self {
        Self { adoption, ..self }
    }

    /// Whether a rule is kept.
    pub(crate) fn keep(self, rule: Rule) -> bool {
        self.left_out & 1 << rule as u32 == 0
    }
}

/// Every way to weaken the rules that is worth a search, each with its name.
pub(crate) fn weakened() -> Vec<(&'static str, Rules)> {
    let all = Rules::IN_FORCE;
    vec![
        ("the draft", Rules::DRAFT),
        ("minimal", Rules::MINIMAL),
        ("adopt as drafted", all.adopting(Adoption::AsDrafted)),
        ("adopt the newest only", all.adopting(Adoption::NewestOnly)),
        ("adopt the newest, announced", all.adopting(Adoption::NewestAnnounced)),
        ("dispose of foreign pending", all.without(Rule::LeaveForeign)),
        ("delete after put-back", all.without(Rule::EndAfterPutBack)),
        ("conflict = new ids only", all.without(Rule::AnyChangeConflicts)),
        ("no second list", all.without(Rule::LookAgain)),
        ("several in force: newest wins", all.without(Rule::FreshWhereSeveral)),
        ("no include_expired", all.without(Rule::ExpiredIsEvidence)),
        ("any pending is evidence", all.without(Rule::OnlyNewerIsEvidence)),
        ("hooks failed: stay pending", all.without(Rule::CommitAsHooks)),
        ("retire, then commit", all.without(Rule::CommitBeforeRetire)),
        ("evidence: strictly newer only", all.without(Rule::UnorderedWithinW)),
        ("programs unbounded", all.without(Rule::ProgramsEnd)),
        ("roll announced as +new", all.without(Rule::RollName)),
        (
            "+roll name, roll again if lost",
            all.without(Rule::StandIn).without(Rule::RollName).without(Rule::FreshAfterRoll),
        ),
        ("+roll name, fresh if lost", all.without(Rule::StandIn).without(Rule::RollName)),
        ("no age guard", all.without(Rule::AgeGuard)),
        ("young does not block", all.without(Rule::YoungRefuses)),
        ("no +old name", all.without(Rule::OldName)),
        ("no put-back", all.without(Rule::PutBack)),
        ("put-back unchecked", all.without(Rule::PutBackChecked)),
        ("delete own dead pending", all.without(Rule::ShortenOnly)),
        ("commit before verify", all.without(Rule::CommitAfterVerify)),
        ("update without a list", all.without(Rule::LookBeforeUpdate)),
        ("leave the found lost token", all.without(Rule::DeleteLost)),
    ]
}
