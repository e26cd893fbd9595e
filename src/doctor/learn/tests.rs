//! Recordings of real shape, and what they need.

#![allow(clippy::panic, reason = "a test may stop at once")]

use proptest::prelude::*;

use std::collections::BTreeSet;

use super::*;
use crate::catalogue::{Catalogue, resolve_offline};
use crate::profile::{Profile, ProfileFile, ResolveOptions, Section, Unset};

const ACCOUNT: &str = "e0000000000000000000000000000001";
const ZONE: &str = "e0000000000000000000000000000101";
const OTHER_ZONE: &str = "e0000000000000000000000000000102";

fn recorded(requests: &[(&str, String)]) -> Recording {
    let mut recording = Recording::default();
    for (method, path) in requests {
        recording.request(method, path);
    }
    recording
}

/// The rights as a reader of the profile sees them: where, which line, and how many needs stand behind it.
fn least(recording: &Recording) -> Vec<(String, String, usize)> {
    let place = |place: &Reachable| match place {
        Reachable::Account(id) | Reachable::Zone(id) => id.clone(),
        Reachable::SomeAccount => "some account".to_owned(),
        Reachable::SomeZone => "some zone".to_owned(),
        Reachable::EveryZone => "every zone".to_owned(),
        Reachable::User => "user".to_owned(),
    };
    let rights = LeastRights::of(recording).rights;
    rights.iter().map(|right| (place(&right.place), right.group.line(), right.reasons.len())).collect()
}

fn line(place: &str, line: &str, reasons: usize) -> (String, String, usize) {
    (place.to_owned(), line.to_owned(), reasons)
}

#[test]
fn what_only_reads_gets_read_and_what_writes_gets_edit_alone() {
    let records = format!("/zones/{ZONE}/dns_records");
    assert_eq!(least(&recorded(&[("GET", records.clone())])), [line(ZONE, "DNS: read", 1)]);
    let both = recorded(&[("GET", records.clone()), ("POST", records)]);
    assert_eq!(least(&both), [line(ZONE, "DNS: edit", 2)]);
}

#[test]
fn each_zone_gets_what_is_done_in_it() {
    let recording = recorded(&[
        ("POST", format!("/zones/{ZONE}/dns_records")),
        ("GET", format!("/zones/{OTHER_ZONE}/dns_records")),
    ]);
    assert_eq!(least(&recording), [line(ZONE, "DNS: edit", 1), line(OTHER_ZONE, "DNS: read", 1)]);
}

#[test]
fn a_deployment_needs_one_right_for_the_worker_and_none_for_what_that_one_covers() {
    let scripts = format!("/accounts/{ACCOUNT}/workers/scripts/api");
    let recording = recorded(&[
        ("GET", format!("/accounts/{ACCOUNT}")),
        ("GET", scripts.clone()),
        ("PUT", scripts.clone()),
        ("GET", "/memberships".to_owned()),
        ("GET", format!("{scripts}/subdomain")),
    ]);
    assert_eq!(
        least(&recording),
        [line(ACCOUNT, "Workers Scripts: edit", 4), line("user", "Memberships: read", 1),]
    );
}

