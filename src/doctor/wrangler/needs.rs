//! A configuration -> what a deployment of each of its environments takes.

use serde_json::{Map, Value};

use super::bindings::{KINDS, OTHERS};
use super::config::WranglerConfig;
use super::names::{TOP_LEVEL, names};
use super::routes::{Route, RouteKind, RouteZone, routes};
use crate::profile::Section;

/// What a deployment of one environment takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deployment {
    /// The environment; `None` for the part outside of all.
    pub environment: Option<String>,
    /// What it is called in a profile.
    pub called: String,
    /// The Worker, or the Pages project.
    pub name: Option<String>,
    /// Whether it is a Pages project.
    pub is_pages: bool,
    /// The account's id, where the configuration has it.
    pub account: Option<String>,
    /// The permissions, each group once.
    pub needs: Vec<Need>,
    /// The zones, by name or id, each once, with the routes that are in them.
    pub zones: Vec<(String, Vec<String>)>,
    /// What is bound and takes no permission.
    pub free: Vec<String>,
    /// What is to be known or looked at.
    pub notes: Vec<String>,
}

/// A permission, and what needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Where it belongs in a profile.
    pub section: Section,
    /// The API's name of the group.
    pub group: &'static str,
    /// What needs it, a line each.
    pub reasons: Vec<String>,
}

/// The deployments of a configuration: the part outside of all environments first.
///
/// Bindings are not inherited by environments; routes and the account's id are
/// (<https://developers.cloudflare.com/workers/wrangler/configuration/#inheritable-keys>).
#[must_use]
pub fn deployments(config: &WranglerConfig) -> Vec<Deployment> {
    let top = &config.keys;
    let mut deployments = if top.contains_key("pages_build_output_dir") {
        vec![pages(top)]
    } else {
        // Wrangler takes `--env ""` for the part outside of all.
        let named = config.environments().filter(|(name, _)| !name.is_empty());
        let environments = named.map(|(name, section)| worker(top, section, Some(name)));
        std::iter::once(worker(top, top, None)).chain(environments).collect()
    };
    let environments: Vec<Option<&str>> = deployments.iter().map(|one| one.environment.as_deref()).collect();
    let names = names(&environments);
    for (deployment, name) in deployments.iter_mut().zip(names) {
        deployment.call(name);
    }
    if config.environments().any(|(name, _)| name.is_empty())
        && let Some(top) = deployments.first_mut()
    {
        let note = "the environment without a name is left out, since wrangler has no way to choose it";
        top.notes.push(note.to_owned());
    }
    deployments
}

/// A Pages project is uploaded whole; its bindings take nothing.
fn pages(top: &Map<String, Value>) -> Deployment {
    let mut deployment = Deployment {
        name: text(top, "name"),
        is_pages: true,
        account: text(top, "account_id"),
        ..Deployment::default()
    };
    deployment.need(Section::Account, "Pages Write", "wrangler pages deploy uploads the site".to_owned());
    for kind in KINDS {
        deployment.free.extend(kind.found(top).into_iter().map(|binding| kind.shown(binding)));
    }
    deployment
}

fn worker(top: &Map<String, Value>, section: &Map<String, Value>, environment: Option<&str>) -> Deployment {
    let own_name = text(top, "name");
    let name = match environment {
        None => own_name,
        Some(environment) => {
            text(section, "name").or_else(|| own_name.map(|name| format!("{name}-{environment}")))
        }
    };
    let account = text(section, "account_id").or_else(|| text(top, "account_id"));
    let environment = environment.map(str::to_owned);
    let mut deployment = Deployment { environment, name, account, ..Deployment::default() };
    deployment.need(
        Section::Account,
        "Workers Scripts Write",
        "wrangler deploy uploads the Worker".to_owned(),
    );
    for kind in KINDS {
        for binding in kind.found(section) {
            let shown = kind.shown(binding);
            match kind.takes.of(binding) {
                Some(asked) => {
                    deployment.need(Section::Account, asked.group, format!("{shown} {}", asked.does));
                }
                None => deployment.free.push(shown),
            }
        }
    }
    let unknown = section.iter().filter(|(key, value)| is_unknown_binding(key, value));
    deployment.notes.extend(unknown.map(|(key, _)| {
        format!(
            "cfmint does not know whether `{key}` takes a permission: see the documentation of what it binds"
        )
    }));
    let is_on_workers_dev =
        section.get("workers_dev").or_else(|| top.get("workers_dev")).and_then(Value::as_bool);
    for route in routes(section).or_else(|| routes(top)).unwrap_or_default() {
        deployment.route(&route, is_on_workers_dev.unwrap_or_default());
    }
    deployment.without_lower_levels();
    deployment
}

