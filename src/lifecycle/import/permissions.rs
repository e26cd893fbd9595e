//! The groups of one section -> the lines that ask for them: labels with levels, or a list where one of the groups
//! has no level. A section is one or the other.

use std::collections::BTreeMap;

use crate::catalogue::{Catalogue, Phrase};
use crate::profile::{Level, Section, literal, scalar};

use super::express::Block;
use crate::text::whole_line;

/// The lines below the section's key.
pub(super) fn lines(catalogue: &Catalogue, section: Section, block: &Block) -> Vec<String> {
    let embedded = Catalogue::embedded();
    let phrases: Vec<(&String, Vec<Phrase>)> =
        block.groups.iter().map(|id| (id, phrases(catalogue, embedded, section, id))).collect();
    let entries: Option<Vec<(String, Level)>> = phrases.iter().map(|(_, phrases)| entry(phrases)).collect();
    match entries {
        Some(entries) => labelled(entries),
        None => phrases.iter().filter_map(|(id, phrases)| listed(catalogue, id, phrases)).collect(),
    }
}

/// The phrases to ask for a group; those that `check` understands offline too, where there are any.
fn phrases(catalogue: &Catalogue, embedded: &Catalogue, section: Section, id: &str) -> Vec<Phrase> {
    let all = catalogue.phrases(section, id);
    let (offline, online): (Vec<Phrase>, Vec<Phrase>) =
        all.into_iter().partition(|phrase| embedded.leads_to(phrase, section, id));
    if offline.is_empty() { online } else { offline }
}

fn entry(phrases: &[Phrase]) -> Option<(String, Level)> {
    phrases.iter().find_map(|phrase| match phrase {
        Phrase::Entry { label, level } => Some((label.clone(), *level)),
        Phrase::Name(_) | Phrase::Id(_) => None,
    })
}

fn labelled(entries: Vec<(String, Level)>) -> Vec<String> {
    let mut by_label: BTreeMap<String, (String, Vec<Level>)> = BTreeMap::new();
    for (label, level) in entries {
        // Case and spacing do not tell labels apart.
        let words: Vec<&str> = label.split_whitespace().collect();
        let folded = words.join(" ").to_lowercase();
        by_label.entry(folded).or_insert_with(|| (label, Vec::new())).1.push(level);
    }
    let line = |(label, mut levels): (String, Vec<Level>)| {
        levels.sort();
        let words: Vec<&str> = levels.into_iter().map(Level::word).collect();
        match words.as_slice() {
            [one] => format!("{}: {one}", scalar(&label)),
            several => format!("{}: [{}]", scalar(&label), several.join(", ")),
        }
    };
    by_label.into_values().map(line).collect()
}

fn listed(catalogue: &Catalogue, id: &str, phrases: &[Phrase]) -> Option<String> {
    let name = phrases.iter().find(|phrase| matches!(phrase, Phrase::Name(_)));
    Some(match name.or_else(|| phrases.iter().find(|phrase| matches!(phrase, Phrase::Id(_))))? {
        Phrase::Name(name) => format!("- {}", literal(name)),
        Phrase::Id(_) | Phrase::Entry { .. } => {
            let called = catalogue.group(id).map_or("", |group| &group.name);
            format!("- {id} # {}", whole_line(called))
        }
    })
}
