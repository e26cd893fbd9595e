//! What sinks may say besides where the secret goes: the mode of a file, and what reads a command's store.

use super::*;

/// What is said about an env file with this mode: the mode as it was understood, or the code and the hint.
fn mode(written: &str) -> Result<Option<u32>, (&'static str, String)> {
    let resolved = resolve(&edited(".env,", &format!(".env, mode: {written},")), None, &[]);
    match (resolved.profile, resolved.diagnostics.first()) {
        (Some(profile), None) => match profile.sinks.as_slice() {
            [SinkSpec::EnvFile(FileSpec { mode, .. })] => Ok(mode.as_ref().map(|mode| mode.value)),
            other => panic!("{other:?}"),
        },
        (_, Some(found)) => Err((found.code.text(), found.hint.clone())),
        (None, None) => panic!("withheld without a word"),
    }
}

#[test]
fn a_mode_is_octal_however_it_is_written() {
    for written in ["0640", "\"0640\"", "0o640", "'0o640'", "640", "'640'", "0o0640", "\"${NO_SUCH:-0640}\""]
    {
        assert_eq!(mode(written), Ok(Some(0o640)), "{written}");
    }
    for (written, bits) in [("0600", 0o600), ("0620", 0o620), ("0660", 0o660)] {
        assert_eq!(mode(written), Ok(Some(bits)), "{written}");
    }
    let [SinkSpec::EnvFile(FileSpec { mode: silent, .. })] = &profile(SOUND, None, &[]).sinks[..] else {
        panic!()
    };
    assert_eq!(*silent, None);
}

#[test]
fn a_mode_that_no_secret_can_have_gets_the_nearest_that_one_can() {
    for (written, instead) in [
        ("0644", "`0640`"),
        ("0777", "`0660`"),
        ("0750", "`0640`"),
        ("0700", "`0600`"),
        ("4600", "`0600`"),
        ("0440", "`0640`"),
        ("0400", "`0600`"),
        ("0060", "`0660`"),
        ("000", "`0600`"),
        // The number that some readers of YAML make of `0o640`.
        ("416", "`0600`"),
        ("0o1640", "`0640`"),
    ] {
        let (code, hint) = mode(written).unwrap_err();
        assert_eq!((code, hint.contains(instead)), ("profile.bad-mode", true), "{written}: {hint}");
    }
    for written in
        ["rw-r-----", "u=rw", "64", "06400", "0x1a0", "0b110", "0689", "-640", "+640", "640.0", "٠640"]
    {
        let (code, hint) = mode(written).unwrap_err();
        assert_eq!((code, hint.contains("`0640`")), ("profile.bad-mode", true), "{written}: {hint}");
    }
}

#[test]
fn a_mode_holds_for_every_entry_of_its_file() {
    let files = "{ env_file: a/../.env, variables: { A: token } }, { env_file: .env, mode: 640, variables: { B: token } }, \
                 { env_file: .env.c, variables: { C: token } }";
    let profile = profile(&edited("{ env_file: .env, variables: { TOKEN: token } }", files), None, &[]);
    let mode = |sink: &SinkSpec| match sink {
        SinkSpec::EnvFile(FileSpec { mode, .. }) => mode.as_ref().map(|mode| mode.value),
        other => panic!("{other:?}"),
    };
    assert_eq!(profile.sinks.iter().map(mode).collect::<Vec<_>>(), [Some(0o640), Some(0o640), None]);
}

#[test]
fn the_schema_takes_the_modes_that_are_read() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let is_valid = |written: &str| {
        let text = edited(".env,", &format!(".env, mode: {written},"));
        validator.is_valid(&serde_yaml::from_str(&text).unwrap())
    };
    for written in ["0640", "\"0640\"", "0o640", "640", "'600'", "0660", "'${MODE}'"] {
        assert!(is_valid(written), "{written}");
    }
    for written in ["0644", "'0700'", "0o440", "rw", "[]", "1"] {
        assert!(!is_valid(written), "{written}");
    }
}