#[test]
fn a_request_for_a_zone_by_name_is_meant_for_each_that_is_known() {
    let by_name = || ("GET", "/zones?page=1&name=example.com".to_owned());
    assert_eq!(least(&recorded(&[by_name()])), [line("some zone", "Zone: read", 1)]);
    let page = |id: &str| format!(r#"{{"result":[{{"id":"{id}","name":"example.com"}}]}}"#);
    let mut listed = recorded(&[by_name()]);
    listed.answer(Listed::Zones, page(ZONE).as_bytes());
    assert_eq!(least(&listed), [line(ZONE, "Zone: read", 1)]);
    let purge = |id: &str| ("POST", format!("/zones/{id}/purge_cache"));
    let named = recorded(&[by_name(), purge(ZONE)]);
    assert_eq!(least(&named), [line(ZONE, "Cache Purge: purge", 1), line(ZONE, "Zone: read", 1)]);
    let mut told = recorded(&[by_name(), purge(ZONE), purge(OTHER_ZONE)]);
    told.answer(Listed::Zones, page(ZONE).as_bytes());
    let other = line(OTHER_ZONE, "Cache Purge: purge", 1);
    assert_eq!(least(&told), [line(ZONE, "Cache Purge: purge", 1), line(ZONE, "Zone: read", 1), other]);
}

#[test]
fn a_list_of_all_zones_takes_a_right_in_every_zone_and_nothing_more_than_that() {
    let recording = recorded(&[
        ("GET", "/zones?per_page=50".to_owned()),
        ("GET", format!("/zones/{ZONE}")),
        ("GET", format!("/zones/{OTHER_ZONE}/dns_records")),
    ]);
    assert_eq!(least(&recording), [line(OTHER_ZONE, "DNS: read", 1), line("every zone", "Zone: read", 2)]);
}

#[test]
fn all_operations_of_the_table_at_once_are_covered() {
    let mut recording = Recording::default();
    for operation in Catalogue::operations() {
        let path = operation.path.replace("{account_id}", ACCOUNT).replace("{zone_id}", ZONE);
        recording.request(operation.method, &path.replace("{}", "x"));
    }
    let found = LeastRights::of(&recording);
    assert!(found.rights.len() > 40, "{}", found.rights.len());
    assert!(found.unnamed.len() < 40, "{:?}", found.unnamed);
}

#[test]
fn logs_of_every_kind_have_their_requests() {
    let har = format!(
        r#"{{"log":{{"entries":[
            {{"request":{{"method":"GET","url":"https://dash.cloudflare.com/api/v4/zones?name=x"}},
              "response":{{"content":{{"text":"{{\"result\":[{{\"id\":\"{ZONE}\",\"name\":\"example.com\"}}]}}"}}}}}},
            {{"request":{{"method":"GET","url":"https://example.com/client/v5/zones"}}}},
            {{"request":"nonsense"}},
            {{"request":{{"method":"OPTIONS","url":"https://api.cloudflare.com/client/v4/user"}}}},
            {{"request":{{"method":"POST","url":"https://api.cloudflare.com/client/v4/zones/{ZONE}/dns_records"}}}}
        ]}}}}"#
    );
    let wrangler = format!(
        "\u{1b}[90m-- START CF API REQUEST: POST https://api.cloudflare.com/client/v4/zones/{ZONE}/dns_records\n\
         QUERY STRING: omitted; set WRANGLER_LOG_SANITIZE=false to include sanitized data\n\
         -- START CF API REQUEST: GET http://127.0.0.1:8787/client/v4/zones\n"
    );
    let terraform = format!(
        "2026-11-01T12:00:00.000Z [DEBUG] provider.terraform-provider-cloudflare_v5: \n\
         POST /client/v4/zones/{ZONE}/dns_records HTTP/1.1\n> Authorization: Bearer [redacted]\n\
         {{\"@level\":\"debug\",\"@message\":\"\\nGET /client/v4/zones?name=x HTTP/1.1\\nHost: api.cloudflare.com\"}}\n\
         HTTP/1.1 200 OK\nGET /elsewhere HTTP/1.1\n"
    );
    for log in [har, wrangler, terraform] {
        let recording = read_log(&log, None);
        let least = recording.as_ref().map(least);
        assert_eq!(
            least,
            Some(vec![line(ZONE, "DNS: edit", 1), line(ZONE, "Zone: read", 1)]),
            "{log}\n{recording:?}"
        );
    }
    assert!(read_log("nothing of the kind", None).is_none());
    assert!(read_log(r#"{"log":{"entries":[]}}"#, None).is_none());
}

#[test]
fn logs_of_every_kind_tell_how_requests_were_answered() {
    let entry = |status: u16| {
        format!(
            r#"{{"request":{{"method":"GET","url":"https://api.cloudflare.com/client/v4/zones/{ZONE}/dns_records"}},"response":{{"status":{status}}}}}"#
        )
    };
    let har = format!(r#"{{"log":{{"entries":[{},{},{}]}}}}"#, entry(200), entry(403), entry(0));
    let wrangler = format!(
        "-- START CF API REQUEST: GET https://api.cloudflare.com/client/v4/zones/{ZONE}/dns_records\n\
         -- END CF API REQUEST\n-- START CF API RESPONSE: OK 200\n-- START CF API RESPONSE: Forbidden 403\n\
         -- START CF API REQUEST: GET https://api.cloudflare.com/client/v4/memberships\n\
         -- START CF API RESPONSE: Forbidden 403\n"
    );
    let terraform = format!(
        "HTTP/1.1 500 of another provider\nGET /client/v4/zones/{ZONE}/dns_records HTTP/1.1\n< HTTP/2.0 200 OK\n\
         {{\"@message\":\"\\nGET /client/v4/memberships HTTP/1.1\\nHost: api.cloudflare.com\"}}\n\
         {{\"@message\":\"\\nHTTP/2.0 403 Forbidden\\r\"}}\n"
    );
    for (log, refused) in [
        (har, "2 of 3 requests were refused or not answered (403)"),
        (wrangler, "1 of 2 requests was refused (403)"),
        (terraform, "1 of 2 requests was refused (403)"),
    ] {
        let Some(recording) = read_log(&log, None) else { panic!("{log}") };
        assert_eq!(recording.refused().as_deref(), Some(refused), "{log}");
        assert!(!recording.all_failed());
        let least = LeastRights::of(&recording);
        let text = draft(&Origin { name: "shop", what: "a log", doubt: None }, &recording, &least);
        assert!(
            text.contains(&format!("# Note: {refused}: what the program would have done after")),
            "{text}"
        );
    }
}

#[test]
fn what_other_hosts_are_asked_for_counts_for_nothing_and_they_are_named() {
    let url = format!("https://evil.example/client/v4/zones/{ZONE}/dns_records");
    let har = format!(
        r#"{{"log":{{"entries":[{{"request":{{"method":"POST","url":"{url}"}},"response":{{"status":200}}}}]}}}}"#
    );
    let wrangler = format!("-- START CF API REQUEST: POST {url}\n-- START CF API RESPONSE: OK 200\n");
    let terraform = format!(
        "\nPOST /client/v4/zones/{ZONE}/dns_records HTTP/1.1\r\nHost: evil.example:8443\r\n\r\nHTTP/1.1 200 OK"
    );
    let as_json = terraform.replace("\r\n", "\\r\\n");
    for log in [har, wrangler, terraform, as_json] {
        let Some(recording) = read_log(&log, None) else { panic!("{log}") };
        assert!(recording.is_empty() && LeastRights::of(&recording).rights.is_empty(), "{log}");
        let said = recording.uncounted().unwrap_or_default();
        assert!(said.contains("evil.example") && recording.refused().is_none(), "{said}");
        let own = read_log(&log, Some("evil.example")).as_ref().map(least);
        assert_eq!(own, Some(vec![line(ZONE, "DNS: edit", 1)]), "{log}");
    }
}

#[test]
fn the_phase_of_rules_says_which_group_they_need_and_where_it_is_not_known_nothing_is_granted() {
    let entrypoint = |phase: &str| format!("/zones/{ZONE}/rulesets/phases/{phase}/entrypoint");
    let recording = recorded(&[
        ("PUT", entrypoint("http_request_firewall_custom")),
        ("GET", entrypoint("http_request_cache_settings")),
    ]);
    assert_eq!(least(&recording), [line(ZONE, "Cache Settings: read", 1), line(ZONE, "Zone WAF: edit", 1)]);
    for path in [entrypoint("cfut_FAKE"), format!("/zones/{ZONE}/rulesets/{ZONE}")] {
        let recording = recorded(&[("PUT", path.clone())]);
        let found = LeastRights::of(&recording);
        assert!(found.rights.is_empty() && found.by_phase.len() == 1, "{path}\n{found:?}");
        let (what, lines) = &found.by_phase[0];
        assert!(what.starts_with("PUT /zones/{zone_id}/rulesets/") && !what.contains("FAKE"), "{what}");
        assert!(lines.contains(&"Zone WAF: edit".to_owned()) && lines.len() > 8, "{lines:?}");
    }
}

#[test]
fn a_plan_says_the_phase_of_a_ruleset_of_a_zone() {
    let ruleset = |name: &str, owner: &str, phase: &str| {
        format!(
            r#"{{"address":"cloudflare_ruleset.{name}","type":"cloudflare_ruleset",
                "change":{{"actions":["create"],"after":{{"{owner}":"{ZONE}","phase":"{phase}"}}}}}}"#
        )
    };
    let plan = |changes: &[String]| {
        format!(r#"{{"format_version":"1.2","resource_changes":[{}]}}"#, changes.join(","))
    };
    let read = |changes: &[String]| read_plan(&plan(changes)).unwrap_or_default();
    let waf = read(&[ruleset("waf", "zone_id", "http_request_firewall_custom")]);
    assert_eq!(least(&waf), [line(ZONE, "Zone WAF: edit", 1)]);
    let unknown = read(&[
        ruleset("l7", "zone_id", "ddos_l7"),
        ruleset("own", "account_id", "http_request_firewall_custom"),
    ]);
    let found = LeastRights::of(&unknown);
    let [(_, of_zone), (_, of_account)] = found.by_phase.as_slice() else { panic!("{found:?}") };
    assert!(found.rights.is_empty() && of_zone.contains(&"HTTP DDoS Managed Ruleset: edit".to_owned()));
    assert!(of_account.contains(&"Account WAF: edit".to_owned()), "{of_account:?}");
    assert!(!of_account.iter().chain(of_zone).any(|line| line.ends_with("read")), "{found:?}");
}

#[test]
fn a_plan_tells_what_is_changed_from_what_is_only_read() {
    let plan = format!(
        r#"{{"format_version":"1.2","resource_changes":[
            {{"address":"module.dns.cloudflare_dns_record.www[\"a\"]","type":"cloudflare_dns_record",
              "change":{{"actions":["delete","create"],"before":{{"zone_id":"{ZONE}","content":"secret"}},"after":{{}}}}}},
            {{"address":"cloudflare_dns_record.old","type":"cloudflare_dns_record",
              "change":{{"actions":["no-op"],"after":{{"zone_id":"{OTHER_ZONE}"}}}}}},
            {{"address":"aws_instance.x","type":"aws_instance","change":{{"actions":["create"]}}}},
            {{"address":"cloudflare_no_such_thing.y","type":"cloudflare_no_such_thing","change":{{"actions":["create"]}}}}
        ],"prior_state":{{"values":{{"root_module":{{"child_modules":[{{"resources":[
            {{"address":"module.dns.cloudflare_dns_record.www[\"a\"]","type":"cloudflare_dns_record","values":{{"zone_id":"{ZONE}"}}}},
            {{"address":"data.cloudflare_zone.main","type":"cloudflare_zone","values":{{"zone_id":7}}}}
        ]}}]}}}}}}}}"#
    );
    let Some(recording) = read_plan(&plan) else { panic!("it is a plan") };
    assert_eq!(
        least(&recording),
        [
            // Each of them is enough to read the zone, too.
            line(ZONE, "DNS: edit", 2),
            line(OTHER_ZONE, "DNS: read", 2),
        ]
    );
    assert_eq!(LeastRights::of(&recording).unknown, ["cloudflare_no_such_thing.y"]);
    assert!(!format!("{recording:?}").contains("secret"));
    assert!(read_plan("{}").is_none() && read_plan("[]").is_none());
}

