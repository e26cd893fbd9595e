//! What holds for any bytes that are read as a profile.

use cfmint::catalogue::resolve_offline;
use cfmint::cli::snippet::render;
use cfmint::profile::{Diagnostic, DiagnosticCode, ProfileFile, ResolveOptions, Unset, distinct, is_sound};

/// As many of a file's environments as are looked at.
const MOST_ENVIRONMENTS: usize = 4;

/// Reads the bytes and resolves what came of them, for no environment and for each.
pub(crate) fn hold(bytes: &[u8]) {
    let file = match ProfileFile::from_bytes("any.yaml", bytes.to_vec()) {
        Ok(file) => file,
        Err(diagnostics) => {
            assert!(!is_sound(&diagnostics), "refused without a reason");
            return can_be_shown(&diagnostics);
        }
    };
    let named = file.environments().into_iter().take(MOST_ENVIRONMENTS);
    let mut found = Vec::new();
    for environment in [None, Some("pr-1")].into_iter().chain(named.map(Some)) {
        for unset in [Unset::Note, Unset::Error] {
            found.extend(resolved(&file, environment, unset));
        }
    }
    can_be_shown(&distinct(found));
}

/// There is a profile unless there is an error, or a value that cannot be known where that is no error.
fn resolved(file: &ProfileFile, environment: Option<&str>, unset: Unset) -> Vec<Diagnostic> {
    let variables = |name: &str| (name == "A").then(|| "value\n\u{0}\"]".to_owned());
    let now = "2026-01-15T12:00:00Z".parse().unwrap();
    let resolved =
        file.resolve(&ResolveOptions { environment, features: &[], variables: &variables, now, unset });
    let unknown = |diagnostic: &Diagnostic| diagnostic.code == DiagnosticCode::UnsetVariable;
    match (&resolved.profile, is_sound(&resolved.diagnostics)) {
        (Some(_), is_sound) => assert!(is_sound, "a profile in spite of an error"),
        (None, true) => {
            let is_noted = unset == Unset::Note && resolved.diagnostics.iter().any(unknown);
            assert!(is_noted, "no profile, and no reason");
        }
        (None, false) => {}
    }
    let permissions = resolve_offline(file.source(), &resolved.permissions, &cfmint::profile::Owner::User);
    // A phrase may put a few permissions together.
    assert!(permissions.granted.len() <= 4 * resolved.permissions.len());
    [resolved.diagnostics, permissions.diagnostics].concat()
}

/// Holds for the diagnostics of any text.
fn can_be_shown(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        let Diagnostic { code, message, source, .. } = diagnostic;
        assert!(!message.is_empty() && !message.contains('\n'), "{message}");
        for (span, _) in diagnostic.place.iter().chain(&diagnostic.also) {
            assert!(source.text.get(span.start..span.end).is_some(), "{code}: {span:?}");
        }
    }
    let drawn = render(diagnostics, false);
    assert!(!drawn.chars().any(|character| character.is_control() && character != '\n'), "{drawn:?}");
}
