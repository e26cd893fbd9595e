//! Words -> the permission groups that go by them, and where there are none, lines that may have been meant.
//!
//! In: words of a name, a label, a former name, a synonym or a section, or the first digits of an id. Out: hits, each with
//! the name that the words stand in. For looking: what a profile means is decided in `resolve`, never here.

use std::collections::BTreeSet;

use super::embedded::Catalogue;
use super::error::ResolveError;
use super::group::{KnownGroup, Scope};
use super::requested_name::RequestedName;
use super::spelling::{shown, split};
use super::suggest;
use crate::profile::{Level, Permission, PermissionRef, Reference, Section, Span, Spanned};

/// How many digits of an id tell it from a word.
const DIGITS: usize = 8;
/// How many lines a suggestion offers.
const OFFERED: usize = 5;

/// A group that words were found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit<'a> {
    /// The group.
    pub group: &'a KnownGroup,
    /// Where the words are.
    pub matched: Matched<'a>,
}

/// By what a group was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched<'a> {
    /// Its name, its line in a profile, or its id.
    Name,
    /// What the dashboard or the documentation prints.
    Label(&'a str),
    /// What it was called before.
    Former(&'a str),
    /// What people write for it.
    Synonym(&'a str),
}

impl Matched<'_> {
    /// How well it was found; less is better.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Name => 0,
            Self::Label(_) => 1,
            Self::Former(_) => 2,
            Self::Synonym(_) => 3,
        }
    }
}

/// How a word fits into another.
#[derive(Clone, Copy)]
enum Fit {
    Beginning,
    Inside,
}

impl Catalogue {
    /// The groups by which all the words are found, in one of their names, with its section and level: `zone dns edit`.
    /// Each is the beginning of a word there; only where that finds nothing, a part of one. All groups for no words.
    #[must_use]
    pub fn search(&self, words: &[&str]) -> Vec<SearchHit<'_>> {
        if words.is_empty() {
            return self.groups().map(|group| SearchHit { group, matched: Matched::Name }).collect();
        }
        let asked: Vec<String> = words.iter().flat_map(|text| plain_words(text)).collect();
        if asked.is_empty() {
            return Vec::new();
        }
        let found = |fit: Fit| -> Vec<SearchHit<'_>> {
            let hit = |group| Some(SearchHit { group, matched: matched(group, &asked, fit)? });
            self.groups().filter_map(hit).collect()
        };
        let hits = found(Fit::Beginning);
        if hits.is_empty() { found(Fit::Inside) } else { hits }
    }

    /// What a text that no search finds may mean: lines of a profile, each with its section.
    #[must_use]
    pub fn suggestions(&self, text: &str) -> Vec<(Section, String)> {
        let mut lines: Vec<(Section, String)> = Vec::new();
        for section in Section::ALL {
            let error = match self.resolve(&permission(section, text)) {
                Ok(understood) => {
                    lines.extend(understood.groups.iter().map(|one| (section, one.group.line())));
                    continue;
                }
                Err(_) => suggest::error(self, section, RequestedName::item(text), shown(text)),
            };
            match error {
                ResolveError::UnknownName { candidates, .. }
                | ResolveError::Family { candidates, .. }
                | ResolveError::UnknownLevel { candidates, .. } => {
                    lines.extend(candidates.into_iter().map(|line| (section, line)));
                }
                ResolveError::WrongSection { instead, .. } => lines.extend(instead),
                _ => {}
            }
        }
        // The nearest of a section stands first in it.
        let mut seen = BTreeSet::new();
        lines.retain(|line| seen.insert(line.clone()));
        lines.truncate(OFFERED);
        lines
    }
}

/// In which of its names a group has all the words; the best one, if there are several.
fn matched<'a>(group: &'a KnownGroup, asked: &[String], fit: Fit) -> Option<Matched<'a>> {
    let is_id = |word: &String| {
        let is_part = word.len() >= DIGITS && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_part && group.id.as_ref().is_some_and(|id| id.starts_with(word.as_str()))
    };
    let section = group.scopes.iter().filter_map(Scope::section).map(Section::key);
    let beside: Vec<String> = section.map(str::to_owned).collect();
    let has = |spelling: &str| {
        let mut own = plain_words(spelling);
        if split(spelling).is_some_and(|(_, level)| level == Level::Edit) {
            own.extend(["edit".to_owned(), "write".to_owned()]);
        }
        own.extend(beside.iter().cloned());
        asked.iter().all(|word| {
            is_id(word)
                || own.iter().any(|own| match fit {
                    Fit::Beginning => own.starts_with(word.as_str()),
                    Fit::Inside => own.contains(word.as_str()),
                })
        })
    };
    if has(&group.name) || has(&group.line()) {
        return Some(Matched::Name);
    }
    let label = group.labels.iter().find(|label| has(label)).map(|label| Matched::Label(label));
    let former = || group.former.iter().find(|former| has(former)).map(|former| Matched::Former(former));
    let synonym = || {
        let found = group.synonyms.iter().find(|synonym| has(&synonym.written));
        found.map(|synonym| Matched::Synonym(&synonym.written))
    };
    label.or_else(former).or_else(synonym)
}

/// The words of a text in lower case, without all that stands between them.
fn plain_words(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The text as an item of a profile's list; it was written nowhere.
fn permission(section: Section, text: &str) -> Permission {
    let item = Spanned::new(Reference::new(text), Span { start: 0, end: 0 });
    Permission { section, reference: PermissionRef::Item(item) }
}
