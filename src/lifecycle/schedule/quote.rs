//! Words as each format writes them, so that every character comes out as it went in.

/// One word for a shell.
pub(super) fn sh(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@=".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// One word for the shell of a crontab: there `%` ends the command unless a backslash stands right before it, and
/// cron takes that backslash away even within quotes.
pub(super) fn cron(word: &str) -> String {
    sh(word).replace('%', r"'\%'")
}

/// The program of a crontab's command: a plain word with `=` in it would set a variable there.
pub(super) fn cron_program(word: &str) -> String {
    match cron(word) {
        plain if plain == word && word.contains('=') => format!("'{word}'"),
        other => other,
    }
}

/// A text of a workflow: there `${{` begins an expression, wherever it stands.
pub(super) fn workflow(text: &str) -> String {
    text.replace("${{", "${{ '${{' }}")
}

/// One word of an `ExecStart=`: `%` begins a specifier and `$` a variable, within quotes too.
pub(super) fn exec(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@=".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    let escaped = word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    format!("\"{escaped}\"")
}

/// The value of a unit's setting that is one path or one sentence.
pub(super) fn unit(value: &str) -> String {
    value.replace('%', "%%")
}

/// A text in YAML.
pub(super) fn yaml(text: &str) -> String {
    // JSON's strings are YAML's too.
    serde_json::Value::from(text).to_string()
}

/// The name of a schedule in YAML, where some are numbers, dates or words with a meaning unless they are quoted.
pub(super) fn name(name: &str) -> String {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let is_text = name.starts_with(|first: char| first.is_ascii_lowercase()) && !WORDS.contains(&name);
    if is_text { name.to_owned() } else { yaml(name) }
}

/// One argument of a container: Kubernetes fills in `$(NAME)`, and takes `$$` for a dollar sign.
pub(super) fn container(word: &str) -> String {
    yaml(&word.replace('$', "$$"))
}
