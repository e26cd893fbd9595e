//! What people paste in the wrong shape is shown in the right one, made of their own words.

use super::*;

/// The hints of a text, without those of lints.
fn hints(text: &str) -> Vec<String> {
    let diagnostics = resolve(text, None, &[]).diagnostics.into_iter();
    let errors = diagnostics.filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.map(|diagnostic| diagnostic.hint).collect()
}

#[track_caller]
fn assert_hinted(text: &str, hint: &str) {
    let hints = hints(text);
    assert!(hints.iter().any(|said| said.contains(hint)), "{text}\nwithout {hint}: {hints:#?}");
}

#[test]
fn rows_of_a_guide_without_a_section_are_put_into_one() {
    let with = |permissions: &str| edited("{ zone: { DNS: read } }", permissions);
    for (written, hint) in [
        ("{ Workers Scripts: edit }", "write `account: { Workers Scripts: edit }`, or the same under"),
        ("{ D1: [read, edit] }", "write `account: { D1: [read, edit] }`"),
        (
            "[Workers Scripts: edit, D1: read]",
            "`permissions: { account: { Workers Scripts: edit, D1: read } }`",
        ),
        (
            "[Workers Scripts Write, D1: read]",
            "`permissions: { account: [Workers Scripts Write, { D1: read }] }`",
        ),
        ("[DNS Write]", "`permissions: { account: [DNS Write] }`"),
        (
            "[zone: [DNS Write], account: { D1: read }]",
            "`permissions: { zone: [DNS Write], account: { D1: read } }`",
        ),
    ] {
        assert_hinted(&with(written), hint);
    }
    assert_hinted(
        &with("\n  - Workers Scripts: edit\n  - D1: read"),
        "{ account: { Workers Scripts: edit, D1: read } }",
    );
    let row = edited("zone: { DNS: read }", "zone: [DNS: read]");
    assert_eq!(hints(&row), [""; 0], "a row under its section is read");
}

#[test]
fn names_and_addresses_in_place_of_a_map_or_a_list_are_put_into_one() {
    let resources = |lists: &str| edited("{ zones: [example.com] }", &format!("{{ {lists} }}"));
    for (written, hint) in [
        ("workers: [api]", "`{ name: api }`"),
        ("workers: api", "`workers: [{ name: api }]`"),
        ("workers: 'api, web'", "`workers: [{ name: api }, { name: web }]`"),
        ("workers: { account: Acme, name: api }", "`workers: [{ account: Acme, name: api }]`"),
        ("buckets: [assets]", "`{ name: assets }`"),
        ("buckets: assets", "`buckets: [{ name: assets }]`"),
        ("buckets: { name: assets }", "`buckets: [{ name: assets }]`"),
        ("zones: example.com", "`zones: [example.com]`"),
        ("zones: 'a.example, b.example'", "`zones: [a.example, b.example]`"),
        ("accounts: Acme Production", "`accounts: [Acme Production]`"),
        ("zones: { example.com: }", "write `[example.com]`"),
        ("zones: al", "one of the words `all`"),
    ] {
        assert_hinted(&resources(written), hint);
    }
    for (written, hint) in [
        ("ip: [203.0.113.0/24, 203.0.113.7]", "`ip: { allow: [203.0.113.0/24, 203.0.113.7] }`"),
        ("ip: 203.0.113.7", "`ip: { allow: [203.0.113.7] }`"),
        ("ip: [allow: [203.0.113.7]]", "`ip: { allow: [203.0.113.7] }`"),
        ("ip: { allow: any }", "write `ip: any`"),
        ("ip: { allow: [any] }", "write `ip: any`"),
        ("ip: { allow: '*' }", "write `ip: any`"),
        ("ip: { deny: none }", "leave the list out"),
        ("ip: { allow: 203.0.113.7 }", "write `[203.0.113.7]`"),
        ("ip: { allow: '203.0.113.7, 203.0.113.8' }", "write `[203.0.113.7, 203.0.113.8]`"),
        ("ip: { allow: the office }", "for example"),
        ("ip: none", "`ip: any` for no rule"),
        ("owner: Acme", "`owner: { account: Acme }`"),
        ("owner: [Acme]", "`owner: { account: Acme }`"),
        ("owner: [account: Acme]", "`owner: { account: Acme }`"),
        ("rotation: 30d", "`rotation: { every: 30d }`"),
    ] {
        assert_hinted(&extended(&format!("{written}\n")), hint);
    }
}

#[test]
fn one_item_without_its_list_is_put_into_one() {
    let grant = "{ permissions: { zone: { DNS: edit } }, resources: { zones: [example.org] } }";
    assert_hinted(&extended(&format!("grants: {grant}\n")), &format!("`grants: [{grant}]`"));
    assert_hinted(&extended(&format!("grants: {{ dns: {grant} }}\n")), &format!("`grants: [{grant}]`"));
    let sinks = |written: &str| edited("[{ env_file: .env, variables: { TOKEN: token } }]", written);
    let sink = "{ env_file: \".env\", variables: { TOKEN: token } }";
    assert_hinted(&sinks(&sink.replace('"', "")), &format!("`sinks: [{sink}]`"));
    assert_hinted(&sinks(&format!("{{ local: {sink} }}")), &format!("`sinks: [{sink}]`"));
    assert_hinted(&sinks("[.env]"), "{ env_file: \".env\", variables: { CLOUDFLARE_API_TOKEN: token } }");
}

#[test]
fn what_would_not_read_either_is_not_shown() {
    for (text, never) in [
        (extended("ip: [the office]\n"), "the office"),
        (extended("ip: { allow: the office }\n"), "the office"),
        (edited("[example.com]", "{ a: b }"), "[b]"),
        (edited("{ zones: [example.com] }", "{ workers: [My API] }"), "My API"),
        (edited("{ zone: { DNS: read } }", "{ Workers Scripts: lots }"), "lots"),
    ] {
        for hint in hints(&text) {
            assert!(!hint.contains(never), "{hint}");
        }
    }
}

#[test]
fn the_levels_that_guides_write_are_shown_as_levels() {
    for (written, hint) in [
        ("\"Edit (for Next.js)\"", "write `DNS: edit`"),
        ("Edit for Next.js", "write `DNS: edit`"),
        ("\"Read & Edit\"", "write `DNS: [read, edit]`"),
        ("Read and Write", "write `DNS: [read, edit]`"),
        ("\"Read, Write\"", "write `DNS: [read, edit]`"),
        ("Read/Write", "write `DNS: [read, edit]`"),
        ("Write and Edit", "write `DNS: edit`"),
        ("Read only", "write `DNS: read`"),
        ("[\"Read & Edit\"]", "write `DNS: [read, edit]`"),
        ("Read, Write", "several levels are a list, as in `[read, edit]`"),
        ("reed", "did you mean `read`?"),
        ("Apps and Policies", "\"DNS: Apps and Policies\": read"),
    ] {
        assert_hinted(&edited("DNS: read", &format!("DNS: {written}")), hint);
    }
    assert_hinted(
        &edited("DNS: read", "\"Access: Apps\": Read & Edit"),
        "write `\"Access: Apps\": [read, edit]`",
    );
}
