//! What a program printed -> the failures in it.
//!
//! In: a log of Wrangler, Terraform, curl or an SDK. Out: each failure with its line, its codes, its request and what of
//! its words is known. Of the log itself nothing is kept: it may hold secrets.

use std::collections::BTreeSet;

use super::causes::{causes_of_code, known_words};
use super::key::key_in;
use crate::catalogue::{Catalogue, METHODS, Operation};
use crate::secret::looks_like_secret;
use crate::text::one_line;

/// A request that failed, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Failure {
    /// Where it stands in the log, counted from 1.
    pub line: usize,
    /// The codes.
    pub codes: BTreeSet<i64>,
    /// What it says of what is known.
    pub words: BTreeSet<&'static str>,
    /// The request.
    pub request: Option<Request>,
    /// What the page of Cloudflare's reference describes that the answer names.
    pub documented: Vec<&'static Operation>,
    /// The key of a permission that the message names.
    pub key: Option<&'static str>,
}

/// A request, without its query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// The method, where it is known.
    pub method: Option<String>,
    /// The path below the API's base.
    pub path: String,
}

/// How many lines that say nothing may lie between two lines about one failure.
const APART: usize = 4;

/// What paths of the API begin with.
const ROOTS: [&str; 5] = ["/accounts", "/memberships", "/user", "/zones", "/ips"];

impl Failure {
    /// Whether its message has these words.
    pub(super) fn says(&self, words: &str) -> bool {
        self.words.contains(words)
    }

    fn says_something(&self) -> bool {
        !self.codes.is_empty() || !self.words.is_empty()
    }
}

/// The failures in a log, in its order.
#[must_use]
pub fn read(log: &str) -> Vec<Failure> {
    let known: Vec<(&str, String)> =
        known_words().into_iter().map(|words| (words, words.to_lowercase())).collect();
    let mut failures: Vec<Failure> = Vec::new();
    let mut open = Failure::default();
    let mut last = 0;
    let plain = without_colours(log);
    for (number, line) in (1..).zip(plain.lines()) {
        let lower = line.to_lowercase();
        let said = known.iter().filter(|(_, in_lower_case)| lower.contains(in_lower_case));
        let words: BTreeSet<&str> = said.map(|(words, _)| *words).collect();
        let (codes, request) = (codes(&lower), request(line));
        let documented = documented(line);
        if codes.is_empty() && words.is_empty() && request.is_none() && documented.is_empty() {
            continue;
        }
        // Another request, or what is too far away, is about another failure.
        let is_other = request.is_some() && open.says_something() && open.request.is_some();
        if number > last + APART || is_other {
            failures.push(std::mem::take(&mut open));
        }
        last = number;
        if !open.says_something() {
            open.line = number;
        }
        open.codes.extend(codes);
        open.words.extend(words);
        open.request = request.or(open.request);
        if !documented.is_empty() {
            open.documented = documented;
        }
        open.key = key_in(&lower).or(open.key);
    }
    failures.push(open);
    failures.retain(Failure::says_something);
    failures
}

/// The codes in a line: `[code: 10000]`, `"code":9109`, `(10000)`. A number that no code is known by may be anything.
fn codes(line: &str) -> BTreeSet<i64> {
    let behind = |mark: &'static str| line.match_indices(mark).map(move |(at, _)| &line[at + mark.len()..]);
    let named = behind("code").map(|rest| rest.trim_start_matches(['"', '\'', ':', '=', ' ', '\\']));
    let bracketed = behind("(")
        .filter(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).starts_with(')'));
    let number = |rest: &str| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|code| !causes_of_code(*code).is_empty())
    };
    named.chain(bracketed).filter_map(number).collect()
}

/// The operations that the page describes whose address a line has.
#[must_use]
pub fn documented(line: &str) -> Vec<&'static Operation> {
    let is_edge = |letter: char| letter.is_whitespace() || "\"'`()[]{}<>,\\".contains(letter);
    let pages = line.split(is_edge).map(Catalogue::operations_of_page);
    pages.into_iter().find(|operations| !operations.is_empty()).unwrap_or_default()
}

/// The request that a line names: a URL of the API or a path in it, with the method in front of it if there is one.
#[must_use]
pub fn request(line: &str) -> Option<Request> {
    let line = without_colours(line);
    let is_edge = |letter: char| letter.is_whitespace() || "\"'`()[]{}<>,".contains(letter);
    let words: Vec<&str> = line.split(is_edge).filter(|word| !word.is_empty()).collect();
    let found = words.iter().enumerate().find_map(|(position, word)| Some((position, path(word)?)));
    found.map(|(position, path)| {
        let before = position.checked_sub(1).and_then(|before| words.get(before));
        let method = before.map(|word| word.trim_end_matches(':').to_uppercase());
        Request { method: method.filter(|method| METHODS.contains(&&**method)), path: one_line(path) }
    })
}

/// The text without the marks that colour it on a terminal, which stand right beside words.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    // A mark ends with its first letter.
    parts.fold(first, |plain, part| {
        plain + part.split_once(|letter: char| letter.is_ascii_alphabetic()).map_or("", |(_, rest)| rest)
    })
}

/// The path of the API in a word.
fn path(word: &str) -> Option<&str> {
    let path = word.split_once("/client/v4").map_or(word, |(_, path)| path);
    let path = path.split(['?', '#']).next()?.trim_end_matches(['.', ':', ';', '/']);
    let is_below =
        |root: &&str| path.strip_prefix(*root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // What a path should never have may be in it all the same.
    let is_secret = path.split('/').any(looks_like_secret);
    (ROOTS.iter().any(is_below) && !is_secret).then_some(path)
}
