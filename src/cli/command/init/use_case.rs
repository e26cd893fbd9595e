//! The ready profiles: a name -> the text of a profile, with the account, the zones and the project put in.

use std::path::Path;

use crate::cli::failure::code::Code;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::profile::{literal, nearest};
use crate::sink::shell_word;
use crate::text::one_line;

/// A ready profile.
pub(super) struct UseCase {
    /// The name that it is chosen by, which is its file's.
    pub(super) name: &'static str,
    text: &'static str,
}

macro_rules! ready {
    ($($name:literal,)*) => {
        /// Every ready profile, the most common first.
        pub(super) const USE_CASES: &[UseCase] = &[$(UseCase {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/", $name, ".yaml")),
        },)*];
    };
}

ready! {
    "workers-deploy",
    "workers-custom-domain",
    "full-stack",
    "edge-delivery",
    "saas-platform",
    "dns-automation",
    "cache-purge",
    "r2-upload",
    "analytics-read",
    "single-purpose",
}

/// What is put in place of the examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Values<'a> {
    pub(super) project: Option<&'a str>,
    pub(super) account: Option<&'a str>,
    pub(super) zones: &'a [String],
}

/// What the ready profiles have for the project, the account, the zone, and the schema beside them.
const PROJECT: &str = "${PROJECT:-myapp}";
const ACCOUNT: &str = "\"${CLOUDFLARE_ACCOUNT:-Emulator Account}\"";
const ZONE: &str = "\"${CLOUDFLARE_ZONE:-example.com}\"";
const SCHEMA: &str = "# yaml-language-server: $schema=./profile.schema.json\n#\n";

impl UseCase {
    /// The ready profile of a name.
    pub(super) fn find(name: &str) -> Result<&'static Self, Problem> {
        if let Some(found) = USE_CASES.iter().find(|one| one.name == name) {
            return Ok(found);
        }
        let meant =
            nearest(name, USE_CASES.iter().map(|one| one.name)).map(|near| format!("did you mean {near}?"));
        let hints: Vec<Hint> =
            meant.into_iter().chain(USE_CASES.iter().map(Self::line)).map(Hint::text).collect();
        let message = format!("no use case is called `{}`", one_line(name));
        Err(Problem::new(Code::UsageInit, message, hints))
    }

    /// Its line in a list of them.
    pub(super) fn line(&self) -> String {
        format!("{:22} {}", self.name, self.title())
    }

    /// What it is for, in a sentence.
    pub(super) fn title(&self) -> &'static str {
        let comments = self.text.lines().filter_map(|line| line.strip_prefix("# "));
        comments.skip(1).find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// Whether it speaks of a zone, or of an account.
    pub(super) fn has_zone(&self) -> bool {
        self.text.contains(ZONE)
    }

    pub(super) fn has_account(&self) -> bool {
        self.text.contains(ACCOUNT)
    }

    /// The text, for a file of this name. Comments stay.
    pub(super) fn text(&self, values: &Values<'_>, file: &Path) -> String {
        let mut text = self.text.replacen(SCHEMA, "", 1);
        text = text.replace(&format!("{}.yaml", self.name), &shell_word(file));
        if let Some(project) = values.project {
            text = text.replace(PROJECT, &project.replace("${", "$${"));
        }
        if let Some(account) = values.account {
            text = text.replace(ACCOUNT, &literal(account));
        }
        if !values.zones.is_empty() {
            let zones: Vec<String> = values.zones.iter().map(|zone| literal(zone)).collect();
            text = text.replace(ZONE, &zones.join(", "));
        }
        text
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops where it fails, and reads files"
)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_ready_profile_is_a_use_case() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".yaml").map(str::to_owned))
            .collect();
        let known: BTreeSet<String> = USE_CASES.iter().map(|one| one.name.to_owned()).collect();
        assert_eq!(known, files);
    }

    #[test]
    fn each_has_a_title_and_takes_the_values_that_are_given() {
        for one in USE_CASES {
            assert!(one.title().ends_with(['.', ':']) || one.title().len() > 20, "{}", one.name);
            let zones = ["shop.example".to_owned()];
            let values = Values { project: Some("shop"), account: Some("Acme: Production"), zones: &zones };
            let text = one.text(&values, Path::new("token.yaml"));
            assert!(text.contains("shop-") && !text.contains(PROJECT), "{}", one.name);
            assert!(
                !text.contains("$schema") && !text.contains(ACCOUNT) && !text.contains(ZONE),
                "{}",
                one.name
            );
            assert_eq!(text.contains("\"Acme: Production\""), one.has_account(), "{}", one.name);
            assert_eq!(text.contains("shop.example"), one.has_zone(), "{}", one.name);
        }
    }
}
