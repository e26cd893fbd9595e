//! What deployments take -> a draft of the profile for them.

use std::collections::BTreeMap;

use super::needs::{Deployment, Need};
use crate::catalogue::{Catalogue, Scope};
use crate::profile::{
    Draft, DraftEnvironment, DraftLine, DraftNames, DraftRights, DraftSink, Section,
    environment_name_is_valid, is_id, literal, scalar,
};
use crate::text::whole_line;

/// What whoever asks for the profile chose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// The token's name, without the environment; the default is made of the Worker's name.
    pub name: Option<String>,
    /// The account, by name or id, whatever the configuration says.
    pub account: Option<String>,
    /// The zones, by name or id, whatever the configuration says.
    pub zones: Vec<String>,
    /// The configuration's file, as it was given.
    pub config: String,
    /// The folder of the configuration from the root of the work tree, with a slash at its end; empty for the root.
    pub folder: String,
}

/// How long a token of the profile lives.
const TTL: &str = "90d";

/// What stands in for an account that nothing tells: the variable that wrangler reads it from, and the emulator's, so that
/// the profile can be tried.
const ACCOUNT: &str = "${CLOUDFLARE_ACCOUNT_ID:-Emulator Account}";

/// The profile for some deployments. Each has an environment of its own; what all have in common stands once.
#[must_use]
pub fn draft(deployments: &[Deployment], choices: &Choices) -> Draft {
    let project = deployments.iter().find_map(|deployment| deployment.name.clone());
    let base_name = choices
        .name
        .clone()
        .unwrap_or_else(|| format!("{}-deploy", project.clone().unwrap_or_else(|| "worker".to_owned())));
    let common = match deployments {
        [only] => only.needs.clone(),
        [first, others @ ..] => in_common(first, others),
        [] => Vec::new(),
    };
    let accounts: Vec<Vec<DraftLine>> =
        deployments.iter().map(|deployment| vec![account(deployment, choices)]).collect();
    let is_one_account = accounts.windows(2).all(|two| two[0] == two[1]);
    let environments = deployments.iter().zip(&accounts).map(|(deployment, accounts)| {
        let mut environment = environment(deployment, &common, choices);
        if !is_one_account {
            environment.rights.accounts = DraftNames::Named(accounts.clone());
        }
        environment
    });
    let what = if deployments.iter().any(|deployment| deployment.is_pages) { "site" } else { "Worker" };
    let description = project.map_or_else(|| format!("Deploys the {what}"), |name| format!("Deploys {name}"));
    let environments = environments.collect();
    let accounts = if is_one_account { accounts.into_iter().next().unwrap_or_default() } else { Vec::new() };
    Draft {
        header: header(deployments, choices),
        name: DraftLine::plain(with_environment(&format!("{base_name}-"))),
        description: Some(literal(&whole_line(&description))),
        owner: None,
        rights: vec![DraftRights {
            permissions: sections(&common),
            accounts: DraftNames::Named(accounts),
            ..match deployments {
                [only] => places(only, choices),
                _ => DraftRights::default(),
            }
        }],
        ip: None,
        ttl: DraftLine::plain(TTL),
        not_before: None,
        sinks: vec![sink(with_environment(&format!("{}.env.", choices.folder)), &NOTES)],
        environments,
    }
}

/// What each deployment needs, for all of their reasons.
fn in_common(first: &Deployment, others: &[Deployment]) -> Vec<Need> {
    let mut common = Vec::new();
    for need in &first.needs {
        let same = |other: &Deployment| {
            other.needs.iter().find(|own| own.section == need.section && own.group == need.group).cloned()
        };
        let Some(alike) = others.iter().map(same).collect::<Option<Vec<Need>>>() else { continue };
        // On zones of their own, a permission stands with the zones.
        if need.section == Section::Zone {
            continue;
        }
        let mut reasons = need.reasons.clone();
        for reason in alike.into_iter().flat_map(|other| other.reasons) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        common.push(Need { reasons, ..need.clone() });
    }
    common
}

/// The environment of a deployment, with what it needs beyond what all need.
fn environment(deployment: &Deployment, common: &[Need], choices: &Choices) -> DraftEnvironment {
    let is_common =
        |need: &Need| common.iter().any(|other| other.section == need.section && other.group == need.group);
    let own: Vec<Need> = deployment.needs.iter().filter(|need| !is_common(need)).cloned().collect();
    let mut rights = DraftRights { permissions: sections(&own), ..DraftRights::default() };
    if !own.is_empty() {
        rights.zones = places(deployment, choices).zones;
    }
    let command = match (&deployment.environment, deployment.is_pages) {
        (_, true) => "wrangler pages deploy".to_owned(),
        (None, false) => "wrangler deploy".to_owned(),
        (Some(name), false) if environment_name_is_valid(name) => format!("wrangler deploy --env {name}"),
        (Some(name), false) => format!("wrangler deploy --env '{}'", name.replace('\'', "'\\''")),
    };
    // Without --env, wrangler reads .env.
    let own = match &deployment.environment {
        None => Some(String::new()),
        Some(name) => (*name != deployment.called).then(|| format!(".{name}")),
    };
    let own = own.map(|end| sink(literal(&format!("{}.env{end}", choices.folder)), &[]));
    DraftEnvironment {
        name: DraftLine::because(scalar(&deployment.called), [whole_line(&command)]),
        rights,
        ttl: None,
        sinks: own.into_iter().collect(),
    }
}

