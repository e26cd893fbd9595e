//! The rows that several commands report: profiles, tokens, sinks, findings, files. What one command alone reports stands
//! in the file that shows it.

use serde::{Serialize, Serializer};

use crate::cloudflare::TokenOwner;
use crate::cloudflare::wire::timestamp;
use crate::custody::Action;
use crate::plan::Live;
use crate::profile::{Profile, Severity, SinkSpec};
use crate::sink::{SinkRecord, called};

/// A file to install.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct FileRow {
    /// Where it goes.
    pub(in crate::cli) path: String,
    /// What it holds.
    pub(in crate::cli) text: String,
}

/// The tokens of an owner.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct InventoryRows {
    /// How many there are, and how many there can be.
    pub(in crate::cli) quota: Option<QuotaRow>,
    /// Each token.
    pub(in crate::cli) tokens: Vec<ListedRow>,
}

/// How many tokens an owner has, and how many it can have.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct QuotaRow {
    /// Those that live.
    pub(in crate::cli) used: usize,
    /// Cloudflare's limit.
    pub(in crate::cli) limit: usize,
}

/// A token of an inventory.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ListedRow {
    /// The token.
    #[serde(flatten)]
    pub(in crate::cli) token: TokenRow,
    /// When it was last used, as far as Cloudflare knows.
    pub(in crate::cli) last_used_on: Option<String>,
    /// The file of its profile.
    pub(in crate::cli) profile: Option<String>,
    /// Its environment.
    pub(in crate::cli) environment: Option<String>,
    /// Its mark, if cfmint made it.
    pub(in crate::cli) mark: Option<String>,
    /// Whether it is the credential of this run.
    pub(in crate::cli) bootstrap: bool,
    /// What was found about it; nothing where nobody looked.
    pub(in crate::cli) findings: Vec<FindingRow>,
}

/// Something found about a token.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct FindingRow {
    /// A stable code.
    pub(in crate::cli) code: &'static str,
    /// How much it matters: `error`, `warning`, `note`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(in crate::cli) severity: Severity,
    /// What it is, one line.
    pub(in crate::cli) message: String,
    /// What to do about it; may be empty.
    pub(in crate::cli) hint: String,
    /// The first command in the hint.
    pub(in crate::cli) command: Option<String>,
}

/// A ready profile that `init` can write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct UseCaseRow {
    /// The name that it is chosen by.
    pub(in crate::cli) name: &'static str,
    /// What it is for.
    pub(in crate::cli) title: &'static str,
}

/// What happened for one profile in one environment.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Row {
    /// The profile's file.
    pub(in crate::cli) profile: Option<String>,
    /// Its environment.
    pub(in crate::cli) environment: Option<String>,
    /// What was done, or is to be done.
    pub(in crate::cli) action: RowAction,
    /// The token.
    pub(in crate::cli) token: Option<TokenRow>,
    /// Where the secret is.
    pub(in crate::cli) sinks: Vec<SinkRow>,
    /// What an update changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::cli) changes: Vec<String>,
    /// What a person should know besides.
    pub(in crate::cli) notes: Vec<String>,
    /// A profile that was written to no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) text: Option<String>,
}

impl Row {
    /// A row about a profile, its sinks as it has them.
    pub(in crate::cli) fn of_profile(profile: &Profile, action: RowAction) -> Self {
        Self {
            profile: Some(profile.source.path.clone()),
            environment: profile.environment.clone(),
            action,
            sinks: profile.sinks.iter().map(SinkRow::from).collect(),
            ..Self::default()
        }
    }
}

/// What was done for a profile or a token, or is to be done, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub(in crate::cli) enum RowAction {
    /// No token has this name.
    Absent,
    /// Compared with what a program asked for.
    Compared,
    /// To be made.
    Create,
    /// Made.
    Created,
    /// It did not work, or is refused.
    #[default]
    Failed,
    /// Written as a profile.
    Imported,
    /// Written as a profile from what a program asked for.
    Learned,
    /// To be deleted.
    Revoke,
    /// Deleted.
    Revoked,
    /// To get a new secret.
    Roll,
    /// It has a new secret.
    Rolled,
    /// To be succeeded.
    Rotate,
    /// It has a successor, or a rotation was finished.
    Rotated,
    /// Printed for a scheduler.
    Scheduled,
    /// Left as it is, for a reason that is noted.
    Skipped,
    /// A profile of which only Cloudflare's own list can tell all.
    Undecided,
    /// As it should be.
    Unchanged,
    /// To be changed.
    Update,
    /// Changed.
    Updated,
    /// A profile without mistakes.
    Valid,
    /// A new profile.
    Written,
}

impl RowAction {
    /// The word for it.
    pub(in crate::cli) fn word(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Compared => "compared",
            Self::Create => "create",
            Self::Created => "created",
            Self::Failed => "failed",
            Self::Imported => "imported",
            Self::Learned => "learned",
            Self::Revoke => "revoke",
            Self::Revoked => "revoked",
            Self::Roll => "roll",
            Self::Rolled => "rolled",
            Self::Rotate => "rotate",
            Self::Rotated => "rotated",
            Self::Scheduled => "scheduled",
            Self::Skipped => "skipped",
            Self::Undecided => "undecided",
            Self::Unchanged => "unchanged",
            Self::Update => "update",
            Self::Updated => "updated",
            Self::Valid => "valid",
            Self::Written => "written",
        }
    }
}

impl Serialize for RowAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl From<Action> for RowAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Created => Self::Created,
            Action::Updated => Self::Updated,
            Action::Unchanged => Self::Unchanged,
            Action::Rolled => Self::Rolled,
            Action::Rotated | Action::Finished => Self::Rotated,
            Action::Revoked => Self::Revoked,
            Action::Absent => Self::Absent,
        }
    }
}

/// A token, never its secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct TokenRow {
    id: String,
    name: String,
    owner: OwnerRow,
    status: String,
    issued_on: Option<String>,
    expires_on: Option<String>,
}

/// An owner, as a profile writes it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum OwnerRow {
    User,
    Account(String),
}

/// A sink.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct SinkRow {
    pub(in crate::cli) kind: &'static str,
    pub(in crate::cli) path: String,
    pub(in crate::cli) variables: Vec<String>,
}

impl From<SinkRecord> for SinkRow {
    fn from(SinkRecord { kind, path, variables }: SinkRecord) -> Self {
        Self { kind, path, variables }
    }
}

/// A sink as its profile has it; whether there is anything in it is not asked.
impl From<&SinkSpec> for SinkRow {
    fn from(sink: &SinkSpec) -> Self {
        let program = sink.programs().first().map(|program| called(&program.value));
        let path = sink.file().map(|file| file.path.value.display().to_string());
        Self {
            kind: sink.kind(),
            path: path.or(program).unwrap_or_default(),
            variables: sink.values().into_iter().filter_map(|(name, _)| name.map(str::to_owned)).collect(),
        }
    }
}

impl TokenRow {
    pub(in crate::cli) fn new(owner: &TokenOwner, live: &Live) -> Self {
        Self {
            id: live.id.clone(),
            name: live.name.clone(),
            owner: match owner {
                TokenOwner::User => OwnerRow::User,
                TokenOwner::Account(id) => OwnerRow::Account(id.clone()),
            },
            status: live.status.word().to_owned(),
            issued_on: live.issued_on.map(timestamp),
            expires_on: live.expires_on.map(timestamp),
        }
    }
}
