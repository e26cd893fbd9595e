//! The form of a value that should be a token: what it is in truth, and how it was spoilt on its way.
//!
//! In: the value. Out: the kind of token, or what is wrong in words that show nothing of the value. Nobody is asked: what
//! has not the form of a token is never sent anywhere.
//!
//! Source of the forms: <https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/>

use super::paste::diagnose_paste;
use crate::cloudflare::SecretKind;
use crate::plan::Protected;
use crate::secret::{ACCOUNT_TOKEN, LOG_IN, Secret, UNPREFIXED_LENGTH, USER_TOKEN};
use crate::survey::{SecretForm, form};

/// What is wrong with a value, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// What it is, to follow the name of its place.
    pub what: String,
    /// What to do.
    pub fix: String,
}

/// How long a token with a prefix is: the prefix, 40 characters, and a checksum of 8.
const PREFIXED: usize = 53;

/// The kind of token that a value is by its form, or what it is instead.
pub fn fit_token(value: &Secret) -> Result<SecretKind, Unfit> {
    let text = value.expose();
    if text.trim().is_empty() {
        return Err(unfit("is empty", "put the token there: copy it again, it is shown only once"));
    }
    if text != text.trim() {
        let what = "has white space before or after it";
        return Err(unfit(what, "remove it: a token is one word, and nothing else"));
    }
    match form(value) {
        SecretForm::Token(kind) => Ok(kind),
        SecretForm::Protected(Protected::GlobalKey) => Err(unfit(
            "is the global API key, not a token",
            "make a token: it can be restricted, and the key cannot",
        )),
        SecretForm::Blank | SecretForm::Placeholder => {
            Err(unfit("is a placeholder, not a token", "put the token in its place"))
        }
        SecretForm::Protected(_) if text.starts_with("op://") => Err(unfit(
            "is a reference to a secret of 1Password, not the secret",
            "let its program read it: op read REFERENCE | cfmint doctor --token-stdin",
        )),
        SecretForm::Protected(_) => Err(other(text)),
    }
}

/// What a value is that looks like no token.
fn other(text: &str) -> Unfit {
    let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.starts_with(LOG_IN) {
        return unfit(
            "is the access token of a log-in (cfoat_…), not an API token",
            "it ends soon and belongs to one program: make an API token",
        );
    }
    if let Some(prefix) = [USER_TOKEN, ACCOUNT_TOKEN].into_iter().find(|prefix| text.starts_with(prefix))
        && is_one_word(text)
    {
        return unfit(
            &format!(
                "begins as a token does ({prefix}…) and is cut short: {} of {PREFIXED} characters",
                text.len()
            ),
            "copy the whole token again",
        );
    }
    match text.len() {
        32 if is_hexadecimal => unfit(
            "is an id, as accounts, zones and tokens have, not a token",
            "the token's secret is another value, shown once when the token is made",
        ),
        64 if is_hexadecimal => unfit(
            "is a secret access key for R2 (64 hexadecimal digits), not a token",
            "the API takes the token itself; the key is for S3 programs",
        ),
        length @ 30..UNPREFIXED_LENGTH if is_one_word(text) => unfit(
            &format!(
                "is cut short, or no token: {length} characters, and a token has {UNPREFIXED_LENGTH} or {PREFIXED}"
            ),
            "copy the whole token again",
        ),
        length if length > UNPREFIXED_LENGTH && is_one_word(text) => unfit(
            &format!(
                "is no token: {length} characters without `cfut_` or `cfat_`, where a token has {UNPREFIXED_LENGTH}"
            ),
            "copy the token again, and nothing else",
        ),
        _ => {
            let (what, fix) = diagnose_paste(text);
            Unfit { what, fix }
        }
    }
}

