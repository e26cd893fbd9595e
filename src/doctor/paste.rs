//! What is wrong with a text that should be a token and is none: how it was pasted, in words that show nothing of it.

/// What a token looks like, for a text of which nothing better can be said.
const FORM: &str = "a token is one word of 40 characters or more, such as cfut_… or cfat_…: copy it again";

/// Characters that nobody sees, and that come along when a text is copied from a page or saved by an editor.
const INVISIBLE: [(char, &str); 10] = [
    ('\u{feff}', "a byte order mark"),
    ('\u{200b}', "a zero-width space"),
    ('\u{200c}', "a zero-width non-joiner"),
    ('\u{200d}', "a zero-width joiner"),
    ('\u{2060}', "a word joiner"),
    ('\u{00ad}', "a soft hyphen"),
    ('\u{00a0}', "a no-break space"),
    ('\u{202f}', "a narrow no-break space"),
    ('\u{200e}', "a left-to-right mark"),
    ('\u{200f}', "a right-to-left mark"),
];

const QUOTES: [char; 9] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '«'];

/// What is wrong, to follow the name of where the text came from, and what to do.
#[must_use]
pub fn diagnose_paste(text: &str) -> (String, String) {
    let text = text.trim();
    if let Some((name, number)) = invisible(text) {
        return (
            format!("contains {name} (U+{number:04X}), which is invisible"),
            "remove it: copy the token with the button of the dashboard, or keep only its letters, digits, `_` and `-`"
                .to_owned(),
        );
    }
    let lower = text.to_ascii_lowercase();
    let first = text.chars().next().unwrap_or_default();
    if lower.starts_with("authorization:") || lower.starts_with("bearer ") {
        let what = "begins with `Bearer`, which belongs to the header of a request";
        return (what.to_owned(), "give only the word after it".to_owned());
    }
    if is_assignment(text) {
        let what = "is a whole line of an env file, with the name of a variable";
        return (what.to_owned(), "give only what comes after the `=`, without quotes".to_owned());
    }
    if QUOTES.contains(&first) || text.ends_with(QUOTES) {
        return ("is in quotes".to_owned(), "give it without the quotes".to_owned());
    }
    if first == '<' || text.starts_with("${") || text.starts_with("{{") {
        let what = "is a placeholder, not a token";
        return (what.to_owned(), "put the token in its place".to_owned());
    }
    if lower.starts_with("op://") {
        let what = "is a reference to a secret of 1Password, not the secret";
        return (what.to_owned(), "let its program read it: --bootstrap-command 'op read op://…'".to_owned());
    }
    let words = text.split_whitespace().count();
    if words > 1 {
        let what = format!("has {words} words, but a token is one word");
        return (what, "give the token and nothing else".to_owned());
    }
    ("does not look like an API token".to_owned(), FORM.to_owned())
}

fn invisible(text: &str) -> Option<(&'static str, u32)> {
    text.chars().find_map(|c| {
        let known = INVISIBLE.iter().find(|(known, _)| *known == c);
        match known {
            Some((_, name)) => Some((*name, u32::from(c))),
            None if c.is_control() && !c.is_whitespace() => Some(("a control character", u32::from(c))),
            None => None,
        }
    })
}

/// Whether a text begins as a variable's assignment does. The name is not shown: an `=` may be a secret's own.
fn is_assignment(text: &str) -> bool {
    let text = text.strip_prefix("export ").unwrap_or(text).trim_start();
    let Some((name, _)) = text.split_once('=') else { return false };
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_of_pasting_is_named_with_its_fix_and_nothing_of_the_text_is_shown() {
        const TOKEN: &str = "cfut_EMULATORfakefakefakefakefakefakefakefake12";
        for (text, what, fix) in [
            (format!("\"{TOKEN}\""), "is in quotes", "without the quotes"),
            (format!("“{TOKEN}”"), "is in quotes", "without the quotes"),
            (format!("{TOKEN}'"), "is in quotes", "without the quotes"),
            (format!("Bearer {TOKEN}"), "begins with `Bearer`", "the word after it"),
            (format!("Authorization: Bearer {TOKEN}"), "begins with `Bearer`", "the word after it"),
            (format!("CLOUDFLARE_API_TOKEN={TOKEN}"), "a whole line of an env file", "after the `=`"),
            (format!("export T=\"{TOKEN}\""), "a whole line of an env file", "after the `=`"),
            (format!("\u{feff}{TOKEN}"), "a byte order mark (U+FEFF)", "remove it"),
            (format!("cfut_\u{200b}{TOKEN}"), "a zero-width space (U+200B)", "remove it"),
            (format!("{TOKEN}\u{a0}"), "", "copy it again"),
            (format!("{TOKEN}\u{1b}[0m"), "a control character (U+001B)", "remove it"),
            (format!("{TOKEN} {TOKEN}"), "has 2 words", "nothing else"),
            ("<your-token>".to_owned(), "is a placeholder", "in its place"),
            ("op://vault/item/field".to_owned(), "1Password", "--bootstrap-command"),
            ("hello".to_owned(), "does not look like an API token", "copy it again"),
        ] {
            let (said, hint) = diagnose_paste(&text);
            assert!(said.contains(what) && hint.contains(fix), "{what}: {said} / {hint}");
            assert!(!said.contains("fake") && !hint.contains("fake"), "{said} / {hint}");
        }
    }
}
