//! What can go wrong in a run that had these effects, one thing at each place.

use std::fmt;
use std::io::ErrorKind;

use crate::support::{Doom, Mishap, Scene, Seen, is_write};

/// Something that goes wrong at one place of a run.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    /// Its place among the effects of the run, from 0.
    pub(crate) place: usize,
    effect: String,
    /// Which request of this name it is, from 1.
    nth: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Mishap(Mishap),
    Doom(Doom),
    /// The list is as it was before the last change.
    Lag,
}

impl Trouble {
    /// Lets it happen in the run that begins now.
    pub(crate) fn arrange(&self, scene: &Scene) {
        match self.kind {
            Kind::Mishap(mishap) => scene.transport.fail_nth(self.nth, &self.effect, mishap),
            Kind::Doom(doom) => scene.world.doom(self.place + 1, doom),
            Kind::Lag => scene.transport.lag_nth(self.nth, &self.effect),
        }
    }

    /// Whether a run goes on after it.
    pub(crate) fn is_survived(&self) -> bool {
        !matches!(self.kind, Kind::Doom(Doom::DeathAmid | Doom::DeathBefore | Doom::Panic))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} × {:?}", self.place, self.effect, self.kind)
    }
}

/// Whether a recorded effect is a request.
fn is_request(effect: &str) -> bool {
    ["GET ", "POST ", "PUT ", "DELETE "].iter().any(|method| effect.starts_with(method))
}

/// The requests of a run, each with how many of them began so, itself counted.
pub(crate) fn requests(story: &[String]) -> Vec<(usize, String)> {
    let begun =
        |place: usize, effect: &String| story[..=place].iter().filter(|one| one.starts_with(effect)).count();
    let places = story.iter().enumerate().filter(|(_, effect)| is_request(effect));
    places.map(|(place, effect)| (begun(place, effect), effect.clone())).collect()
}

/// Each effect of a run, with these things that may go wrong there.
fn at_each(story: &[String], kinds: impl Fn(&str) -> Vec<Kind>) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for (place, effect) in story.iter().enumerate() {
        // The transport counts every request whose name begins so, or, for a lag, is the same.
        let begun = |earlier: &&String| earlier.starts_with(effect);
        let same = |earlier: &&String| *earlier == effect;
        for kind in kinds(effect) {
            let earlier = story[..=place].iter();
            let nth = if matches!(kind, Kind::Lag) {
                earlier.filter(same).count()
            } else {
                earlier.filter(begun).count()
            };
            troubles.push(Trouble { place, effect: effect.clone(), nth, kind });
        }
    }
    troubles
}

/// Every request meets every mishap.
pub(crate) fn mishaps(story: &[String]) -> Vec<Trouble> {
    let mut all = Mishap::all();
    all.push(Mishap::before(Seen::Refused));
    let all: Vec<Kind> = all.into_iter().map(Kind::Mishap).collect();
    at_each(story, |effect| if is_request(effect) { all.clone() } else { Vec::new() })
}

/// Every effect fails, runs out of space, panics, or is where the process dies.
pub(crate) fn dooms(story: &[String]) -> Vec<Trouble> {
    let ends = [Doom::DeathBefore, Doom::DeathAmid, Doom::Panic];
    let fails = [Doom::Error(ErrorKind::PermissionDenied), Doom::Error(ErrorKind::StorageFull)];
    // The store did it, and could not say so.
    let lost = [Doom::Error(ErrorKind::ConnectionReset)];
    at_each(story, |effect| {
        let fails = fails.iter().filter(|_| !is_request(effect));
        let lost = lost.iter().filter(|_| effect.starts_with("ask store "));
        ends.iter().chain(fails).chain(lost).copied().map(Kind::Doom).collect()
    })
}

/// The process dies at each step that the outside can see.
pub(crate) fn deaths(story: &[String]) -> Vec<Trouble> {
    at_each(story, |effect| {
        let doom = match effect.split(' ').next() {
            _ if is_request(effect) => Doom::DeathAmid,
            Some("rename" | "run" | "remove") => Doom::DeathBefore,
            Some("ask") => Doom::DeathAmid,
            _ => return Vec::new(),
        };
        vec![Kind::Doom(doom)]
    })
}

/// Every request that could change anything is lost, and takes effect late.
pub(crate) fn late(story: &[String]) -> Vec<Trouble> {
    let late = Kind::Mishap(Mishap::late());
    at_each(story, |effect| if is_write(effect) { vec![late] } else { Vec::new() })
}

/// Every list of tokens is behind.
pub(crate) fn lags(story: &[String]) -> Vec<Trouble> {
    at_each(story, |effect| if effect == "GET /user/tokens" { vec![Kind::Lag] } else { Vec::new() })
}

/// What pairs are made of: of the mishaps that look alike to a client one, and of the steps of a file the one that shows.
pub(crate) fn telling(story: &[String]) -> Vec<Trouble> {
    let written = [
        Mishap::before(Seen::Lost),
        Mishap::after(Seen::Lost),
        Mishap::before(Seen::Refused),
        Mishap::late(),
    ];
    let mishaps = |mishaps: &[Mishap]| mishaps.iter().copied().map(Kind::Mishap).collect::<Vec<_>>();
    let fails = Kind::Doom(Doom::Error(ErrorKind::PermissionDenied));
    let (before, amid) = (Kind::Doom(Doom::DeathBefore), Kind::Doom(Doom::DeathAmid));
    at_each(story, |effect| match effect.split(' ').next() {
        _ if is_write(effect) => [mishaps(&written), vec![amid]].concat(),
        _ if effect == "GET /user/tokens" => {
            vec![Kind::Mishap(Mishap::before(Seen::Refused)), Kind::Lag, amid]
        }
        _ if effect == "GET /user/tokens/verify" => mishaps(&[Mishap::before(Seen::Refused)]),
        Some("rename" | "run" | "remove") => vec![fails, before, amid],
        _ => Vec::new(),
    })
}
