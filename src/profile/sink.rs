//! Where a valid profile sends its secret, and what each sink receives.

use std::path::PathBuf;

use super::diagnostic::Spanned;

/// Where a secret is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkSpec {
    /// Variables of an env file.
    EnvFile(FileSpec),
    /// Keys of a JSON file.
    JsonFile(FileSpec),
    /// Variables of the later steps of a job in GitHub Actions.
    GithubEnv {
        /// Variable to value, in the order written.
        variables: Vec<(Spanned<String>, SinkValue)>,
    },
    /// Keys of a secret in Vault or OpenBao.
    Vault {
        /// Its path in a KV store of version 2, such as `secret/data/shop/cloudflare`.
        path: Spanned<String>,
        /// Key to value, in the order written.
        variables: Vec<(Spanned<String>, SinkValue)>,
    },
    /// The screen of the person who asked for it; no profile says so.
    Terminal {
        /// The token's name.
        name: String,
    },
    /// Standard input of a program.
    Command {
        /// What takes the secret.
        writers: Writers,
        /// What it reads.
        input: CommandInput,
        /// Program and arguments whose standard output is what the sink holds now; `None` where nobody can ask.
        read: Option<Spanned<Vec<String>>>,
    },
}

/// The programs that take a secret, each with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writers {
    /// One, whatever its store holds.
    One(Spanned<Vec<String>>),
    /// Two, for a store that tells them apart.
    ByContent {
        /// Where the store holds nothing yet.
        create: Spanned<Vec<String>>,
        /// Where it holds something.
        update: Spanned<Vec<String>>,
    },
}

/// What a program reads on standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandInput {
    /// One value and nothing else.
    Value(SinkValue),
    /// Several values, with their names.
    Document {
        /// How they are written.
        format: DocumentFormat,
        /// Name to value, in the order written.
        variables: Vec<(String, SinkValue)>,
    },
}

/// How a document of several values is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentFormat {
    /// A JSON object of texts.
    Json,
    /// The lines of an env file.
    Env,
    /// A YAML map of texts.
    Yaml,
    /// The manifest of a Secret of Kubernetes.
    Kubernetes {
        /// The Secret's name.
        name: String,
        /// Its namespace; `None` for the one that the program chooses.
        namespace: Option<String>,
    },
    /// The variables of Terraform or OpenTofu.
    Tfvars,
}

/// A file that a sink writes, whatever its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSpec {
    /// As written; relative to the root of the git work tree, else to the current folder.
    pub path: Spanned<PathBuf>,
    /// Variable to value, in the order written.
    pub variables: Vec<(Spanned<String>, SinkValue)>,
    /// Its permission bits, where the profile says so: read and write for the owner, no more for the group,
    /// nothing for others.
    pub mode: Option<Spanned<u32>>,
}

impl SinkSpec {
    /// The word for its kind, in profiles and in JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EnvFile(_) => "env_file",
            Self::JsonFile(_) => "json_file",
            Self::GithubEnv { .. } => "github_env",
            Self::Vault { .. } => "vault",
            Self::Terminal { .. } => "terminal",
            Self::Command { .. } => "command",
        }
    }

    /// The file that it writes, if it writes one of this machine.
    #[must_use]
    pub fn file(&self) -> Option<&FileSpec> {
        match self {
            Self::EnvFile(file) | Self::JsonFile(file) => Some(file),
            Self::GithubEnv { .. } | Self::Vault { .. } | Self::Terminal { .. } | Self::Command { .. } => {
                None
            }
        }
    }

    /// What must be set where it is written, besides what the profile says.
    #[must_use]
    pub fn surroundings(&self) -> Option<&'static str> {
        match self {
            Self::Vault { .. } => {
                Some("VAULT_ADDR, and VAULT_ROLE_ID with VAULT_SECRET_ID, VAULT_K8S_ROLE or VAULT_TOKEN")
            }
            Self::GithubEnv { .. } => Some("a job of GitHub Actions"),
            Self::EnvFile(_) | Self::JsonFile(_) | Self::Terminal { .. } | Self::Command { .. } => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn file_mut(&mut self) -> Option<&mut FileSpec> {
        match self {
            Self::EnvFile(file) | Self::JsonFile(file) => Some(file),
            Self::GithubEnv { .. } | Self::Vault { .. } | Self::Terminal { .. } | Self::Command { .. } => {
                None
            }
        }
    }

    /// The programs that it runs, each with its arguments; the first of them takes the secret.
    #[must_use]
    pub fn programs(&self) -> Vec<&Spanned<Vec<String>>> {
        match self {
            Self::Command { writers, read, .. } => writers.programs().into_iter().chain(read).collect(),
            Self::EnvFile(_)
            | Self::JsonFile(_)
            | Self::GithubEnv { .. }
            | Self::Vault { .. }
            | Self::Terminal { .. } => Vec::new(),
        }
    }

    /// What it receives, with the name of each where there is one.
    #[must_use]
    pub fn values(&self) -> Vec<(Option<&str>, SinkValue)> {
        match self {
            Self::EnvFile(FileSpec { variables, .. })
            | Self::JsonFile(FileSpec { variables, .. })
            | Self::GithubEnv { variables }
            | Self::Vault { variables, .. } => {
                variables.iter().map(|(name, value)| (Some(name.value.as_str()), *value)).collect()
            }
            Self::Terminal { .. } => vec![(None, SinkValue::Token)],
            Self::Command { input: CommandInput::Value(value), .. } => vec![(None, *value)],
            Self::Command { input: CommandInput::Document { variables, .. }, .. } => {
                variables.iter().map(|(name, value)| (Some(name.as_str()), *value)).collect()
            }
        }
    }
}

impl Writers {
    /// The programs, each with its arguments.
    #[must_use]
    pub fn programs(&self) -> Vec<&Spanned<Vec<String>>> {
        match self {
            Self::One(program) => vec![program],
            Self::ByContent { create, update } => vec![create, update],
        }
    }
}

/// What a sink receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SinkValue {
    /// The secret.
    Token,
    /// The token's id.
    TokenId,
    /// The id of the one account.
    AccountId,
    /// The id of the one zone.
    ZoneId,
    /// When it ends, RFC 3339; empty for never.
    ExpiresOn,
    /// The S3 access key id of R2: the token's id.
    R2AccessKeyId,
    /// The S3 secret access key of R2: the SHA-256 of the secret. A secret itself.
    R2SecretAccessKey,
    /// The S3 endpoint of R2.
    R2Endpoint,
}

impl SinkValue {
    /// Every value.
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::TokenId,
        Self::AccountId,
        Self::ZoneId,
        Self::ExpiresOn,
        Self::R2AccessKeyId,
        Self::R2SecretAccessKey,
        Self::R2Endpoint,
    ];

    /// Whether it is a secret, or made from one.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Token | Self::R2SecretAccessKey)
    }

    /// Whether it means nothing once its token is dead. Ids of accounts and zones stay true.
    #[must_use]
    pub fn dies_with_token(self) -> bool {
        match self {
            Self::Token | Self::TokenId | Self::ExpiresOn | Self::R2AccessKeyId | Self::R2SecretAccessKey => {
                true
            }
            Self::AccountId | Self::ZoneId | Self::R2Endpoint => false,
        }
    }

    /// The word for it in a profile.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::TokenId => "token_id",
            Self::AccountId => "account_id",
            Self::ZoneId => "zone_id",
            Self::ExpiresOn => "expires_on",
            Self::R2AccessKeyId => "r2_access_key_id",
            Self::R2SecretAccessKey => "r2_secret_access_key",
            Self::R2Endpoint => "r2_endpoint",
        }
    }
}
