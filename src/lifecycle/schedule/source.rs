//! Where a machine that is new at every run gets cfmint from. Nobody has to invent an address: a released program knows the
//! repository of its release, and any other has crates.io.

use super::Pace;

/// The version that a machine gets: this one.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where a machine that is new at every run gets cfmint from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A release of this repository of GitHub's, `owner/name`.
    Release(String),
    /// crates.io: it is built at every run.
    Crates,
    /// A container image that somebody named.
    Image(String),
}

impl Source {
    /// Where this program came from; `repository` is that of its release, if it is one.
    #[must_use]
    pub fn of(image: Option<String>, repository: Option<&str>) -> Self {
        match (image, repository) {
            (Some(image), _) => Self::Image(image),
            (None, Some(repository)) => Self::Release(repository.to_owned()),
            (None, None) => Self::Crates,
        }
    }

    /// The image that has cfmint in it, if there is one. The registry takes only small letters.
    pub(super) fn image(&self) -> Option<String> {
        match self {
            Self::Release(repository) => Some(format!("ghcr.io/{}:{VERSION}", repository.to_lowercase())),
            Self::Image(image) => Some(image.clone()),
            Self::Crates => None,
        }
    }

    /// The fastest pace at which a container can be started with it: building takes minutes.
    pub(super) fn fastest_container(&self) -> Pace {
        match self {
            Self::Crates => Pace::Hour,
            Self::Release(_) | Self::Image(_) => Pace::TenMinutes,
        }
    }

    /// How long it may take until it is there, in seconds.
    pub(super) fn delay(&self) -> i64 {
        match self {
            Self::Crates => 20 * 60,
            Self::Release(_) | Self::Image(_) => 0,
        }
    }
}