/// Whether a key holds bindings of a kind that is not known.
fn is_unknown_binding(key: &str, value: &Value) -> bool {
    let is_known = OTHERS.contains(&key) || KINDS.iter().any(|kind| kind.key.split('.').next() == Some(key));
    let binds = |value: &Value| value.get("binding").is_some();
    !is_known && (binds(value) || value.as_array().is_some_and(|items| items.iter().any(binds)))
}

impl Deployment {
    /// Gives it its name in a profile, and says so where Wrangler's is another.
    fn call(&mut self, name: String) {
        match &self.environment {
            Some(own) if *own != name => self.notes.push(format!(
                "the environment `{own}` is called {name} in the profile, where a name has only letters, digits, `.`, `_` and `-`; \
                 its token goes to .env.{own}, which wrangler reads for it"
            )),
            None if name != TOP_LEVEL && name.starts_with(TOP_LEVEL) => self.notes.push(format!(
                "the part outside of all environments is called {name} in the profile, since an environment is \
                 called {TOP_LEVEL}"
            )),
            _ => {}
        }
        self.called = name;
    }

    fn need(&mut self, section: Section, group: &'static str, reason: String) {
        match self.needs.iter_mut().find(|need| need.section == section && need.group == group) {
            Some(need) => need.reasons.push(reason),
            None => self.needs.push(Need { section, group, reasons: vec![reason] }),
        }
    }

    fn route(&mut self, route: &Route, is_on_workers_dev: bool) {
        let (noun, group) = match route.kind {
            RouteKind::Route => ("route", "Workers Routes Write"),
            RouteKind::CustomDomain => ("custom domain", "Workers Routes Read"),
        };
        let shown = format!("{noun} {}", route.pattern);
        if route.kind == RouteKind::CustomDomain && is_on_workers_dev {
            self.free.push(shown);
            return;
        }
        let why = match route.kind {
            RouteKind::Route => shown.clone(),
            RouteKind::CustomDomain => format!("wrangler looks at the routes there for the {shown}"),
        };
        self.need(Section::Zone, group, why);
        if !matches!(route.zone, RouteZone::Id(_)) {
            self.need(Section::Zone, "Zone Read", format!("wrangler looks for the zone of the {shown}"));
        }
        let Some(zone) = route.zone.text() else {
            self.notes.push(format!("nothing tells the zone of the {shown}: add it to the zones"));
            return;
        };
        let why = match route.zone {
            RouteZone::Guessed(_) => format!("guessed from the {shown}: see that it is the zone's name"),
            _ => shown,
        };
        match self.zones.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(zone)) {
            Some((_, reasons)) => reasons.push(why),
            None => self.zones.push((zone.to_owned(), vec![why])),
        }
    }

    /// Whoever may write may read: the lower of two levels of one permission grants nothing more.
    fn without_lower_levels(&mut self) {
        let higher: Vec<Need> =
            self.needs.iter().filter(|need| need.group.ends_with(" Write")).cloned().collect();
        for need in higher {
            let read = need.group.replace(" Write", " Read");
            let lower: Vec<String> = self
                .needs
                .extract_if(.., |other| other.section == need.section && other.group == read)
                .flat_map(|other| other.reasons)
                .collect();
            if let Some(own) = self.needs.iter_mut().find(|own| **own == need) {
                own.reasons.extend(lower);
            }
        }
    }
}

fn text(section: &Map<String, Value>, key: &str) -> Option<String> {
    section.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
