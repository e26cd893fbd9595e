//! The routes of a Worker -> the zones that they are in, and what a deployment does there.
//!
//! Wrangler publishes routes to the account and, since a token for single zones is refused that, zone by zone
//! (workers-sdk f8308360, packages/deploy-helpers/src/triggers/publish-routes.ts): it looks a zone up by its name, unless
//! the route has its id, reads the zone's routes and adds what is missing. Custom domains are published to the account
//! alone; but before that, where the Worker is not on workers.dev, the routes of their zones are read
//! (packages/deploy-helpers/src/triggers/deploy.ts).

use serde_json::{Map, Value};

/// A route or a custom domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// As it is written.
    pub(super) pattern: String,
    pub(super) kind: RouteKind,
    pub(super) zone: RouteZone,
}

/// The two kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RouteKind {
    /// A route of the zone.
    Route,
    /// A domain of the Worker's own.
    CustomDomain,
}

/// The zone that a route is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RouteZone {
    /// By its id: wrangler does not look it up.
    Id(String),
    /// By its name.
    Name(String),
    /// Taken from the pattern, since the route does not say it.
    Guessed(String),
    /// Nothing tells it.
    Unknown,
}

impl RouteZone {
    /// The id or the name, if there is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Id(text) | Self::Name(text) | Self::Guessed(text) => Some(text),
            Self::Unknown => None,
        }
    }
}

/// The routes of a section; `None` where it does not speak of routes.
pub(super) fn routes(section: &Map<String, Value>) -> Option<Vec<Route>> {
    let one = section.get("route").filter(|route| !route.is_null());
    let many = section.get("routes").and_then(Value::as_array);
    if one.is_none() && many.is_none() {
        return None;
    }
    Some(one.into_iter().chain(many.into_iter().flatten()).filter_map(read).collect())
}

fn read(value: &Value) -> Option<Route> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let pattern = value.as_str().map(str::to_owned).or_else(|| text("pattern"))?;
    if pattern.is_empty() {
        return None;
    }
    let is_domain = value.get("custom_domain").and_then(Value::as_bool).unwrap_or_default();
    let zone = match (text("zone_id"), text("zone_name")) {
        (Some(id), _) => RouteZone::Id(id),
        (None, Some(name)) => RouteZone::Name(name),
        (None, None) => guessed(&pattern),
    };
    let kind = if is_domain { RouteKind::CustomDomain } else { RouteKind::Route };
    Some(Route { pattern, kind, zone })
}

/// The likely zone of a pattern: its last two labels, or three where the last two are a country's way of naming
/// companies and the like.
fn guessed(pattern: &str) -> RouteZone {
    let host = pattern.split_once("://").map_or(pattern, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default().trim_start_matches(['*', '.']);
    let labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
    let count = match labels.as_slice() {
        [.., second, country] if country.len() == 2 && COUNTRIES_OWN.contains(second) => 3,
        _ => 2,
    };
    if labels.len() < count || labels.iter().any(|label| label.contains('*')) {
        return RouteZone::Unknown;
    }
    RouteZone::Guessed(labels[labels.len() - count..].join("."))
}

/// What stands in front of a country's code as part of it.
const COUNTRIES_OWN: [&str; 8] = ["ac", "co", "com", "edu", "gov", "net", "or", "org"];
