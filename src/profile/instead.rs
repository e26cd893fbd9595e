//! A value in the wrong shape -> the value that its writer meant, for a hint to show.
//!
//! In: what stands where something else belongs. Out: a line of YAML made of the same texts, which reads without a
//! fault at that place; nothing where nothing tells what was meant.

use std::net::Ipv4Addr;

use super::decode::LONGEST_SHOWN;
use super::tree::NodeContent;
use super::write::scalar;

/// A value on one line of YAML; `None` if that is longer than anyone reads.
pub(super) fn on_one_line(content: &NodeContent) -> Option<String> {
    let line = match content {
        NodeContent::Null => "~".to_owned(),
        NodeContent::Text(text) if text.len() <= LONGEST_SHOWN => plain(text),
        NodeContent::Text(_) => return None,
        NodeContent::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(|item| on_one_line(&item.content)).collect();
            format!("[{}]", items?.join(", "))
        }
        NodeContent::Map(entries) => {
            map_of(entries.iter().map(|(key, value)| (key.text.as_str(), &value.content)))?
        }
    };
    (line.len() <= LONGEST_SHOWN).then_some(line)
}

/// A map on one line of YAML.
pub(super) fn map_of<'a>(entries: impl IntoIterator<Item = (&'a str, &'a NodeContent)>) -> Option<String> {
    let entry = |(key, value)| Some(format!("{}: {}", scalar(key), on_one_line(value)?));
    let entries: Option<Vec<String>> = entries.into_iter().map(entry).collect();
    Some(format!("{{ {} }}", entries?.join(", ")))
}

/// A text as a value; an address needs no quotes, although it begins like a number.
fn plain(text: &str) -> String {
    if text.parse::<Ipv4Addr>().is_ok() { text.to_owned() } else { scalar(text) }
}
