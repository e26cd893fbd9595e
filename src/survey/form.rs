//! What a value tells by its form alone, before anybody is asked with it.
//!
//! In: the text of a variable. Out: whether it is nothing, a placeholder, something that must not be lost, or shaped like
//! a token of Cloudflare's. Only the last is ever sent anywhere. Pure.

use crate::cloudflare::SecretKind;
use crate::plan::Protected;
use crate::secret::{LOG_IN, Secret, UNPREFIXED_LENGTH};

/// How the secrets of the embedded emulator begin.
const EMULATED: [&str; 3] = ["cfut_EMULATOR", "cfat_EMULATOR", "cfk_EMULATOR"];

/// Whether the emulator minted this secret; it says so in its text.
#[must_use]
pub fn is_emulated(secret: &Secret) -> bool {
    EMULATED.iter().any(|prefix| secret.expose().starts_with(prefix))
}

/// Whether a value is long enough and strange enough to be a secret, of whatever service.
pub(super) fn may_be_secret(value: &Secret) -> bool {
    value.expose().len() >= SHORTEST_SECRET
        && !matches!(form(value), SecretForm::Blank | SecretForm::Placeholder)
}

/// Shorter texts are words, of which programs print many.
const SHORTEST_SECRET: usize = 20;

/// What a value is by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretForm {
    /// Nothing but white space.
    Blank,
    /// What a template has where a secret belongs.
    Placeholder,
    /// What must not be lost.
    Protected(Protected),
    /// Shaped like a token of this kind.
    Token(SecretKind),
}

/// How values begin that another program replaces by a secret.
const REFERENCES: [&str; 14] = [
    "op://",
    "$",
    "`",
    "encrypted:",
    "ENC[",
    "vault:",
    "ref+",
    "arn:",
    "secret://",
    "keychain:",
    "file:",
    "exec:",
    "{{",
    "<%",
];

/// How the secrets of other services begin; some are as long as a token without a prefix.
const OTHER_SERVICES: [&str; 24] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "sk_",
    "sk-",
    "pk_",
    "rk_",
    "xox",
    "AKIA",
    "ASIA",
    "npm_",
    "pypi-",
    "dop_",
    "shp",
    "hf_",
    "SG.",
    "ya29.",
    "eyJ",
    "AIza",
    LOG_IN,
];

/// Words that only a placeholder has.
const TELLING: [&str; 16] = [
    "your",
    "change",
    "replace",
    "paste",
    "placeholder",
    "example",
    "insert",
    "dummy",
    "sample",
    "todo",
    "fixme",
    "fill",
    "here",
    "redacted",
    "secret",
    "token",
];

/// Values that stand for none.
const NONE: [&str; 8] = ["none", "null", "nil", "undefined", "n/a", "tbd", "test", "empty"];

/// Tells what a value is by its form.
#[must_use]
pub fn form(secret: &Secret) -> SecretForm {
    let text = secret.expose().trim();
    if text.is_empty() {
        return SecretForm::Blank;
    }
    if REFERENCES.iter().any(|start| text.starts_with(start)) {
        return SecretForm::Protected(Protected::Reference);
    }
    match SecretKind::of(secret) {
        SecretKind::GlobalKey => SecretForm::Protected(Protected::GlobalKey),
        kind @ (SecretKind::UserToken | SecretKind::AccountToken) => SecretForm::Token(kind),
        kind @ SecretKind::Unprefixed if is_plain_token(text) => SecretForm::Token(kind),
        SecretKind::Unprefixed | SecretKind::NoToken if is_placeholder(text) => SecretForm::Placeholder,
        SecretKind::Unprefixed | SecretKind::NoToken => SecretForm::Protected(Protected::OtherService),
    }
}

fn is_plain_token(text: &str) -> bool {
    text.len() == UNPREFIXED_LENGTH
        && !OTHER_SERVICES.iter().any(|start| text.starts_with(start))
        && !is_placeholder(text)
}

