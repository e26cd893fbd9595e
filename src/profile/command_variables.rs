//! A profile -> the variables of a command that is run with a token of its own. Which values they hold is known only once
//! the token is.

use std::collections::BTreeMap;

use super::model::Profile;
use super::sink::{FileSpec, SinkSpec, SinkValue};

/// Where a program looks for a token, where no sink of the profile says otherwise.
///
/// Source: <https://developers.cloudflare.com/workers/wrangler/system-environment-variables/>
const TOKEN: &str = "CLOUDFLARE_API_TOKEN";

impl Profile {
    /// What the variables of a command hold: what the profile's env files hold, and its variables of GitHub Actions, of two
    /// with one name the later; and the token, where that is in none of them.
    #[must_use]
    pub fn command_variables(&self) -> BTreeMap<String, SinkValue> {
        let of_environments = self.sinks.iter().filter_map(|sink| match sink {
            SinkSpec::EnvFile(FileSpec { variables, .. }) | SinkSpec::GithubEnv { variables } => {
                Some(variables)
            }
            SinkSpec::JsonFile(_)
            | SinkSpec::Vault { .. }
            | SinkSpec::Terminal { .. }
            | SinkSpec::Command { .. } => None,
        });
        let mut held: BTreeMap<String, SinkValue> =
            of_environments.flatten().map(|(name, value)| (name.value.clone(), *value)).collect();
        if !held.values().any(|value| value.is_secret()) {
            held.insert(TOKEN.to_owned(), SinkValue::Token);
        }
        held
    }
}
