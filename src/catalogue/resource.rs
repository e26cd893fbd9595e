//! What a policy applies to: Cloudflare's resource keys as values that can be compared, and back.
//!
//! A key stands in a policy either with `"*"` or with one nested key that narrows it:
//! `com.cloudflare.api.account.<id>: "*"` is the account, the same key with
//! `{"com.cloudflare.api.account.zone.*": "*"}` is every zone of it. No other nesting is documented for what
//! profiles name; whatever else a live token holds is kept word for word.
//!
//! Source: <https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/> and, for buckets,
//! <https://developers.cloudflare.com/r2/api/tokens/>.

use std::fmt;

use crate::profile::{Jurisdiction, Section, is_id};

const ACCOUNT: &str = "com.cloudflare.api.account.";
const ZONE: &str = "com.cloudflare.api.account.zone.";
const USER: &str = "com.cloudflare.api.user.";
const BUCKET: &str = "com.cloudflare.edge.r2.bucket.";
const SCRIPT: &str = "com.cloudflare.edge.worker.script.";
const EVERY_ACCOUNT: &str = "com.cloudflare.api.account.*";
const EVERY_ZONE: &str = "com.cloudflare.api.account.zone.*";
const EVERY_BUCKET: &str = "com.cloudflare.edge.r2.bucket.*";

/// A resource of a policy. Ids are 32 hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// One account.
    Account(String),
    /// Every account of the user; for a user's token only.
    AllAccounts,
    /// One zone.
    Zone(String),
    /// Every zone of an account.
    ZonesOf(String),
    /// Every zone of every account of the user; for a user's token only.
    AllZones,
    /// The user; for a user's token only.
    User(String),
    /// One R2 bucket.
    Bucket {
        /// The account it is in.
        account: String,
        /// Where its data may lie.
        jurisdiction: Jurisdiction,
        /// Its name.
        name: String,
    },
    /// Every R2 bucket of an account.
    BucketsOf(String),
    /// One Worker; for an account's token only.
    Worker {
        /// The account it is in.
        account: String,
        /// Cloudflare's tag of it, which stays when it is renamed.
        tag: String,
    },
    /// Anything else, as Cloudflare wrote it.
    Other {
        /// The key.
        key: String,
        /// The nested key that narrows it.
        within: Option<String>,
    },
}

impl Resource {
    /// Reads a resource key, and the nested key where its value is a map and not `"*"`.
    #[must_use]
    pub fn parse(key: &str, within: Option<&str>) -> Self {
        let known = match within {
            None => Self::parse_flat(key),
            Some(EVERY_ZONE) => id_after(ACCOUNT, key).map(Self::ZonesOf),
            Some(EVERY_BUCKET) => id_after(ACCOUNT, key).map(Self::BucketsOf),
            Some(nested) => id_after(ACCOUNT, key)
                .zip(nested.strip_prefix(SCRIPT).filter(|tag| is_tag(tag)))
                .map(|(account, tag)| Self::Worker { account, tag: tag.to_owned() }),
        };
        known.unwrap_or_else(|| Self::Other { key: key.to_owned(), within: within.map(str::to_owned) })
    }

    fn parse_flat(key: &str) -> Option<Self> {
        match key {
            EVERY_ACCOUNT => return Some(Self::AllAccounts),
            EVERY_ZONE => return Some(Self::AllZones),
            _ => {}
        }
        let account = || id_after(ACCOUNT, key).map(Self::Account);
        let zone = || id_after(ZONE, key).map(Self::Zone);
        let user = || id_after(USER, key).map(Self::User);
        account().or_else(zone).or_else(user).or_else(|| Self::parse_bucket(key))
    }

    /// Reads `<prefix><account>_<jurisdiction>_<name>`.
    fn parse_bucket(key: &str) -> Option<Self> {
        let (account, rest) = key.strip_prefix(BUCKET)?.split_once('_')?;
        let (word, name) = rest.split_once('_')?;
        let jurisdiction = Jurisdiction::ALL.into_iter().find(|known| known.word() == word)?;
        let whole = is_id(account) && !name.is_empty();
        whole.then(|| Self::Bucket {
            account: account.to_ascii_lowercase(),
            jurisdiction,
            name: name.to_owned(),
        })
    }

    /// Its key, and the nested key where its value is a map; without one, the value is `"*"`.
    #[must_use]
    pub fn key(&self) -> (String, Option<String>) {
        match self {
            Self::Account(id) => (format!("{ACCOUNT}{id}"), None),
            Self::AllAccounts => (EVERY_ACCOUNT.to_owned(), None),
            Self::Zone(id) => (format!("{ZONE}{id}"), None),
            Self::ZonesOf(id) => (format!("{ACCOUNT}{id}"), Some(EVERY_ZONE.to_owned())),
            Self::AllZones => (EVERY_ZONE.to_owned(), None),
            Self::User(id) => (format!("{USER}{id}"), None),
            Self::Bucket { account, jurisdiction, name } => {
                (format!("{BUCKET}{account}_{}_{name}", jurisdiction.word()), None)
            }
            Self::BucketsOf(id) => (format!("{ACCOUNT}{id}"), Some(EVERY_BUCKET.to_owned())),
            Self::Worker { account, tag } => (format!("{ACCOUNT}{account}"), Some(format!("{SCRIPT}{tag}"))),
            Self::Other { key, within } => (key.clone(), within.clone()),
        }
    }

