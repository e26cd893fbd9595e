//! Where in the sinks secrets stand, and what planning sees of each place.
//!
//! In: the sinks of a profile and what they held when the run looked. Out: one place for each definition of a variable
//! that holds a secret, so that none is overwritten unasked. Reads only.

use futures_util::future::join_all;

use super::form::{SecretForm, form, may_be_secret};
use super::identify::{Trial, identify};
use crate::cloudflare::{Client, TokenOwner};
use crate::plan::{Protected, SinkKind, SinkView, Whose};
use crate::profile::SinkValue;
use crate::secret::Secret;
use crate::sink::{ContentEntry, KnownSecret, Sink, SinkError, SinkReading, Values};
use crate::world::World;

/// A sink of a profile and what it held when the run looked.
pub struct SurveyedSink {
    /// The sink.
    pub sink: Box<dyn Sink>,
    /// What it held.
    pub reading: SinkReading,
}

impl SurveyedSink {
    /// Reads a sink. No program may show from now on what it holds.
    pub fn read(world: &dyn World, sink: Box<dyn Sink>) -> Result<Self, SinkError> {
        let reading = sink.read(world)?;
        if let SinkReading::Content(content) = &reading {
            let found = content.entries.iter().flat_map(|entry| &entry.found);
            found.filter(|value| may_be_secret(value)).for_each(|value| world.hide(value.expose()));
        }
        Ok(Self { sink, reading })
    }

    /// Whether the sink has another value than it should beside the secret that it holds, or lets others read it.
    pub(crate) fn is_stale(&self, values: &Values<'_>) -> Result<bool, SinkError> {
        let SinkReading::Content(content) = &self.reading else { return Ok(false) };
        for entry in &content.entries {
            let should = values.of(entry.value)?;
            let is_right = |is: &Secret| is.expose() == should.expose();
            if entry.found.is_empty() || !entry.found.iter().all(is_right) {
                return Ok(true);
            }
        }
        Ok(content.is_loose)
    }
}

/// A place in a sink where a secret stands.
pub struct SecretPlace {
    /// The sink, by position among the profile's.
    pub sink: usize,
    /// What a person calls the place.
    pub shown: String,
    kind: PlaceKind,
}

enum PlaceKind {
    /// A token's value, if there is one.
    Token(Option<Secret>),
    /// A pair of S3 credentials: the id names the token, the key is only a hash of its value.
    S3 { ids: Vec<Secret>, keys: Vec<Secret> },
    /// A program that cannot be asked.
    Opaque,
    /// A value that is no secret and must not be lost.
    Plain,
    /// What a sink holds that takes no secret: ids and times.
    NoSecret,
}

/// The places of these sinks, in their order.
pub(super) fn places(seen: &[SurveyedSink]) -> Vec<SecretPlace> {
    seen.iter().enumerate().flat_map(|(sink, seen)| places_of(sink, seen)).collect()
}

fn places_of(sink: usize, seen: &SurveyedSink) -> Vec<SecretPlace> {
    let content = match &seen.reading {
        SinkReading::Opaque => {
            let shown = seen.sink.shown().to_owned();
            return vec![SecretPlace { sink, shown, kind: PlaceKind::Opaque }];
        }
        SinkReading::Content(content) => content,
    };
    let of = |value: SinkValue| content.entries.iter().filter(move |entry| entry.value == value);
    let place = |entry: &ContentEntry, kind| SecretPlace { sink, shown: entry.shown.clone(), kind };
    let mut places: Vec<SecretPlace> = Vec::new();
    for entry in of(SinkValue::Token) {
        if entry.found.is_empty() {
            places.push(place(entry, PlaceKind::Token(None)));
        }
        places.extend(entry.found.iter().map(|found| place(entry, PlaceKind::Token(Some(found.clone())))));
    }
    if places.is_empty()
        && let Some(key) = of(SinkValue::R2SecretAccessKey).next()
    {
        let found = |value| of(value).flat_map(|entry| entry.found.iter().cloned()).collect();
        let (ids, keys) = (found(SinkValue::R2AccessKeyId), found(SinkValue::R2SecretAccessKey));
        places.push(place(key, PlaceKind::S3 { ids, keys }));
    }
    if places.is_empty() {
        let shown = seen.sink.shown().to_owned();
        places.push(SecretPlace { sink, shown, kind: PlaceKind::NoSecret });
    }
    places
}

impl SecretPlace {
    /// The secret that stands here, if it is a token's value.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        match &self.kind {
            PlaceKind::Token(found) => found.as_ref(),
            PlaceKind::S3 { .. } | PlaceKind::Opaque | PlaceKind::Plain | PlaceKind::NoSecret => None,
        }
    }

    /// What stands here of a token's secret.
    pub(super) fn known(&self) -> Option<KnownSecret<'_>> {
        match &self.kind {
            PlaceKind::Token(found) => found.as_ref().map(KnownSecret::Whole),
            PlaceKind::S3 { keys, .. } => keys.iter().find(|key| !is_blank(key)).map(KnownSecret::S3Key),
            PlaceKind::Opaque | PlaceKind::Plain | PlaceKind::NoSecret => None,
        }
    }

    /// Whether it names its token by an id only, which is the same before and after a roll.
    #[must_use]
    pub fn is_pair(&self) -> bool {
        matches!(self.kind, PlaceKind::S3 { .. })
    }

    /// Asks whose secret stands here. `known` are the ids of the owner's tokens.
    async fn whose(&self, client: &Client, owner: &TokenOwner, trial: Trial, known: &[&str]) -> Whose {
        match &self.kind {
            PlaceKind::Opaque => Whose::Opaque,
            PlaceKind::Token(None) | PlaceKind::Plain => Whose::Nobody,
            PlaceKind::NoSecret => Whose::NoSecret,
            PlaceKind::Token(Some(secret)) => identify(client, owner, trial, secret).await,
            PlaceKind::S3 { ids, keys } => whose_pair(ids, keys, trial, known),
        }
    }
}