#[test]
fn the_sections_are_those_of_the_groups() {
    let recording = recorded(&[("GET", format!("/zones/{ZONE}")), ("GET", "/memberships".to_owned())]);
    let rights = LeastRights::of(&recording).rights;
    let sections: Vec<Section> = rights.iter().map(|right| right.section).collect();
    assert_eq!(sections, [Section::Zone, Section::User]);
}

/// The groups of a profile's text, own and in grants, as pairs of section and id.
fn granted(profile: &Profile) -> BTreeSet<(Section, String)> {
    let mut groups = BTreeSet::new();
    for rights in [&profile.rights].into_iter().chain(&profile.grants) {
        let found = resolve_offline(&profile.source, &rights.permissions, &profile.owner);
        assert_eq!(found.undecided, 0);
        groups.extend(found.granted.into_iter().map(|group| (group.section, group.id)));
    }
    groups
}

/// A profile as it is read back.
fn read_back(text: &str) -> Profile {
    let file = ProfileFile::from_bytes("shop.yaml", text.as_bytes().to_vec());
    let Ok(file) = file else { panic!("{text}\n{file:?}") };
    let resolved = file.resolve(&ResolveOptions {
        environment: None,
        features: &[],
        variables: &|_| Some(ACCOUNT.to_owned()),
        now: chrono::DateTime::from_timestamp(1_800_014_400, 0).unwrap_or_default(),
        unset: Unset::Error,
    });
    let Some(profile) = resolved.profile else { panic!("{text}\n{:?}", resolved.diagnostics) };
    profile
}