#[test]
fn a_command_may_have_a_program_that_tells_what_its_store_holds() {
    let command = |read: &str| {
        edited(
            "{ env_file: .env, variables: { TOKEN: token } }",
            &format!("{{ command: [put, it], input: token{read} }}"),
        )
    };
    let [SinkSpec::Command { writers: Writers::One(argv), read: Some(read), .. }] =
        &profile(&command(", read: [get, \"${SET}\", '']"), None, &[]).sinks[..]
    else {
        panic!("one command that can be read")
    };
    assert_eq!(argv.value, ["put", "it"]);
    assert_eq!(read.value, ["get", "from-variable", ""]);
    let [SinkSpec::Command { read: None, .. }] = &profile(&command(""), None, &[]).sinks[..] else {
        panic!("one command that cannot")
    };
}

fn document(more: &str) -> String {
    let input = format!("{{ {more}, variables: {{ token: token, ends: expires_on }} }}");
    edited(
        "{ env_file: .env, variables: { TOKEN: token } }",
        &format!("{{ command: [put], input: {input} }}"),
    )
}

#[test]
fn a_command_may_read_a_document_of_several_values() {
    for (written, expected) in [
        ("format: json", DocumentFormat::Json),
        ("format: ENV", DocumentFormat::Env),
        ("format: \"${NO_SUCH:-yaml}\"", DocumentFormat::Yaml),
        ("format: tfvars", DocumentFormat::Tfvars),
        (
            "format: kubernetes, name: cloudflare",
            DocumentFormat::Kubernetes { name: "cloudflare".to_owned(), namespace: None },
        ),
        (
            "format: kubernetes, name: cf, namespace: \"${SET}\"",
            DocumentFormat::Kubernetes { name: "cf".to_owned(), namespace: Some("from-variable".to_owned()) },
        ),
    ] {
        let [SinkSpec::Command { input: CommandInput::Document { format, variables }, .. }] =
            &profile(&document(written), None, &[]).sinks[..]
        else {
            panic!("{written}")
        };
        assert_eq!((format, &variables[1]), (&expected, &("ends".to_owned(), SinkValue::ExpiresOn)));
    }
}

#[test]
fn two_programs_may_stand_for_one_where_a_third_tells_which() {
    let text = edited(
        "{ env_file: .env, variables: { TOKEN: token } }",
        "{ create: [new, it], update: [put, it], read: [get], input: token }",
    );
    let [SinkSpec::Command { writers: Writers::ByContent { create, update }, .. }] =
        &profile(&text, None, &[]).sinks[..]
    else {
        panic!("two programs")
    };
    assert_eq!((&create.value[0], &update.value[0]), (&"new".to_owned(), &"put".to_owned()));
}

#[test]
fn a_name_leaves_room_for_each_state_of_a_token_and_its_mark() {
    let longest = NAME_SUFFIXES.iter().map(|suffix| suffix.len()).max().unwrap();
    assert_eq!(LONGEST_NAME + longest + "@k3x9w2ab".len(), 120);
    assert!(name_is_valid(&"ä".repeat(LONGEST_NAME)));
    assert!(!name_is_valid(&"ä".repeat(LONGEST_NAME + 1)));
}

#[test]
fn a_name_ends_with_no_state_of_a_token() {
    for suffix in NAME_SUFFIXES {
        let resolved = resolve(&edited("name: app", &format!("name: app{suffix}")), None, &[]);
        let [found] = resolved.diagnostics.as_slice() else { panic!("{:?}", resolved.diagnostics) };
        assert_eq!(found.code, DiagnosticCode::BadName);
        assert!(found.hint.contains(&format!("`app-{}`", &suffix[1..])), "{}", found.hint);
        assert!(name_is_valid(&format!("app{suffix}s")) && name_is_valid(&format!("app{suffix}-1")));
    }
}

#[test]
fn ids_of_accounts_and_zones_outlive_a_token_and_nothing_else_does() {
    let lasting: Vec<&str> =
        SinkValue::ALL.into_iter().filter(|value| !value.dies_with_token()).map(SinkValue::word).collect();
    assert_eq!(lasting, ["account_id", "zone_id", "r2_endpoint"]);
}
