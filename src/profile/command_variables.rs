//! A profile -> the variables of a command that is run with a token of its own. Which values they hold is known only once
//! the token is.

use std::collections::BTreeMap;

use super::model::Profile;
use super::sink::{SinkSpec, SinkValue};

/// Where a program looks for a token, where no sink of the profile says otherwise.
///
/// Source: <https://developers.cloudflare.com/workers/wrangler/system-environment-variables/>
const TOKEN: &str = "CLOUDFLARE_API_TOKEN";

impl Profile {
    /// What the variables of a command hold: what the profile's env files hold, of two with one name the later; and the
    /// token, where that is in none of them.
    #[must_use]
    pub fn command_variables(&self) -> BTreeMap<String, SinkValue> {
        let of_files = self.sinks.iter().filter_map(|sink| {
            let SinkSpec::EnvFile { variables, .. } = sink else { return None };
            Some(variables)
        });
        let mut held: BTreeMap<String, SinkValue> =
            of_files.flatten().map(|(name, value)| (name.value.clone(), *value)).collect();
        if !held.values().any(|value| value.is_secret()) {
            held.insert(TOKEN.to_owned(), SinkValue::Token);
        }
        held
    }
}
