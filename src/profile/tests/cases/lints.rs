//! What is valid and likely not meant, and comments that allow it.

use super::*;

const LOCAL: &str = "ip: { allow: [203.0.113.0/24] }\nenvironments: { laptop: {}, server: {} }\n";

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(&["profile.ttl-never 5:6"], edited("90d", "never")),
        case(&["profile.all-accounts 4:21"], edited("[example.com]", "all-accounts")),
        case(
            &["profile.unused-resource 4:25"],
            edited("zones: [example.com]", &format!("accounts: [Acme], zones: [{ID}]")),
        ),
        case(&["profile.ttl-short 5:6"], edited("90d", "59m")),
        case(&["profile.ttl-short 5:6"], edited("90d", "2026-01-15T12:59:59Z")),
        case(&[], edited("90d", "1h")),
        case(&[], extended("not_before: now\n")),
        case(&["profile.all-zones 4:39"], edited("zones: [example.com]", "accounts: [Acme], zones: all")),
        case(
            &[],
            edited("permissions: { zone: { DNS: read }", "permissions: { account: { D1: read }")
                .replace("zones: [example.com]", "accounts: [Acme]"),
        ),
        in_environment(
            "laptop",
            case(&["profile.ip-of-local 7:5"], edited("name: app", "name: app-${environment}") + LOCAL),
        ),
        in_environment("server", case(&[], edited("name: app", "name: app-${environment}") + LOCAL)),
        in_environment(
            "pr-7",
            case(&["profile.name-without-environment 2:7"], extended("environments: { 'pr-*': {} }\n")),
        ),
        in_environment(
            "live",
            case(&["profile.name-without-environment 2:7"], extended("environments: { live: {} }\n")),
        ),
        in_environment(
            "live",
            case(&[], edited("name: app", "name: app-live") + "environments: { live: {} }\n"),
        ),
        in_environment("live", case(&[], extended("environments: { dev: { name: a }, live: {} }\n"))),
        case(&["profile.bad-allow 7:3"], extended("# cfmint: allow\n")),
        case(&["profile.bad-allow 7:17"], extended("# cfmint: allow profile.ttl-nevr a device\n")),
        case(&["profile.bad-allow 7:17"], extended("# cfmint: allow profile.ttl-never\n")),
        case(&["profile.undelivered-secret"], edited("TOKEN: token", "ID: token_id")),
        case(&["profile.renew-before-too-long 7:27"], extended("rotation: { renew_before: 90d }\n")),
        case(&["profile.every-too-long 7:20"], extended("rotation: { every: 90d }\n")),
        case(&["profile.overlap-too-long 7:33"], extended("rotation: { every: 1d, overlap: 1d }\n")),
    ]
}
