//! What `terraform show -json` prints of a plan or a state -> what Terraform manages and reads at Cloudflare.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/json-format>. A resource that is made, changed or deleted
//! needs a group that changes; one that stays as it is, and a data source, need one that sees. The values of a resource
//! are not kept, but for the ids of its account and its zone, and the phase of a ruleset.

use serde::Deserialize;

use super::lenient::Lenient;
use super::seen::{Managed, Place, Recording};
use crate::catalogue::known_phase;

/// What the types of Cloudflare's provider begin with.
const PROVIDER: &str = "cloudflare_";
/// How deep modules may lie in each other.
const DEEPEST: usize = 64;

#[derive(Deserialize)]
struct Shown {
    format_version: String,
    #[serde(default)]
    resource_changes: Vec<Lenient<Changed>>,
    #[serde(default)]
    prior_state: Lenient<State>,
    #[serde(default)]
    planned_values: Lenient<Values>,
    #[serde(default)]
    values: Lenient<Values>,
}

#[derive(Deserialize)]
struct Changed {
    address: String,
    #[serde(rename = "type")]
    kind: String,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    before: Lenient<Ids>,
    #[serde(default)]
    after: Lenient<Ids>,
}

/// The values that say where something is, and what a ruleset is for; all others are passed over.
#[derive(Deserialize, Default)]
struct Ids {
    #[serde(default)]
    account_id: Option<String>,
    #[serde(default)]
    zone_id: Option<String>,
    #[serde(default)]
    phase: Option<String>,
}

#[derive(Deserialize)]
struct State {
    values: Values,
}

#[derive(Deserialize)]
struct Values {
    #[serde(default)]
    root_module: Module,
}

#[derive(Deserialize, Default)]
struct Module {
    #[serde(default)]
    resources: Vec<Lenient<Resource>>,
    #[serde(default)]
    child_modules: Vec<Module>,
}

#[derive(Deserialize)]
struct Resource {
    address: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    values: Lenient<Ids>,
}

/// What Terraform manages and reads at Cloudflare; `None` where the text is neither plan nor state.
pub(super) fn read(text: &str) -> Option<Recording> {
    let shown: Shown = serde_json::from_str(text).ok()?;
    // The number of the format is what makes it a plan or a state.
    shown.format_version.split('.').next()?.parse::<u32>().ok()?;
    let mut recording = Recording::default();
    for Changed { address, kind, change } in shown.resource_changes.into_iter().filter_map(|one| one.0) {
        let changes = change.actions.iter().any(|action| !["no-op", "read"].contains(&&**action));
        let ids = change.after.0.filter(Ids::say_something).or(change.before.0);
        note(&mut recording, address, &kind, changes, ids);
    }
    let prior = shown.prior_state.0.map(|state| state.values);
    let states = [prior, shown.planned_values.0, shown.values.0];
    for values in states.into_iter().flatten() {
        walk(&mut recording, values.root_module, 0);
    }
    Some(recording)
}

fn walk(recording: &mut Recording, module: Module, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    for Resource { address, kind, values } in module.resources.into_iter().filter_map(|one| one.0) {
        note(recording, address, &kind, false, values.0);
    }
    for child in module.child_modules {
        walk(recording, child, depth + 1);
    }
}

fn note(recording: &mut Recording, address: String, kind: &str, changes: bool, ids: Option<Ids>) {
    if kind.starts_with(PROVIDER) {
        let place = ids.as_ref().map_or(Place::Unnamed, Ids::place);
        let phase = ids.and_then(|ids| ids.phase).filter(|_| matches!(place, Place::Zone(_)));
        let phase = phase.as_deref().and_then(known_phase);
        recording.manage(Managed { address, changes, place, phase });
    }
}

impl Ids {
    fn say_something(&self) -> bool {
        self.place() != Place::Unnamed
    }

    fn place(&self) -> Place {
        let zone = self.zone_id.as_deref().map_or(Place::Unnamed, Place::zone);
        if zone != Place::Unnamed {
            return zone;
        }
        self.account_id.as_deref().map_or(Place::Unnamed, Place::account)
    }
}
