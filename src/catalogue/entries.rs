//! Permission groups -> the entries of a profile's section that ask for them.
//!
//! In: the ids of groups, each with the reasons for it. Out: lines, all `label: level` where every group has a label and
//! a level, else all `- name`, since a section is one or the other. Never an entry that asks for another group.

use std::collections::BTreeMap;

use super::{Catalogue, Phrase};
use crate::profile::{DraftLine, Level, Section, literal, scalar};
use crate::text::whole_line;

/// A label as it is written, and its levels with the reasons for them.
type Labelled = (String, Vec<(Level, Vec<String>)>);

impl Catalogue {
    /// The entries that ask for groups in a section. A group that a profile cannot ask for there has none.
    #[must_use]
    pub fn entries<'a>(
        &self,
        section: Section,
        groups: impl IntoIterator<Item = (&'a str, Vec<String>)>,
    ) -> Vec<DraftLine> {
        let asked: Vec<(&str, Vec<String>, Vec<Phrase>)> = groups
            .into_iter()
            .map(|(id, reasons)| (id, reasons, self.understood_phrases(section, id)))
            .collect();
        let entries: Option<Vec<_>> = asked
            .iter()
            .map(|(_, reasons, phrases)| entry(phrases).map(|(label, level)| (label, level, reasons.clone())))
            .collect();
        match entries {
            Some(entries) => labelled(entries),
            None => asked
                .into_iter()
                .filter_map(|(id, reasons, phrases)| self.listed(id, reasons, &phrases))
                .collect(),
        }
    }

    /// The phrases to ask for a group; those that are understood offline too, where there are any.
    fn understood_phrases(&self, section: Section, id: &str) -> Vec<Phrase> {
        let (offline, online): (Vec<Phrase>, Vec<Phrase>) = self
            .phrases(section, id)
            .into_iter()
            .partition(|phrase| Self::embedded().leads_to(phrase, section, id));
        if offline.is_empty() { online } else { offline }
    }

    fn listed(&self, id: &str, mut reasons: Vec<String>, phrases: &[Phrase]) -> Option<DraftLine> {
        let name = phrases.iter().find(|phrase| matches!(phrase, Phrase::Name(_)));
        let text = match name.or_else(|| phrases.iter().find(|phrase| matches!(phrase, Phrase::Id(_))))? {
            Phrase::Name(name) => format!("- {}", literal(name)),
            Phrase::Id(_) | Phrase::Entry { .. } => {
                reasons.insert(0, self.group(id).map_or_else(String::new, |group| whole_line(&group.name)));
                format!("- {id}")
            }
        };
        Some(DraftLine { text, reasons })
    }
}

fn entry(phrases: &[Phrase]) -> Option<(String, Level)> {
    phrases.iter().find_map(|phrase| match phrase {
        Phrase::Entry { label, level } => Some((label.clone(), *level)),
        Phrase::Name(_) | Phrase::Id(_) => None,
    })
}

/// One entry for each label, in the order of the alphabet.
fn labelled(entries: Vec<(String, Level, Vec<String>)>) -> Vec<DraftLine> {
    let mut by_label: BTreeMap<String, Labelled> = BTreeMap::new();
    for (label, level, reasons) in entries {
        // Case and spacing do not tell labels apart.
        let words: Vec<&str> = label.split_whitespace().collect();
        let folded = words.join(" ").to_lowercase();
        by_label.entry(folded).or_insert_with(|| (label, Vec::new())).1.push((level, reasons));
    }
    let line = |(label, mut levels): Labelled| {
        levels.sort();
        let words: Vec<&str> = levels.iter().map(|(level, _)| level.word()).collect();
        let text = match words.as_slice() {
            [one] => format!("{}: {one}", scalar(&label)),
            several => format!("{}: [{}]", scalar(&label), several.join(", ")),
        };
        DraftLine::because(text, levels.into_iter().flat_map(|(_, reasons)| reasons))
    };
    by_label.into_values().map(line).collect()
}