#[test]
fn the_name_is_read_back_as_it_was_given() {
    let recording = recorded(&[("GET", format!("/zones/{ZONE}"))]);
    let least = LeastRights::of(&recording);
    for name in ["shop-deploy", "héllo wörld", "a: b #c", "${x}", "\"", "2026"] {
        let origin = Origin { name, what: "a run of x", doubt: None };
        let profile = read_back(&draft(&origin, &recording, &least));
        assert_eq!(profile.name.value, name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_profile_of_any_requests_is_valid_grants_the_least_rights_and_is_enough(
        picked in proptest::collection::vec((any::<proptest::sample::Index>(), 1..4_u8, 1..4_u8), 1..12),
    ) {
        let operations: Vec<_> = Catalogue::operations().collect();
        let mut recording = Recording::default();
        for (index, account, zone) in picked {
            let operation = index.get(&operations);
            let id = |kind: &str, number: u8| format!("{kind}{number:031}");
            let path = operation.path.replace("{account_id}", &id("a", account));
            let path = path.replace("{zone_id}", &id("b", zone)).replace("{}", "x");
            recording.request(operation.method, &path);
        }
        let least = LeastRights::of(&recording);
        prop_assume!(!least.rights.is_empty());
        let text = draft(&Origin { name: "shop", what: "a run of x", doubt: None }, &recording, &least);
        let asked: BTreeSet<(Section, String)> = least
            .rights
            .iter()
            .map(|right| (right.section, right.group.id.clone().unwrap_or_default()))
            .collect();
        let profile = read_back(&text);
        prop_assert_eq!(granted(&profile), asked, "{}", text);
        let comparison = Comparison::of(&recording, &profile);
        prop_assert!(comparison.missing.is_empty(), "{}\n{:?}", text, comparison.missing);
    }

    #[test]
    fn no_text_makes_a_reader_stop(text in "(\\{\"log\":)?(GET|POST |CF API REQUEST: PUT | /client/v4/|/zones/| HTTP/1.1|\\n|\\PC){0,30}") {
        for recording in [read_log(&text, None), read_plan(&text)].into_iter().flatten() {
            assert!(LeastRights::of(&recording).rights.len() <= recording.len());
        }
    }
}
