//! Whatever texts a schedule is made of, what is printed has the lines, settings and keys that it has with harmless
//! ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Bootstrap, Format, Pace, Printed, Schedule, ScheduleError, Source, is_control};

const FORMATS: [Format; 4] = [Format::Systemd, Format::Cron, Format::GithubActions, Format::Kubernetes];

/// What breaks a line for some reader of some format.
const BREAKS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// Puts a text into a schedule.
type Place = fn(&mut Schedule, &str);

/// The places that stand in comments alone, and so take any text.
const TOLD: [(&str, Place); 2] = [
    ("an env file", |schedule, text| schedule.env_files = vec![text.to_owned()]),
    ("a program of a profile", |schedule, text| schedule.programs = vec![text.to_owned()]),
];

/// The places that reach what runs.
const RUN: [(&str, Place); 11] = [
    ("the program", |schedule, text| schedule.program = format!("/opt/{text}")),
    ("an image", |schedule, text| schedule.source = Source::Image(text.to_owned())),
    ("a repository", |schedule, text| schedule.source = Source::Release(text.to_owned())),
    ("the folder", |schedule, text| schedule.folder = format!("/srv/{text}")),
    ("the folder in the repository", |schedule, text| schedule.within = format!("sub/{text}")),
    ("a folder that is written to", |schedule, text| schedule.writable = vec![format!("/srv/{text}")]),
    ("a profile", |schedule, text| {
        schedule.profiles = vec![format!("all/{text}")];
        schedule.files = schedule.profiles.clone();
    }),
    ("an option", |schedule, text| schedule.options = vec!["--set".to_owned(), format!("X={text}")]),
    ("the state folder", |schedule, text| schedule.state = Some(format!("/var/{text}"))),
    ("a bootstrap file", |schedule, text| schedule.bootstrap = Bootstrap::File(format!("/run/{text}"))),
    ("a bootstrap command", |schedule, text| schedule.bootstrap = Bootstrap::Command(text.to_owned())),
];

fn schedule() -> Schedule {
    Schedule {
        name: "cfmint-rotate-shop".to_owned(),
        pace: Pace::Day,
        program: "/usr/local/bin/cfmint".to_owned(),
        source: Source::Crates,
        folder: "/srv/shop".to_owned(),
        within: "shop".to_owned(),
        user: Some("deploy".to_owned()),
        owner: None,
        profiles: vec!["shop.yaml".to_owned()],
        files: vec!["shop.yaml".to_owned()],
        options: vec!["--due".to_owned()],
        state: None,
        bootstrap: Bootstrap::Unsaid,
        writable: vec!["/srv/shop".to_owned()],
        env_files: vec![".env".to_owned()],
        programs: vec!["true".to_owned()],
        logs_in_to_vault: false,
    }
}

fn print(place: Place, text: &str, format: Format) -> Result<Vec<Printed>, ScheduleError> {
    let mut schedule = schedule();
    place(&mut schedule, text);
    schedule.print(format)
}

/// What each line is: a comment, a setting of a unit by its name, or another.
fn lines(text: &str, format: Format) -> Vec<&str> {
    let kind = |line| match line {
        line if str::trim_start(line).starts_with('#') => "#",
        line if format == Format::Systemd => line.split_once('=').map_or(line, |(setting, _)| setting),
        _ => "line",
    };
    text.split(BREAKS).map(kind).collect()
}

/// A value of YAML with every scalar replaced by its kind.
fn structure(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), structure(value))).collect(),
        Value::Array(list) => list.iter().map(structure).collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("yes or no"),
        Value::Null => Value::Null,
    }
}

fn documents(text: &str) -> Vec<Value> {
    let parse = |text| serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    text.split("\n---\n").map(|text| structure(&parse(text))).collect()
}

/// How many expressions a text has outside comments, but for those that stand for `${{` itself.
fn expressions(text: &str) -> usize {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.replace("${{ '${{' }}", "").matches("${{").count()).sum()
}

#[track_caller]
fn is_as_harmless(place: Place, text: &str, format: Format, printed: &[Printed]) {
    let harmless = print(place, "a", format).unwrap();
    assert_eq!(printed.len(), harmless.len());
    for (printed, harmless) in printed.iter().zip(&harmless) {
        let (printed, harmless) = (&printed.text, &harmless.text);
        assert_eq!(lines(printed, format), lines(harmless, format), "{text:?}\n{printed}");
        match format {
            Format::Systemd | Format::Cron => {}
            Format::GithubActions | Format::Kubernetes => {
                assert_eq!(documents(printed), documents(harmless), "{text:?}\n{printed}");
            }
        }
        if format == Format::GithubActions {
            assert_eq!(expressions(printed), expressions(harmless), "{text:?}\n{printed}");
        }
    }
}

/// Texts that would be more than a text, were they printed as they are.
fn hostile() -> impl Strategy<Value = String> {
    let parts = [
        "\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\u{b}",
        "\0",
        "\u{feff}",
        "ExecStartPre=+/bin/touch /root/owned",
        "[Service]",
        "* * * * * id",
        "      - run: id",
        "---",
        "key: value",
        "#",
        " #",
        ": ",
        "- ",
        "${{ secrets.CLOUDFLARE_BOOTSTRAP_TOKEN }}",
        "${{",
        "$(ID)",
        "\"",
        "'",
        "\\",
        "%",
        " ",
        "/",
        "..",
        "{",
        "}",
        ",",
        "&",
        "|",
        "ä",
        "a",
    ];
    let some = proptest::collection::vec(proptest::sample::select(parts.to_vec()), 1..6);
    some.prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_in_comments_stays_in_them_whatever_it_is(
        (_, place) in proptest::sample::select(TOLD.to_vec()),
        text in hostile(),
    ) {
        for format in FORMATS {
            is_as_harmless(place, &text, format, &print(place, &text, format).unwrap());
        }
    }

    #[test]
    fn what_runs_is_quoted_or_refused_whatever_it_is(
        (name, place) in proptest::sample::select(RUN.to_vec()),
        text in hostile(),
    ) {
        for format in FORMATS {
            match print(place, &text, format) {
                Ok(printed) => {
                    assert!(!text.chars().any(is_control), "{name}: {text:?}");
                    is_as_harmless(place, &text, format, &printed);
                }
                Err(ScheduleError::Control(_)) => assert!(text.chars().any(is_control), "{name}: {text:?}"),
                Err(_) => assert_eq!(format, Format::Systemd, "{name}: {text:?}"),
            }
        }
    }
}