/// Whether a text is what templates and people write where a secret belongs. A text of the length and the mixture of a
/// secret is none, whatever words are in it.
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_wrapped = [('<', '>'), ('[', ']'), ('(', ')')]
        .into_iter()
        .any(|(open, close)| text.starts_with(open) && text.ends_with(close));
    let mut signs = lower.chars().filter(|sign| !matches!(sign, '-' | '_' | ' '));
    let first = signs.next();
    let is_one_sign = signs.all(|sign| Some(sign) == first);
    let is_telling = TELLING.iter().any(|word| lower.contains(word)) && is_wording(text);
    is_wrapped || is_one_sign || is_telling || NONE.contains(&&*lower)
}

/// Whether a text is made of words and numbers, as templates are. Secrets mix letters and digits, and an address has signs
/// of its own, whatever words are in them.
fn is_wording(text: &str) -> bool {
    const BETWEEN: &str = "-_ .,!*<>[](){}";
    let is_word =
        |run: &str| run.chars().all(char::is_alphabetic) || run.bytes().all(|sign| sign.is_ascii_digit());
    text.chars().all(|sign| sign.is_alphanumeric() || BETWEEN.contains(sign))
        && text.split(|sign: char| !sign.is_alphanumeric()).all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_has_is_no_secret() {
        for text in [
            "<paste>",
            "<your token>",
            "your-token-here",
            "YOUR_API_TOKEN",
            "changeme",
            "change-me",
            "xxxx",
            "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
            "****",
            "...",
            "TODO",
            "replace_with_your_cloudflare_api_token",
            "paste your token here",
            "[token]",
            "null",
            "None",
            "N/A",
            "cf-token",
            "-",
            "your_cloudflare_token_goes_right_here_xx",
        ] {
            assert_eq!(form(&Secret::new(text.to_owned())), SecretForm::Placeholder, "{text}");
        }
    }

    #[test]
    fn what_is_no_token_of_cloudflares_is_never_asked_about() {
        use Protected::{GlobalKey, OtherService, Reference};
        for (text, what) in [
            ("op://vault/item/field", Reference),
            ("$(pass show cf)", Reference),
            ("${OTHER}", Reference),
            ("$OTHER", Reference),
            ("`pass show cf`", Reference),
            ("encrypted:BOpYfakefakefake", Reference),
            ("ENC[AES256_GCM,data:fake]", Reference),
            ("{{ secrets.CF }}", Reference),
            ("ghp_FAKE0fake0FAKE0fake0FAKE0fake0FAKE00", OtherService),
            ("sk_live_FAKE0fake0FAKE0fake0FAKE0fake0", OtherService),
            ("postgres://user:fake@db.example/shop", OtherService),
            ("eyJfake.eyJfake.fake", OtherService),
            ("cfoat_FAKE0fake0FAKE0fake0FAKE0fake0FAKE0fake0", OtherService),
            ("hunter2", OtherService),
            ("hunter2secret", OtherService),
            ("https://token.example/a", OtherService),
            ("AKIAFAKEFAKEFAKEFAKE", OtherService),
            ("abcdef0123456789abcdef0123456789abcdef01234", GlobalKey),
        ] {
            assert_eq!(form(&Secret::new(text.to_owned())), SecretForm::Protected(what), "{text}");
        }
    }

    #[test]
    fn tokens_old_and_new_are_known_by_their_form() {
        for (text, kind) in [
            ("cfut_EMULATOR-a-users-token-of-the-new-form-53-long-x", SecretKind::UserToken),
            ("cfat_EMULATOR-an-accounts-token-of-the-new-form-53-lo", SecretKind::AccountToken),
            ("FAKE0old1FAKE2old3FAKE4old5FAKE6old7FAKE", SecretKind::Unprefixed),
        ] {
            assert_eq!(form(&Secret::new(text.to_owned())), SecretForm::Token(kind), "{text}");
        }
        assert_eq!(form(&Secret::new(" \t".to_owned())), SecretForm::Blank);
    }
}
