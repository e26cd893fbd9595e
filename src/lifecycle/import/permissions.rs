//! The groups of one section -> the lines that ask for them: labels with levels, or a list where one of the groups
//! has no level. A section is one or the other.

use std::collections::BTreeMap;

use crate::catalogue::{Catalogue, Way};
use crate::profile::{Level, Section, literal, scalar};

use super::express::Block;
use crate::text::whole_line;

/// The lines below the section's key.
pub(super) fn lines(catalogue: &Catalogue, section: Section, block: &Block) -> Vec<String> {
    let embedded = Catalogue::embedded();
    let ways: Vec<(&String, Vec<Way>)> =
        block.groups.iter().map(|id| (id, ways(catalogue, &embedded, section, id))).collect();
    let entries: Option<Vec<(String, Level)>> = ways.iter().map(|(_, ways)| entry(ways)).collect();
    match entries {
        Some(entries) => labelled(entries),
        None => ways.iter().filter_map(|(id, ways)| listed(catalogue, id, ways)).collect(),
    }
}

/// The ways to ask for a group; those that `check` understands offline too, where there are any.
fn ways(catalogue: &Catalogue, embedded: &Catalogue, section: Section, id: &str) -> Vec<Way> {
    let all = catalogue.ways(section, id);
    let (offline, online): (Vec<Way>, Vec<Way>) =
        all.into_iter().partition(|way| embedded.leads_to(way, section, id));
    if offline.is_empty() { online } else { offline }
}

fn entry(ways: &[Way]) -> Option<(String, Level)> {
    ways.iter().find_map(|way| match way {
        Way::Entry { label, level } => Some((label.clone(), *level)),
        Way::Name(_) | Way::Id(_) => None,
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

fn listed(catalogue: &Catalogue, id: &str, ways: &[Way]) -> Option<String> {
    let name = ways.iter().find(|way| matches!(way, Way::Name(_)));
    Some(match name.or_else(|| ways.iter().find(|way| matches!(way, Way::Id(_))))? {
        Way::Name(name) => format!("- {}", literal(name)),
        Way::Id(_) | Way::Entry { .. } => {
            let called = catalogue.group(id).map_or("", |group| &group.name);
            format!("- {id} # {}", whole_line(called))
        }
    })
}