/// The entries of each section.
fn sections(needs: &[Need]) -> BTreeMap<Section, Vec<DraftLine>> {
    let catalogue = Catalogue::embedded();
    let mut sections = BTreeMap::new();
    for section in Section::ALL {
        let groups: Vec<(&str, Vec<String>)> = needs
            .iter()
            .filter(|need| need.section == section)
            .filter_map(|need| {
                let is_it = |group: &&crate::catalogue::KnownGroup| {
                    group.name == need.group && group.scopes.contains(&Scope::from(section))
                };
                let id = catalogue.groups().find(is_it)?.id.as_deref()?;
                Some((id, need.reasons.iter().map(|reason| whole_line(reason)).collect()))
            })
            .collect();
        if !groups.is_empty() {
            sections.insert(section, catalogue.entries(section, groups));
        }
    }
    sections
}

/// The account of a deployment, or the one that was chosen.
fn account(deployment: &Deployment, choices: &Choices) -> DraftLine {
    match (&choices.account, &deployment.account) {
        (Some(chosen), _) => DraftLine::plain(literal(chosen)),
        (None, Some(account)) => DraftLine::because(literal(account), ["account_id".to_owned()]),
        (None, None) => {
            let why = "no account_id is given: write its name or id, or set the variable";
            DraftLine::because(format!("\"{ACCOUNT}\""), [why.to_owned()])
        }
    }
}

/// The zones of a deployment.
fn places(deployment: &Deployment, choices: &Choices) -> DraftRights {
    let needs_zones = deployment.needs.iter().any(|need| need.section == Section::Zone);
    let zones = match (needs_zones, choices.zones.as_slice()) {
        (false, _) => Vec::new(),
        (true, []) => deployment
            .zones
            .iter()
            .map(|(zone, reasons)| {
                let zone = if is_id(zone) { zone.to_ascii_lowercase() } else { zone.to_lowercase() };
                DraftLine::because(literal(&zone), reasons.iter().map(|reason| whole_line(reason)))
            })
            .collect(),
        (true, chosen) => chosen.iter().map(|zone| DraftLine::plain(literal(zone))).collect(),
    };
    DraftRights { zones: DraftNames::Named(zones), ..DraftRights::default() }
}

/// What to know about the env files.
const NOTES: [&str; 3] = [
    "Wrangler reads its own token from these files: from .env, and from .env.NAME with --env NAME. Keep the token",
    "out of .dev.vars: what stands there becomes a variable of the Worker. In CI, send it to the store of the pipeline:",
    "  - { command: [gh, secret, set, CLOUDFLARE_API_TOKEN], input: token }",
];

/// A text that ends with the environment, quoted as a whole: what stands before it has no variables of its own.
fn with_environment(before: &str) -> String {
    scalar(&format!("{}${{environment}}", before.replace("${", "$${")))
}

fn sink(env_file: String, notes: &[&str]) -> DraftSink {
    DraftSink {
        notes: notes.iter().map(|note| (*note).to_owned()).collect(),
        env_file,
        variables: vec![
            ("CLOUDFLARE_API_TOKEN".to_owned(), DraftLine::plain("token")),
            ("CLOUDFLARE_ACCOUNT_ID".to_owned(), DraftLine::plain("account_id")),
        ],
    }
}

fn header(deployments: &[Deployment], choices: &Choices) -> Vec<String> {
    let mut header = vec![format!(
        "Written by cfmint init from {}: what a deployment takes, and nothing else.",
        whole_line(&choices.config)
    )];
    for deployment in deployments {
        let of = if deployments.len() > 1 { format!(" ({})", deployment.called) } else { String::new() };
        if !deployment.free.is_empty() {
            let mut free = deployment.free.clone();
            free.dedup();
            header.extend(wrapped(&format!("Takes no permission{of}:"), &free));
        }
        header.extend(deployment.notes.iter().map(|note| whole_line(&format!("Look{of}: {note}."))));
    }
    header.push(String::new());
    header
}

/// A title and a list in lines that are short enough to read.
fn wrapped(title: &str, items: &[String]) -> Vec<String> {
    const WIDEST: usize = 96;
    let mut lines = vec![title.to_owned()];
    for (number, item) in items.iter().enumerate() {
        let end = if number + 1 == items.len() { "." } else { "," };
        let item = format!("{}{end}", whole_line(item));
        match lines.last_mut() {
            Some(line) if line.len() + 1 + item.len() <= WIDEST => {
                line.push(' ');
                line.push_str(&item);
            }
            _ => lines.push(format!("  {item}")),
        }
    }
    lines
}
