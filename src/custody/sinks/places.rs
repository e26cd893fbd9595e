//! Where in the sinks secrets stand, and what stood there when the run looked.

use super::Located;
use crate::custody::held::{Question, Trial};
use crate::plan::{Held, SinkView};
use crate::profile::SinkValue;
use crate::secret::Secret;
use crate::sink::{Document, SinkError, Values};
use crate::world::World;

/// A place of a sink where a secret stands, with what stands there.
pub struct SecretPlace {
    /// The sink, by position among the profile's.
    pub sink: usize,
    /// What a person calls it.
    pub shown: String,
    kind: PlaceKind,
}

enum PlaceKind {
    /// A variable with the token's value.
    Token(Found),
    /// A pair of S3 credentials: the id names the token, the key is only a hash of its value.
    S3 { id: Option<Found>, key: Found },
    /// A program.
    Program,
}

/// A variable, and what stood in it when the run looked.
struct Found {
    variable: String,
    value: Option<Secret>,
}

impl Found {
    fn read(document: &Document, variable: &str) -> Self {
        Self { variable: variable.to_owned(), value: document.value(variable) }
    }

    /// Whether this document has the same value.
    fn stands_in(&self, document: &Document) -> bool {
        let now = document.value(&self.variable);
        now.as_ref().map(Secret::expose) == self.value.as_ref().map(Secret::expose)
    }
}

/// Reads every secret that the sinks of a profile hold.
pub(in crate::custody) fn read_places(
    world: &dyn World,
    located: &[Located],
) -> Result<Vec<SecretPlace>, SinkError> {
    let mut places = Vec::new();
    for (sink, located) in located.iter().enumerate() {
        match located {
            Located::Command { command, .. } => {
                places.push(SecretPlace {
                    sink,
                    shown: command.called().to_owned(),
                    kind: PlaceKind::Program,
                });
            }
            Located::EnvFile { file, variables } => {
                let document = file.read(world)?;
                let named =
                    |value: SinkValue| variables.iter().find(|(_, of)| *of == value).map(|(name, _)| name);
                for (name, _) in variables.iter().filter(|(_, value)| *value == SinkValue::Token) {
                    let kind = PlaceKind::Token(Found::read(&document, name));
                    places.push(SecretPlace { sink, shown: format!("{name} in {}", file.shown()), kind });
                }
                if let (Some(key), None) = (named(SinkValue::R2SecretAccessKey), named(SinkValue::Token)) {
                    let id = named(SinkValue::R2AccessKeyId).map(|name| Found::read(&document, name));
                    let kind = PlaceKind::S3 { id, key: Found::read(&document, key) };
                    places.push(SecretPlace { sink, shown: format!("{key} in {}", file.shown()), kind });
                }
            }
        }
    }
    Ok(places)
}

impl SecretPlace {
    /// The question to ask of the secret itself.
    pub(in crate::custody) fn question(&self, profile: usize, trial: Trial) -> Question {
        match &self.kind {
            PlaceKind::Token(found) => Question::new(profile, found.value.clone(), trial),
            PlaceKind::S3 { .. } => Question::about_pair(profile, trial),
            PlaceKind::Program => Question::new(profile, None, trial),
        }
    }

    /// The secret that stands here, if it is a token's value.
    pub(in crate::custody) fn token(&self) -> Option<&Secret> {
        match &self.kind {
            PlaceKind::Token(found) => found.value.as_ref(),
            PlaceKind::S3 { .. } | PlaceKind::Program => None,
        }
    }

    /// Whether it is a program, which cannot be read back.
    pub(in crate::custody) fn is_program(&self) -> bool {
        matches!(self.kind, PlaceKind::Program)
    }

    /// The token that S3 credentials name by their id.
    pub(in crate::custody) fn named(&self) -> Option<String> {
        match self.pair() {
            Some((Some(id), Some(key))) if !key.is_blank() => Some(id.expose().trim().to_owned()),
            _ => None,
        }
    }

    /// The id and the key of S3 credentials.
    fn pair(&self) -> Option<(Option<&Secret>, Option<&Secret>)> {
        match &self.kind {
            PlaceKind::S3 { id, key } => {
                Some((id.as_ref().and_then(|id| id.value.as_ref()), key.value.as_ref()))
            }
            PlaceKind::Token(_) | PlaceKind::Program => None,
        }
    }

    /// Whether one of its variables has another value in `now` than when the run looked, and another than in
    /// `after`, which is what it is about to be given.
    pub(super) fn is_changed(&self, now: &Document, after: Option<&Document>) -> bool {
        let is_kept = |found: &Found| {
            found.stands_in(now)
                || after.is_some_and(|after| Found::read(after, &found.variable).stands_in(now))
        };
        match &self.kind {
            PlaceKind::Token(found) => !is_kept(found),
            PlaceKind::S3 { id, key } => !is_kept(key) || !id.as_ref().is_none_or(is_kept),
            PlaceKind::Program => false,
        }
    }

    /// What planning sees, given the answer to the question and the ids of the owner's tokens.
    pub(in crate::custody) fn view(&self, answer: &Held, known_ids: &[&str], stale: bool) -> SinkView {
        let held = match (&self.kind, self.pair()) {
            (PlaceKind::Program, _) => Held::Unreadable,
            (_, Some((id, key))) => held_pair(id, key, known_ids, answer),
            (_, None) => answer.clone(),
        };
        SinkView { shown: self.shown.clone(), held, stale }
    }
}

/// Which token S3 credentials belong to, by the access key id. An id that is not listed is somebody's all the
/// same: another owner's tokens are not seen here.
fn held_pair(id: Option<&Secret>, key: Option<&Secret>, known_ids: &[&str], answer: &Held) -> Held {
    let text =
        |value: Option<&Secret>| value.map(|secret| secret.expose().trim().to_owned()).unwrap_or_default();
    let (id, key) = (text(id), zeroize::Zeroizing::new(text(key)));
    let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_known = known_ids.contains(&id.as_str());
    match (is_known, is_key) {
        _ if key.is_empty() => Held::Nothing,
        (true, false) => Held::NoToken,
        (true, true) => Held::Token(id),
        (false, true) if *answer != Held::Precious && crate::profile::is_id(&id) => Held::Token(id),
        // Credentials of another S3 service, perhaps.
        (false, _) => Held::Precious,
    }
}

/// Whether a sink that holds the current secret has another variable that is not what it should be, or lets others
/// read it.
pub(in crate::custody) fn is_stale(
    world: &dyn World,
    located: &Located,
    values: &Values<'_>,
) -> Result<bool, SinkError> {
    let Located::EnvFile { file, variables } = located else { return Ok(false) };
    let document = file.read(world)?;
    for (name, value) in variables {
        let should = values.of(*value)?;
        if document.value(name).is_none_or(|is| is.expose() != should.expose()) {
            return Ok(true);
        }
    }
    file.is_loose(world)
}