/// Asks at all places at once whose secret stands there; the answers come in their order. S3 credentials are told by the
/// ids of tokens, which are not known yet: see [`settle_pairs`].
pub(super) async fn ask(
    client: &Client,
    owner: &TokenOwner,
    trial: Trial,
    places: &[SecretPlace],
) -> Vec<Whose> {
    join_all(places.iter().map(|place| place.whose(client, owner, trial, &[]))).await
}

/// Tells whose S3 credentials are, now that the owner's tokens are known.
pub(super) fn settle_pairs(places: &[SecretPlace], whose: &mut [Whose], trial: Trial, known: &[&str]) {
    for (place, whose) in places.iter().zip(whose) {
        if let PlaceKind::S3 { ids, keys } = &place.kind {
            *whose = whose_pair(ids, keys, trial, known);
        }
    }
}

/// Protects what a trial would overwrite although it is real: ids that stand beside no secret of the emulator's and are
/// neither its own nor what would be written. `should` tells what would be.
pub(super) fn protect_real(
    seen: &[SurveyedSink],
    places: &mut Vec<SecretPlace>,
    whose: &mut Vec<Whose>,
    known: &[&str],
    should: impl Fn(SinkValue) -> Option<String>,
) {
    for (sink, seen) in seen.iter().enumerate() {
        let SinkReading::Content(content) = &seen.reading else { continue };
        let of_sink = |place: &SecretPlace| place.sink == sink;
        let is_emulators = |whose: &Whose| {
            !matches!(whose, Whose::Nobody | Whose::NoSecret | Whose::Placeholder | Whose::Protected(_))
        };
        if places.iter().zip(&*whose).any(|(place, whose)| of_sink(place) && is_emulators(whose)) {
            continue;
        }
        let is_real = |entry: &&ContentEntry| {
            let is_expected = |found: &Secret| {
                let text = found.expose().trim();
                matches!(form(found), SecretForm::Blank | SecretForm::Placeholder)
                    || known.contains(&text)
                    || should(entry.value).as_deref() == Some(text)
            };
            !entry.value.is_secret()
                && entry.value != SinkValue::ExpiresOn
                && !entry.found.iter().all(is_expected)
        };
        if let Some(entry) = content.entries.iter().find(is_real) {
            places.push(SecretPlace { sink, shown: entry.shown.clone(), kind: PlaceKind::Plain });
            whose.push(Whose::Protected(Protected::Real));
        }
    }
}

/// Which token S3 credentials belong to, by the access key id. An id that is not listed is somebody's all the
/// same: another owner's tokens are not seen here.
fn whose_pair(ids: &[Secret], keys: &[Secret], trial: Trial, known: &[&str]) -> Whose {
    let ids: Vec<&str> = ids.iter().filter(|id| !is_blank(id)).map(|id| id.expose().trim()).collect();
    let keys: Vec<&Secret> = keys.iter().filter(|key| !is_blank(key)).collect();
    let unknown = if trial == Trial::Yes { Protected::Real } else { Protected::S3Pair };
    let [first, others @ ..] = keys.as_slice() else { return Whose::Nobody };
    if others.iter().any(|other| other.expose() != first.expose()) {
        return Whose::Protected(unknown);
    }
    let text = first.expose().trim();
    let is_key = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match ids.as_slice() {
        [id, others @ ..] if others.iter().all(|other| other == id) => match (known.contains(id), is_key) {
            (true, true) => Whose::Token((*id).to_owned()),
            (true, false) => Whose::Placeholder,
            (false, true) if trial == Trial::No && crate::profile::is_id(id) => {
                Whose::Token((*id).to_owned())
            }
            // Credentials of another S3 service, perhaps.
            (false, _) => Whose::Protected(unknown),
        },
        _ => Whose::Protected(unknown),
    }
}

fn is_blank(secret: &Secret) -> bool {
    matches!(form(secret), SecretForm::Blank | SecretForm::Placeholder)
}

/// What planning sees of the places in these sinks, given whose secrets they hold. `is_stale` tells of the sink of a place whether
/// another value in it is not what it should be.
pub(super) fn views(
    seen: &[SurveyedSink],
    places: &[SecretPlace],
    whose: &[Whose],
    is_stale: &[bool],
) -> Vec<SinkView> {
    let is_file = |place: &SecretPlace| seen.get(place.sink).is_some_and(|seen| seen.sink.file().is_some());
    let stale = is_stale.iter().copied().chain(std::iter::repeat(false));
    let views = places.iter().zip(whose).zip(stale).map(|((place, whose), is_stale)| SinkView {
        shown: place.shown.clone(),
        kind: if is_file(place) { SinkKind::File } else { SinkKind::Program },
        whose: whose.clone(),
        is_pair: place.is_pair(),
        is_stale,
    });
    views.collect()
}
