//! The rows of a report: what a program reads of each profile, token, sink and finding.

use serde::{Serialize, Serializer};

use crate::cloudflare::TokenOwner;
use crate::cloudflare::wire::timestamp;
use crate::custody::Action;
use crate::doctor::{CheckCode, CheckStatus};
use crate::plan::Live;
use crate::profile::{Profile, Severity, SinkSpec};
use crate::sink::{SinkRecord, called};

/// A file to install.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct FileRow {
    /// Where it goes.
    pub(in crate::cli) path: String,
    /// What it holds.
    pub(in crate::cli) text: String,
}

/// The tokens of an owner.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct InventoryRows {
    /// How many there are, and how many there can be.
    pub(in crate::cli) quota: Option<QuotaRow>,
    /// Each token.
    pub(in crate::cli) tokens: Vec<ListedRow>,
}

/// How many tokens an owner has, and how many it can have.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct QuotaRow {
    /// Those that live.
    pub(in crate::cli) used: usize,
    /// Cloudflare's limit.
    pub(in crate::cli) limit: usize,
}

/// A token of an inventory.
#[derive(Debug, Serialize)]
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
pub(in crate::cli) struct FindingRow {
    /// A stable code.
    pub(in crate::cli) code: &'static str,
    /// How much it matters.
    pub(in crate::cli) severity: Severity,
    /// What it is, one line.
    pub(in crate::cli) message: String,
    /// What to do about it; may be empty.
    pub(in crate::cli) hint: String,
    /// The first command in the hint.
    pub(in crate::cli) command: Option<String>,
}

/// Why a request failed, and what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct ExplanationRow {
    /// Where it stands in the log.
    pub(in crate::cli) line: Option<usize>,
    /// Cloudflare's codes.
    pub(in crate::cli) codes: Vec<i64>,
    /// The request's method.
    pub(in crate::cli) method: Option<String>,
    /// The request's path, a Terraform address, or the key of a permission.
    pub(in crate::cli) subject: Option<String>,
    /// Why it fails.
    pub(in crate::cli) causes: Vec<CauseRow>,
    /// The permissions that it takes: one is enough, and the first is the one to ask for.
    pub(in crate::cli) permissions: Vec<AcceptedRow>,
    /// Whether the phase of the rules says which of them is enough.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::cli) by_phase: bool,
}

/// Why something fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct CauseRow {
    /// What the message says in this case; empty where the code is enough.
    pub(in crate::cli) words: &'static str,
    /// What the path has in this case; empty where it is the same everywhere.
    pub(in crate::cli) place: &'static str,
    /// Why.
    pub(in crate::cli) message: &'static str,
    /// What to do.
    pub(in crate::cli) hint: &'static str,
}

/// A permission, as a profile asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct AcceptedRow {
    /// The section of the profile; `None` where profiles have none for it.
    pub(in crate::cli) section: Option<&'static str>,
    /// The line in it.
    pub(in crate::cli) entry: String,
    /// The API's name of the group.
    pub(in crate::cli) name: String,
    /// Its id, where it is known.
    pub(in crate::cli) id: Option<String>,
}

/// What there is to name in a profile.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct ResourceRows {
    pub(in crate::cli) accounts: Vec<AccountRow>,
    pub(in crate::cli) zones: Vec<ZoneRow>,
    pub(in crate::cli) buckets: Vec<BucketRow>,
    pub(in crate::cli) workers: Vec<WorkerRow>,
    /// What the bootstrap may not see.
    pub(in crate::cli) notes: Vec<String>,
}

/// An account.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct AccountRow {
    pub(in crate::cli) id: String,
    pub(in crate::cli) name: String,
}

/// A zone, with the id of its account.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ZoneRow {
    pub(in crate::cli) id: String,
    pub(in crate::cli) name: String,
    pub(in crate::cli) account: String,
}

/// An R2 bucket, with the id of its account.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct BucketRow {
    pub(in crate::cli) name: String,
    pub(in crate::cli) account: String,
    pub(in crate::cli) jurisdiction: &'static str,
}

/// A Worker, with the id of its account.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct WorkerRow {
    pub(in crate::cli) name: String,
    pub(in crate::cli) account: String,
    /// What policies call it by.
    pub(in crate::cli) tag: String,
}

/// A link to the dashboard's form for a token.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct LinkRow {
    /// The profile's file.
    pub(in crate::cli) profile: String,
    /// Its environment.
    pub(in crate::cli) environment: Option<String>,
    /// The token's name in the form.
    pub(in crate::cli) name: String,
    /// Whose form it is: `user` or `account`.
    pub(in crate::cli) owner: &'static str,
    /// The link.
    pub(in crate::cli) address: String,
    /// The permissions that it fills in.
    pub(in crate::cli) permissions: Vec<LinkPermissionRow>,
    /// What is left to do in the form.
    pub(in crate::cli) by_hand: Vec<String>,
}

