//! Which profile and environment a live token belongs to, by its name.
//!
//! A profile in a named environment has one name. The environments of a pattern, such as `pr-*`, have names of
//! one shape, and a token of that shape belongs to whatever environment the rest of its name says.

use crate::plan::Live;
use crate::profile::{Profile, Shape, matches_pattern};

/// The profiles of one owner.
#[derive(Default)]
pub struct ProfileIndex<'a> {
    entries: Vec<IndexedProfile<'a>>,
}

/// A profile in one environment, or in all of a shape.
struct IndexedProfile<'a> {
    profile: &'a Profile,
    shape: Option<&'a Shape>,
}

/// Where a token belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Belonging<'a> {
    /// Its profile; for a pattern, resolved for an example of its environments.
    pub profile: &'a Profile,
    /// Its environment; for a pattern with several `*`, the pattern.
    pub environment: Option<String>,
}

impl<'a> ProfileIndex<'a> {
    /// Takes an owner's profiles: those of named environments, the examples of patterns, and the patterns' shapes.
    #[must_use]
    pub fn new(profiles: impl IntoIterator<Item = &'a Profile>, shapes: &'a [Shape]) -> Self {
        let entry = |profile: &'a Profile| {
            let example = profile.environment.as_deref();
            let is_its =
                |shape: &&Shape| shape.source.path == profile.source.path && example == Some(&*shape.example);
            IndexedProfile { profile, shape: shapes.iter().find(is_its) }
        };
        Self { entries: profiles.into_iter().map(entry).collect() }
    }

    /// Whether it knows any profile.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The profile and environment of a token that cfmint made; `None` for a token without a mark, or of no
    /// profile here. A named environment comes before a pattern, and a closer pattern before a wider one.
    #[must_use]
    pub fn find(&self, live: &Live) -> Option<Belonging<'a>> {
        let name = &live.marked.as_ref()?.name;
        let named =
            self.entries.iter().find(|entry| entry.shape.is_none() && entry.profile.name.value == *name);
        if let Some(IndexedProfile { profile, .. }) = named {
            return Some(Belonging { profile, environment: profile.environment.clone() });
        }
        let shaped = self.entries.iter().filter_map(|entry| {
            let shape = entry.shape.filter(|shape| matches_pattern(&shape.name, name))?;
            Some((shape, entry.profile))
        });
        let (shape, profile) = shaped.max_by_key(|(shape, _)| shape.name.len())?;
        let environment = environment(shape, name).unwrap_or_else(|| shape.environment.clone());
        Some(Belonging { profile, environment: Some(environment) })
    }
}

/// The environment that a name of a shape says, where there is only one.
fn environment(shape: &Shape, name: &str) -> Option<String> {
    let (before, after) = shape.name.split_once('*')?;
    if after.contains('*') || shape.environment.matches('*').count() != 1 {
        return None;
    }
    let star = name.strip_prefix(before)?.strip_suffix(after)?;
    Some(shape.environment.replace('*', star))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
    use super::*;
    use crate::lifecycle::tests::live;
    use crate::profile::{ProfileFile, ResolveOptions, Unset};

    const SHOP: &str = "
version: 1
name: shop-${environment}-dns
permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
ttl: 90d
sinks: [{ env_file: \".env.${environment}\", variables: { SHOP_TOKEN: token } }]
environments: { dev: {}, pr-1: {}, \"pr-*\": { ttl: 3d }, \"pr-*-eu\": { ttl: 4d } }
";

    #[test]
    fn a_token_belongs_where_its_name_says() {
        let file = ProfileFile::from_bytes("shop.yaml", SHOP.into()).unwrap();
        let choice = ResolveOptions {
            environment: None,
            features: &[],
            variables: &|_| None,
            now: chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            unset: Unset::Error,
        };
        let shapes = file.shapes(&choice);
        let names: Vec<&str> = shapes.iter().map(|shape| shape.name.as_str()).collect();
        assert_eq!(names, ["shop-pr-*-dns", "shop-pr-*-eu-dns"]);
        let profiles: Vec<Profile> = ["dev", "pr-1", "pr-2", "pr-1-eu"]
            .into_iter()
            .map(|name| file.resolve(&ResolveOptions { environment: Some(name), ..choice }).profile.unwrap())
            .collect();
        let profile_index = ProfileIndex::new(&profiles, &shapes);
        for (name, environment) in [
            ("shop-dev-dns@a0000000", Some("dev")),
            ("shop-pr-1-dns@a0000000", Some("pr-1")),
            ("shop-pr-17-dns@a0000000", Some("pr-17")),
            ("shop-pr-17-eu-dns@a0000000", Some("pr-17-eu")),
            ("shop-dev-dns", None),
            ("shop-production-dns@a0000000", None),
        ] {
            let found = profile_index.find(&live(name));
            assert_eq!(found.and_then(|found| found.environment).as_deref(), environment, "{name}");
        }
    }
}