fn is_one_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// How a token that Cloudflare does not know differs in length from those of its kind: it may have been cut or lengthened
/// on its way.
#[must_use]
pub fn odd_length(value: &Secret, kind: SecretKind) -> Option<String> {
    let length = value.expose().len();
    let usual = if kind == SecretKind::Unprefixed { UNPREFIXED_LENGTH } else { PREFIXED };
    match length {
        _ if length == usual => None,
        ..PREFIXED => {
            Some(format!("it has {length} characters, and such tokens have {usual}: it may be cut short"))
        }
        _ => Some(format!(
            "it has {length} characters, and such tokens have {usual}: something was pasted with it"
        )),
    }
}

fn unfit(what: &str, fix: &str) -> Unfit {
    Unfit { what: what.to_owned(), fix: fix.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;

    const USER: &str = "cfut_EMULATORfakefakefakefakefakefakefakefake00000000";
    const OLD: &str = "FAKE0old1FAKE2old3FAKE4old5FAKE6old7FAKE";

    fn judged(text: &str) -> Result<SecretKind, Unfit> {
        fit_token(&Secret::new(text.to_owned()))
    }

    #[test]
    fn a_token_is_known_by_its_form() {
        assert_eq!(judged(USER), Ok(SecretKind::UserToken));
        assert_eq!(judged(&USER.replace("cfut", "cfat")), Ok(SecretKind::AccountToken));
        assert_eq!(judged(OLD), Ok(SecretKind::Unprefixed));
    }

    #[test]
    fn what_is_no_token_is_told_apart_and_nothing_of_it_is_shown() {
        for (text, what) in [
            (String::new(), "is empty"),
            (" \t".to_owned(), "is empty"),
            (format!(" {USER}"), "has white space"),
            (format!("{USER}\n"), "has white space"),
            (format!("\"{USER}\""), "is in quotes"),
            (format!("Bearer {USER}"), "begins with `Bearer`"),
            (format!("CLOUDFLARE_API_TOKEN={USER}"), "a whole line of an env file"),
            (USER[..30].to_owned(), "is cut short: 30 of 53 characters"),
            (OLD[..39].to_owned(), "is cut short, or no token: 39 characters"),
            (format!("{OLD}{OLD}"), "80 characters without `cfut_`"),
            ("0123456789abcdef0123456789abcdef01234".to_owned(), "the global API key"),
            ("cfk_fake-fake-fake-fake-fake-fake-fake-fake-fake-fake".to_owned(), "the global API key"),
            ("cfoat_FAKE0fake0FAKE0fake0FAKE0fake0FAKE0fake0".to_owned(), "of a log-in"),
            ("e0000000000000000000000000000001".to_owned(), "is an id"),
            ("0123456789abcdef".repeat(4), "a secret access key for R2"),
            ("op://vault/item/field".to_owned(), "is a reference to a secret of 1Password"),
            ("<your-token-here>".to_owned(), "is a placeholder"),
            ("changeme".to_owned(), "is a placeholder"),
            ("hunter2".to_owned(), "does not look like an API token"),
        ] {
            let unfit = judged(&text).unwrap_err();
            assert!(unfit.what.contains(what), "{what}: {}", unfit.what);
            assert!(!unfit.fix.is_empty() && !unfit.what.contains("fakefake"), "{}", unfit.what);
        }
    }

    #[test]
    fn the_way_to_look_at_a_reference_is_one_that_doctor_has() {
        let unfit = judged("op://vault/item/field").unwrap_err();
        assert!(unfit.fix.contains("op read REFERENCE | cfmint doctor --token-stdin"), "{}", unfit.fix);
    }

    #[test]
    fn a_length_that_such_tokens_never_have_is_named() {
        let odd = |text: &str, kind| odd_length(&Secret::new(text.to_owned()), kind);
        assert_eq!(odd(USER, SecretKind::UserToken), None);
        assert_eq!(odd(OLD, SecretKind::Unprefixed), None);
        assert!(odd(&USER[..50], SecretKind::UserToken).unwrap().contains("cut short"));
        assert!(odd(&format!("{USER}x"), SecretKind::UserToken).unwrap().contains("pasted with it"));
    }
}