/// A permission that a link fills in.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct LinkPermissionRow {
    /// The section of the profile.
    pub(in crate::cli) section: &'static str,
    /// The API's name of the group.
    pub(in crate::cli) name: String,
    /// The word of links for it.
    pub(in crate::cli) key: &'static str,
    /// The level, as links say it.
    #[serde(rename = "type")]
    pub(in crate::cli) level: &'static str,
    /// How surely the word is known: `documented`, `seen` in published links, `inferred`.
    pub(in crate::cli) source: &'static str,
}

/// What was asked of the catalogue.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct PermissionRows {
    /// The permission groups, the narrowest first of those for an operation.
    pub(in crate::cli) permissions: Vec<PermissionRow>,
    /// How Cloudflare's own list differs; nothing where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) differences: Option<Vec<String>>,
}

/// A permission group.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct PermissionRow {
    /// The operation or the Terraform address for which one such group is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) operation: Option<String>,
    /// The section of a profile.
    pub(in crate::cli) section: Option<&'static str>,
    /// The line of a profile.
    pub(in crate::cli) line: String,
    /// The API's name.
    pub(in crate::cli) name: String,
    /// Its id, where it is known.
    pub(in crate::cli) id: Option<String>,
    /// What else the dashboard and the documentation print.
    pub(in crate::cli) labels: Vec<String>,
    /// What it was called before.
    pub(in crate::cli) former: Vec<String>,
    /// What is to be known of it: by which of its other names it was found, how Cloudflare's list differs.
    pub(in crate::cli) notes: Vec<String>,
}

/// A ready profile that `init` can write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct UseCaseRow {
    /// The name that it is chosen by.
    pub(in crate::cli) name: &'static str,
    /// What it is for.
    pub(in crate::cli) title: &'static str,
}

/// What a program needs of Cloudflare.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct LearnedRows {
    /// The profile that was written or compared.
    pub(in crate::cli) results: Vec<Row>,
    /// Whether the profile that was compared would have been enough; nothing where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) enough: Option<bool>,
    /// The permissions.
    pub(in crate::cli) permissions: Vec<LearnedRow>,
    /// What nobody knows the needs of: requests without values, Terraform addresses.
    pub(in crate::cli) unknown: Vec<String>,
    /// What takes one of several permissions, by the phase of its rules, which is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::cli) by_phase: Vec<ByPhaseRow>,
}

/// An operation on rulesets of a phase that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct ByPhaseRow {
    /// The method and the path.
    pub(in crate::cli) operation: String,
    /// The lines of a profile of which one is enough, and the phase says which.
    pub(in crate::cli) lines: Vec<String>,
}

/// A permission that a program needs, or that a profile grants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct LearnedRow {
    /// How a profile stands to it: `ok`, `wide` where it grants more than is needed, `unneeded`, `missing`; `needed` where
    /// none was compared.
    pub(in crate::cli) status: &'static str,
    /// The section of a profile.
    pub(in crate::cli) section: Option<&'static str>,
    /// The line in it.
    pub(in crate::cli) line: String,
    /// The API's name.
    pub(in crate::cli) name: String,
    /// Its id, where it is known.
    pub(in crate::cli) id: Option<String>,
    /// The id of the account or the zone that it is needed for.
    pub(in crate::cli) resource: Option<String>,
    /// What needs it.
    pub(in crate::cli) operations: Vec<String>,
    /// The line that would be enough, where the profile grants more.
    pub(in crate::cli) narrower: Option<String>,
}

/// Something that `doctor` checked.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct CheckRow {
    /// A stable code.
    pub(in crate::cli) code: CheckCode,
    /// How it ended.
    pub(in crate::cli) status: CheckStatus,
    /// The API's name of the permission group that it is about.
    pub(in crate::cli) permission: Option<String>,
    /// What was found, one line.
    pub(in crate::cli) message: String,
    /// What to do about it; may be empty.
    pub(in crate::cli) hint: String,
    /// The first command in the hint.
    pub(in crate::cli) command: Option<String>,
    /// The section of a profile.
    pub(in crate::cli) section: Option<&'static str>,
    /// What the permission holds on.
    pub(in crate::cli) resource: Option<String>,
    /// The line of a profile that asks for it.
    pub(in crate::cli) line: Option<String>,
    /// The place in the dashboard's form.
    pub(in crate::cli) dashboard: Option<String>,
    /// The id of the permission group.
    pub(in crate::cli) id: Option<String>,
    /// The page of the endpoint that refused.
    pub(in crate::cli) documentation: Option<String>,
}

/// What happened for one profile in one environment.
#[derive(Debug, Default, Serialize)]
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
#[serde(rename_all = "lowercase")]
enum OwnerRow {
    User,
    Account(String),
}

/// A sink.
#[derive(Debug, Serialize)]
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
        match sink {
            SinkSpec::EnvFile { path, variables, .. } => Self {
                kind: "env_file",
                path: path.value.display().to_string(),
                variables: variables.iter().map(|(name, _)| name.value.clone()).collect(),
            },
            SinkSpec::Command { argv, .. } => {
                Self { kind: "command", path: called(&argv.value), variables: Vec::new() }
            }
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
