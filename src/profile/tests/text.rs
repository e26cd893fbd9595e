//! Text stays text, every slip is found in one reading, and no text takes long.

use super::*;

fn said(text: &str) -> Vec<String> {
    brief(&resolve(text, None, &[]).diagnostics)
}

fn hints(text: &str) -> Vec<String> {
    resolve(text, None, &[]).diagnostics.into_iter().map(|diagnostic| diagnostic.hint).collect()
}

#[test]
fn words_that_yaml_gives_a_meaning_stay_text() {
    for word in ["no", "on", "1e3", "0x1F", "2026-01-15", "12345678901234567890123456789012", ".inf", "1_000"]
    {
        let profile = profile(&edited("app", word), None, &[]);
        assert_eq!(profile.name.value, word);
    }
}

#[test]
fn an_id_of_digits_alone_is_an_id() {
    let id = "12345678901234567890123456789012";
    let profile = profile(&edited("example.com", id), None, &[]);
    let Zones::Named(zones) = profile.rights.resources.zones else { panic!("the zones are named") };
    assert_eq!(zones[0].value, Reference::Id(id.to_owned()));
}

#[test]
fn all_problems_are_found_in_one_reading() {
    let text = "\
version: 1
name: app@home
permisions: { zone: { DNS: read } }
permissions:
  zone: { DNS: raed }
  account:
    Access: Apps and Policies: edit
resources: { zones: [${ZONE}] }
ttl: 2020-01-01T00:00:00Z
ttl: 90d
ip: { allow: [203.0.113.0/40] }
";
    assert_eq!(
        said(text),
        [
            "profile.bad-name 2:7",
            "profile.unknown-key 3:1",
            "profile.unknown-word 5:16",
            "profile.unquoted-colon 7:5",
            "profile.missing-resource 7:5",
            "profile.unquoted-variable 8:22",
            "profile.unset-variable 8:22",
            "profile.ttl-in-the-past 9:6",
            "profile.duplicate-key 10:1",
            "profile.bad-cidr 11:15",
        ]
    );
}

#[test]
fn a_text_without_its_quotes_is_shown_with_them() {
    for (text, hint) in [
        (edited("DNS: read", "Access: Apps and Policies: edit"), "\"Access: Apps and Policies\": edit"),
        (edited("{ DNS: read }", "[Access: Apps Read]"), "\"Access: Apps Read\""),
        (edited("DNS: read", "Access: { Apps and Policies: edit }"), "\"Access: Apps and Policies\": edit"),
        (edited("name: app", "name: app: one"), "name: \"app: one\""),
        (edited("[example.com]", "[a.${SET}]"), "\"a.${SET}\""),
    ] {
        let hints = hints(&text);
        assert!(hints.iter().any(|said| said.contains(hint)), "{hint}: {hints:#?}");
    }
}

#[test]
fn what_forgot_its_quotes_is_read_as_it_was_meant() {
    // Nothing but the slip itself is reported, although the label is used further on.
    let text = edited("DNS: read", "Access: Apps and Policies: edit, DNS: edit");
    assert_eq!(said(&text), ["profile.unquoted-colon 3:24"]);
    let text = edited("[example.com]", "[${SET}, ${SET}-two]");
    assert_eq!(said(&text), ["profile.unquoted-variable 4:22", "profile.unquoted-variable 4:30"]);
}

#[test]
fn an_unknown_key_is_shown_the_nearest_one() {
    for (key, hint) in [
        ("tll", "`ttl`"),
        ("desciption", "`description`"),
        ("not-before", "`not_before`"),
        ("zzz", "known here"),
    ] {
        let hints = hints(&extended(&format!("{key}: 1d\n")));
        assert!(hints[0].contains(hint), "{key}: {hints:?}");
    }
}

#[test]
fn the_value_of_a_variable_is_never_quoted() {
    let file = ProfileFile::from_bytes("app.yaml", edited("90d", "${TTL}").into_bytes()).unwrap();
    let variables = |name: &str| (name == "TTL").then(|| "hunter2".to_owned());
    let resolved = file.resolve(&ResolveOptions { variables: &variables, ..options(None, &[]) });
    assert_eq!(brief(&resolved.diagnostics), ["profile.bad-duration 5:6"]);
    let said = format!("{:?}", resolved.diagnostics);
    assert!(said.contains("${TTL}") && !said.contains("hunter2"), "{said}");
}

#[test]
fn bytes_that_are_no_text_are_pointed_at() {
    let diagnostics =
        ProfileFile::from_bytes("app.yaml", b"version: 1\nname: caf\xe9\n".to_vec()).unwrap_err();
    assert_eq!(brief(&diagnostics), ["profile.not-utf8 2:10"]);
}

#[test]
fn a_mark_of_byte_order_and_windows_line_ends_are_fine() {
    let text = format!("\u{feff}{}", SOUND.replace('\n', "\r\n"));
    assert_eq!(profile(&text, None, &[]).name.value, "app");
}

#[test]
fn columns_count_characters() {
    let text = edited("zones: [example.com]", "zones: [\"zürich.example\", all]");
    assert_eq!(said(&text), ["profile.all-in-a-list 4:40"]);
}

#[test]
fn anchors_are_fine_in_moderation() {
    let text = extended("environments: { dev: &a { ttl: 1d }, test: *a }\n");
    assert_eq!(profile(&text, Some("test"), &[]).ttl.value, Lifetime::For(chrono::TimeDelta::days(1)));
    assert_eq!(
        said(&extended("hooks: { delivered: &a [*a] }\n")),
        ["profile.syntax 7:25", "profile.wrong-type 7:25"]
    );
}

#[test]
fn there_are_no_more_findings_than_anyone_reads() {
    let text = extended(&format!("ip: {{ allow: [{}] }}\n", "x, ".repeat(5000)));
    assert_eq!(resolve(&text, None, &[]).diagnostics.len(), 100);
}

#[test]
fn large_and_deep_texts_come_to_an_end() {
    let long = LONGEST_PROFILE - SOUND.len() - 100;
    let numbered = |count: usize, before: &str, after: &str| {
        (0..count).map(|number| [before, &number.to_string(), after].concat()).collect::<String>()
    };
    for text in [
        "[".repeat(long),
        "{a: ".repeat(long / 4),
        "- ".repeat(long / 2),
        "a: b: ".repeat(long / 6),
        format!("a: {}", "x".repeat(long)),
        extended(&format!("description: \"{}\"\n", "\\n".repeat(long / 2))),
        extended(&format!("environments:\n{}", numbered(long / 16, "  e", ": {}\n"))),
        edited("DNS: read", &numbered(long / 16, "L", ": read, ")),
        edited("{ DNS: read }", &format!("[{}]", numbered(long / 8, "L", ", "))),
    ] {
        // Whatever is said about it, it is said.
        let _ = resolve(&text, Some("dev"), &[]);
    }
}
