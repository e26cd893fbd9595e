//! The house: which room may know which. Arrows go one way, and the pure rooms touch nothing but their arguments.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]
#![allow(clippy::disallowed_methods, reason = "this test reads the source")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Each room and what it may import, in an order in which arrows only point back. Of `cloudflare`, `emulator` may import
/// the wire types alone; of `catalogue`, it reads the table of operations, which says who may ask for what: a second copy
/// of its 786 rows would only be wrong in other places.
const ROOMS: [(&str, &[&str]); 15] = [
    ("secret", &[]),
    ("text", &[]),
    ("http", &[]),
    ("world", &["http"]),
    ("profile", &["text"]),
    ("catalogue", &["profile", "text"]),
    ("plan", &["catalogue", "profile", "text"]),
    ("cloudflare", &["http", "secret", "text"]),
    ("emulator", &["cloudflare::wire", "catalogue", "secret"]),
    ("sink", &["world", "http", "profile", "secret", "text"]),
    ("survey", &["sink", "cloudflare", "plan", "catalogue", "profile", "world", "secret", "text"]),
    ("custody", &["survey", "sink", "cloudflare", "plan", "catalogue", "profile", "world", "secret", "text"]),
    ("lifecycle", &["custody", "survey", "plan", "catalogue", "profile", "cloudflare", "text"]),
    ("doctor", &["custody", "survey", "plan", "catalogue", "profile", "cloudflare", "secret", "text"]),
    (
        "cli",
        &[
            "doctor",
            "lifecycle",
            "custody",
            "survey",
            "sink",
            "emulator",
            "cloudflare",
            "plan",
            "catalogue",
            "profile",
            "world",
            "secret",
            "text",
        ],
    ),
];

/// The rooms that read no clock, file, variable or network.
const PURE: [&str; 5] = ["text", "profile", "catalogue", "plan", "lifecycle"];

/// What a pure room never names.
const IMPURE: [&str; 13] = [
    "World",
    "std::fs",
    "std::env",
    "std::process",
    "std::io",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "tokio",
    "reqwest",
    "Utc::now",
    "SystemTime",
    "Instant",
];

/// The files of a room, with their code: comments are left out.
fn rooms() -> BTreeMap<String, Vec<(String, String)>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut rooms: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&source).unwrap().display().to_string();
                let room = name.split(['/', '.']).next().unwrap().to_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                rooms.entry(room).or_default().push((name, code.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    // The binary and the list of rooms are the front door, not rooms.
    rooms.retain(|room, _| !["main", "lib"].contains(&room.as_str()));
    rooms
}

/// Every path from the crate's root in a piece of code, such as `cloudflare::wire::Token`.
fn paths(code: &str) -> BTreeSet<String> {
    assert!(!code.contains("crate::{"), "one `use crate::ROOM` for each room, so that arrows can be read");
    let behind = code.match_indices("crate::").map(|(at, root)| &code[at + root.len()..]);
    let path = |text: &str| text.chars().take_while(|c| is_part(*c) || *c == ':').collect::<String>();
    behind.map(|text| path(text).trim_end_matches(':').to_owned()).collect()
}

/// Whether a piece of code names something, not as a part of another name.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let (before, behind) = (code[..at].chars().next_back(), code[at + name.len()..].chars().next());
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}

fn is_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn is_within(path: &str, allowed: &str) -> bool {
    path.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn arrows_between_rooms_go_one_way() {
    let mut wrong = Vec::new();
    for (room, files) in rooms() {
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            panic!("say in this test what the room `{room}` may import");
        };
        for (file, code) in files {
            for path in paths(&code) {
                if !is_within(&path, &room) && !allowed.iter().any(|allowed| is_within(&path, allowed)) {
                    wrong.push(format!("{file} imports crate::{path}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_room_imports_one_that_comes_after_it() {
    for (position, (room, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            let other = other.split("::").next().unwrap();
            let earlier = ROOMS[..position].iter().any(|(name, _)| *name == other);
            assert!(earlier, "{room} -> {other} would close a circle");
        }
    }
}

#[test]
fn pure_rooms_touch_nothing_but_their_arguments() {
    let mut wrong = Vec::new();
    for (room, files) in rooms().into_iter().filter(|(room, _)| PURE.contains(&room.as_str())) {
        for (file, code) in files {
            let found = IMPURE.iter().filter(|name| names(&code, name));
            wrong.extend(found.map(|name| format!("{room}: {file} names {name}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where a file stands in the crate: `["plan", "decide"]` for `plan/decide.rs`, `["plan"]` for `plan/mod.rs`.
fn place(file: &str) -> Vec<String> {
    let parts = file.trim_end_matches(".rs").split('/').map(str::to_owned);
    parts.filter(|part| part != "mod").collect()
}

/// The file that a path leads to: the one with the longest name that the path begins with.
fn file_of(path: &[String], files: &BTreeSet<Vec<String>>) -> Option<Vec<String>> {
    (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|place| files.contains(place))
}

/// Every path in a piece of code that begins with `super::` or `crate::`, from the crate's root.
fn absolute_paths(code: &str, place: &[String]) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for root in ["super::", "crate::"] {
        for (at, _) in code.match_indices(root) {
            if code[..at].ends_with([':', '_']) {
                continue;
            }
            let path: String = code[at..].chars().take_while(|c| is_part(*c) || *c == ':').collect();
            let mut parts: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
            let up = parts.iter().take_while(|part| **part == "super").count();
            let base = if root == "super::" { &place[..place.len().saturating_sub(up)] } else { &[] };
            parts.drain(..up.max(1));
            found.insert(base.iter().cloned().chain(parts.into_iter().map(str::to_owned)).collect());
        }
    }
    found
}

/// Which file of a room imports which other one. The file that lists a folder's parts is no part itself.
fn arrows(files: &[(String, String)]) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let places: BTreeSet<Vec<String>> = files.iter().map(|(file, _)| place(file)).collect();
    let is_part = |file: &str| !file.ends_with("mod.rs") && !file.contains("tests");
    let mut arrows = BTreeMap::new();
    for (file, code) in files.iter().filter(|(file, _)| is_part(file)) {
        let place = place(file);
        let program = code.split("#[cfg(test)]").next().unwrap();
        let targets = absolute_paths(program, &place).into_iter().filter_map(|path| file_of(&path, &places));
        let is_other = |target: &Vec<String>| *target != place && !place.starts_with(target);
        arrows.insert(place.clone(), targets.filter(is_other).collect());
    }
    arrows
}

/// Every file that an arrow leads to, whatever way round.
fn reached(from: &[String], arrows: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>) -> BTreeSet<Vec<String>> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<Vec<String>> = vec![from.to_vec()];
    while let Some(place) = next.pop() {
        let targets = arrows.get(&place).into_iter().flatten();
        next.extend(targets.filter(|target| reached.insert((*target).clone())).cloned());
    }
    reached
}

#[test]
fn no_file_of_a_room_imports_another_in_a_circle() {
    let mut circles = Vec::new();
    for files in rooms().into_values() {
        let arrows = arrows(&files);
        for (place, targets) in &arrows {
            let back: Vec<String> = targets
                .iter()
                .filter(|target| reached(target, &arrows).contains(place))
                .map(|target| target.join("::"))
                .collect();
            if !back.is_empty() {
                circles.push(format!("{} -> {}", place.join("::"), back.join(", ")));
            }
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}