#[test]
fn a_line_break_in_the_program_of_a_hook_adds_no_setting_to_a_unit() {
    let place: Place = |schedule, text| schedule.programs = vec![text.to_owned()];
    let units = print(place, "true\nExecStartPre=+/bin/touch /root/owned", Format::Systemd).unwrap();
    let told = "# Not stricter, since profiles run programs: true\\nExecStartPre=+/bin/touch /root/owned\n";
    assert!(units[0].text.contains(told), "{}", units[0].text);
    assert!(!units[0].text.contains("\nExecStartPre"));
}

#[test]
fn a_folder_with_an_expression_is_that_folder_to_a_workflow() {
    let place: Place = |schedule, text| schedule.within = text.to_owned();
    let text = &print(place, "a ${{ github.token }}", Format::GithubActions).unwrap()[0].text;
    let told = "        working-directory: \"a ${{ '${{' }} github.token }}\"\n";
    assert!(text.contains(told), "{text}");
}

#[test]
fn a_unit_starts_no_program_whose_name_asks_for_more() {
    for program in ["+/bin/cfmint", "!/bin/cfmint", "-/bin/cfmint", "@/bin/cfmint", "/opt/$HOME/cfmint"] {
        let place: Place = |schedule, text| schedule.program = text.to_owned();
        let refused = print(place, program, Format::Systemd);
        assert_eq!(refused, Err(ScheduleError::Program(program.to_owned())));
    }
    let place: Place = |schedule, text| schedule.program = text.to_owned();
    let crontab = &print(place, "a=b", Format::Cron).unwrap()[0].text;
    assert!(crontab.contains("&& 'a=b' rotate"), "it sets no variable: {crontab}");
}

#[test]
fn a_name_is_a_text_to_yaml_whatever_it_reads_like() {
    for (format, text) in [Format::GithubActions, Format::Kubernetes]
        .into_iter()
        .flat_map(|format| ["123", "null", "on", "1e5", "2026-11-24"].map(|text| (format, text)))
    {
        let place: Place = |schedule, text| schedule.name = text.to_owned();
        is_as_harmless(place, text, format, &print(place, text, format).unwrap());
    }
}

#[test]
fn a_machine_that_is_new_gets_cfmint_from_where_this_program_came_from() {
    let printed =
        |source: Source, format| Schedule { source, ..schedule() }.print(format).unwrap().remove(0).text;
    let version = env!("CARGO_PKG_VERSION");
    let release = Source::of(None, Some("Acme/cfmint"));
    let workflow = printed(release.clone(), Format::GithubActions);
    assert!(workflow.contains(&format!("gh release download v{version} --repo Acme/cfmint ")), "{workflow}");
    assert!(workflow.contains("gh attestation verify"), "{workflow}");
    let job = printed(release, Format::Kubernetes);
    assert!(job.contains(&format!("image: \"ghcr.io/acme/cfmint:{version}\"\n")), "{job}");
    assert!(!job.contains("initContainers"), "{job}");

    let crates = Source::of(None, None);
    let workflow = printed(crates.clone(), Format::GithubActions);
    assert!(workflow.contains(&format!("cargo install cfmint --version {version} --locked\n")), "{workflow}");
    let job = printed(crates, Format::Kubernetes);
    assert!(job.contains(&format!("[cargo, install, cfmint, --version, \"{version}\", --locked")), "{job}");

    let named = Source::of(Some("registry.internal/tools:3".to_owned()), Some("Acme/cfmint"));
    let job = printed(named, Format::Kubernetes);
    assert!(job.contains("image: \"registry.internal/tools:3\"\n"), "{job}");
    for text in [&workflow, &job] {
        assert!(
            !text.contains("example.com") && !text.contains("vars."),
            "nobody invents an address: {text}"
        );
    }
}

#[test]
fn a_run_that_logs_in_to_vault_is_told_where_it_is() {
    for (format, told) in [
        (Format::Systemd, "EnvironmentFile=/etc/cfmint/cfmint-rotate-shop.env\n"),
        (Format::Cron, "VAULT_ADDR=…"),
        (Format::GithubActions, "          VAULT_SECRET_ID: ${{ secrets.VAULT_SECRET_ID }}\n"),
        (Format::Kubernetes, "configMapRef: { name: cfmint-rotate-shop-vault }"),
    ] {
        let printed = |logs_in_to_vault| {
            let schedule = Schedule { logs_in_to_vault, programs: Vec::new(), ..schedule() };
            schedule.print(format).unwrap().remove(0).text
        };
        assert!(printed(true).contains(told), "{}", printed(true));
        assert!(!printed(false).to_lowercase().contains("vault"), "{}", printed(false));
        if format == Format::Kubernetes {
            assert!(printed(true).contains("automountServiceAccountToken: true"), "it proves who runs");
        }
    }
}