    /// The section whose permissions apply to it; `None` where profiles have none.
    #[must_use]
    pub fn section(&self) -> Option<Section> {
        match self {
            Self::Account(_) | Self::AllAccounts => Some(Section::Account),
            Self::Zone(_) | Self::ZonesOf(_) | Self::AllZones => Some(Section::Zone),
            Self::User(_) => Some(Section::User),
            Self::Bucket { .. } | Self::BucketsOf(_) => Some(Section::R2),
            Self::Worker { .. } => Some(Section::Worker),
            Self::Other { .. } => None,
        }
    }
}

/// The id that a key is after its prefix, if that is all it is.
fn id_after(prefix: &str, key: &str) -> Option<String> {
    let id = key.strip_prefix(prefix)?;
    is_id(id).then(|| id.to_ascii_lowercase())
}

/// Whether a text is the tag of one Worker.
fn is_tag(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(formatter, "account {id}"),
            Self::AllAccounts => formatter.write_str("every account"),
            Self::Zone(id) => write!(formatter, "zone {id}"),
            Self::ZonesOf(id) => write!(formatter, "every zone of account {id}"),
            Self::AllZones => formatter.write_str("every zone of every account"),
            Self::User(id) => write!(formatter, "user {id}"),
            Self::Bucket { account, jurisdiction: Jurisdiction::Default, name } => {
                write!(formatter, "bucket {name} of account {account}")
            }
            Self::Bucket { account, jurisdiction, name } => {
                write!(formatter, "bucket {name} ({}) of account {account}", jurisdiction.word())
            }
            Self::BucketsOf(id) => write!(formatter, "every bucket of account {id}"),
            Self::Worker { account, tag } => write!(formatter, "Worker {tag} of account {account}"),
            Self::Other { key, within: None } => formatter.write_str(key),
            Self::Other { key, within: Some(within) } => write!(formatter, "{within} within {key}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "e0000000000000000000000000000001";

    fn any_resource() -> impl Strategy<Value = Resource> {
        let id = || "[0-9a-f]{32}";
        let jurisdiction = proptest::sample::select(&Jurisdiction::ALL);
        prop_oneof![
            id().prop_map(Resource::Account),
            Just(Resource::AllAccounts),
            id().prop_map(Resource::Zone),
            id().prop_map(Resource::ZonesOf),
            Just(Resource::AllZones),
            id().prop_map(Resource::User),
            (id(), jurisdiction, "[a-z0-9_*.-]{1,63}")
                .prop_map(|(account, jurisdiction, name)| Resource::Bucket { account, jurisdiction, name }),
            id().prop_map(Resource::BucketsOf),
            (id(), id()).prop_map(|(account, tag)| Resource::Worker { account, tag }),
        ]
    }

    proptest! {
        #[test]
        fn a_resource_survives_its_key(resource in any_resource()) {
            let (key, within) = resource.key();
            prop_assert_eq!(Resource::parse(&key, within.as_deref()), resource);
        }

        #[test]
        fn a_key_survives_whatever_it_is(
            key in r"com\.cloudflare\.(api|edge)\.(account|user|zone|r2\.bucket)?[.a-z0-9_*]{0,50}|\PC{0,20}",
            within in proptest::option::of(prop_oneof![Just(EVERY_ZONE.to_owned()), r"\PC{0,20}"]),
        ) {
            prop_assert_eq!(Resource::parse(&key, within.as_deref()).key(), (key, within));
        }
    }

    #[test]
    fn every_key_form_means_its_resource() {
        let account = format!("com.cloudflare.api.account.{ID}");
        let bucket = format!("com.cloudflare.edge.r2.bucket.{ID}_eu_my_assets");
        let forms: [(&str, Option<&str>, &str); 9] = [
            (&account, None, "account e0000000000000000000000000000001"),
            ("com.cloudflare.api.account.*", None, "every account"),
            (
                &format!("com.cloudflare.api.account.zone.{}", ID.to_uppercase()),
                None,
                "zone e0000000000000000000000000000001",
            ),
            (&account, Some(EVERY_ZONE), "every zone of account e0000000000000000000000000000001"),
            ("com.cloudflare.api.account.zone.*", None, "every zone of every account"),
            (&format!("com.cloudflare.api.user.{ID}"), None, "user e0000000000000000000000000000001"),
            (&bucket, None, "bucket my_assets (eu) of account e0000000000000000000000000000001"),
            (&account, Some(EVERY_BUCKET), "every bucket of account e0000000000000000000000000000001"),
            (EVERY_BUCKET, None, "com.cloudflare.edge.r2.bucket.*"),
        ];
        for (key, within, words) in forms {
            assert_eq!(Resource::parse(key, within).to_string(), words);
        }
    }

    #[test]
    fn forms_that_no_document_knows_are_kept_and_belong_to_no_section() {
        let script = "com.cloudflare.edge.worker.script.*";
        for (key, within) in [
            (format!("com.cloudflare.api.account.{ID}"), Some(script)),
            (format!("com.cloudflare.api.account.{ID}.zone.*"), None),
            (format!("com.cloudflare.edge.r2.bucket.{ID}_moon_assets"), None),
            ("com.cloudflare.api.account.".to_owned(), None),
        ] {
            let resource = Resource::parse(&key, within);
            assert!(matches!(resource, Resource::Other { .. }), "{key}");
            assert_eq!(resource.section(), None);
        }
    }
}
