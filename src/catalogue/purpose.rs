//! A permission group -> the work that it is for: what one team does, or one program.
//!
//! In: the name of a group. Out: its purpose, or none for a group that goes with any work, such as *Account Settings*.
//! What is unknown has no purpose, so that nothing is said about it.

use super::spelling::words;

/// Work that people do with tokens of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// Workers, and what they are bound to.
    Developers,
    /// Zones, their records and their certificates.
    Zones,
    /// Rules that stop requests.
    Security,
    /// Zero Trust: who may reach what.
    Access,
    /// Networks of one's own.
    Networks,
    /// Mail.
    Mail,
    /// Members, bills and logs of the account.
    Administration,
}

/// The words that name a purpose, as they stand in the names of groups. The first that fits counts.
const PURPOSES: [(Purpose, &[&str]); 7] = [
    (
        Purpose::Access,
        &["access", "zero trust", "cloudflare tunnel", "cloudflare one", "casb", "dls", "sso", "dex"],
    ),
    (Purpose::Mail, &["email"]),
    (Purpose::Networks, &["magic", "ip prefixes", "address maps", "l4", "dns firewall", "china network"]),
    (
        Purpose::Security,
        &[
            "waf",
            "firewall",
            "ddos",
            "bot management",
            "page shield",
            "turnstile",
            "api gateway",
            "rulesets",
            "security center",
            "rule lists",
            "fraud",
        ],
    ),
    (
        Purpose::Developers,
        &[
            "workers",
            "pages",
            "d1",
            "queues",
            "hyperdrive",
            "vectorize",
            "ai",
            "browser rendering",
            "secrets store",
            "pipelines",
            "images",
            "stream",
            "calls",
            "realtime",
            "cloudchamber",
            "constellation",
        ],
    ),
    (
        Purpose::Zones,
        &[
            "dns",
            "ssl",
            "cache",
            "load balancers",
            "load balancing",
            "registrar",
            "page rules",
            "custom pages",
            "waiting rooms",
            "health checks",
            "snippets",
            "zaraz",
            "transform rules",
            "url redirects",
        ],
    ),
    (Purpose::Administration, &["billing", "memberships", "api tokens", "logs", "notifications", "scim"]),
];

impl Purpose {
    /// What a group is for.
    pub(super) fn of(group: &str) -> Option<Self> {
        let name = words(group).join(" ");
        // `Custom Pages` is about zones, `Page Rules` and `DNS Firewall` about what their second word says.
        let is_named = |word: &&&str| format!(" {name} ").contains(&format!(" {word} "));
        let longest = |(purpose, names): &(Self, &[&'static str])| {
            names.iter().filter(is_named).map(|word| (word.len(), *purpose)).max_by_key(|(length, _)| *length)
        };
        let found: Vec<(usize, Self)> = PURPOSES.iter().filter_map(longest).collect();
        let Some(most) = found.iter().map(|(length, _)| *length).max() else {
            return is_named(&&"zone").then_some(Self::Zones);
        };
        found.into_iter().find(|(length, _)| *length == most).map(|(_, purpose)| purpose)
    }

    /// What people call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Developers => "Workers and their data",
            Self::Zones => "zones and DNS",
            Self::Security => "security rules",
            Self::Access => "Zero Trust",
            Self::Networks => "networks",
            Self::Mail => "mail",
            Self::Administration => "the account's administration",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_for_the_work_that_its_name_says() {
        for (group, purpose) in [
            ("Workers Scripts Write", Some(Purpose::Developers)),
            ("Workers R2 Storage Bucket Item Write", Some(Purpose::Developers)),
            ("Pages Write", Some(Purpose::Developers)),
            ("AI Gateway Write", Some(Purpose::Developers)),
            ("DNS Write", Some(Purpose::Zones)),
            ("Custom Pages Write", Some(Purpose::Zones)),
            ("Page Rules Write", Some(Purpose::Zones)),
            ("Zone WAF Write", Some(Purpose::Security)),
            ("DNS Firewall Write", Some(Purpose::Networks)),
            ("Firewall Services Write", Some(Purpose::Security)),
            ("Access: Apps and Policies Write", Some(Purpose::Access)),
            ("Email Routing Rules Write", Some(Purpose::Mail)),
            ("Account API Tokens Write", Some(Purpose::Administration)),
            ("Account Settings Write", None),
            ("User Details Read", None),
        ] {
            assert_eq!(Purpose::of(group), purpose, "{group}");
        }
    }
}
