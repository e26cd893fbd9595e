//! What answers are strange in, on a test's order: rows and bodies that are not as they should be, lists that lag behind.
//!
//! In: an honest answer. Out: the same with what was asked for. The world itself is never touched.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

/// Spoils a value.
pub(super) type Spoil = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What is strange.
#[derive(Default)]
pub(super) struct Oddities {
    /// Tokens whose rows are spoiled, by their ids.
    spoiled: BTreeMap<String, Spoil>,
    /// How many lists of tokens still show the world before its last change.
    behind: usize,
}

impl Oddities {
    /// Spoils a token's row from now on.
    pub(super) fn spoil(&mut self, id: &str, spoil: Spoil) {
        self.spoiled.insert(id.to_owned(), spoil);
    }

    /// Lets so many lists lag behind from now on.
    pub(super) fn lag(&mut self, lists: usize) {
        self.behind = lists;
    }

    /// Whether the list that is asked for now lags behind.
    pub(super) fn lags(&mut self) -> bool {
        let lags = self.behind > 0;
        self.behind = self.behind.saturating_sub(1);
        lags
    }

    /// The row of a token as answers show it.
    pub(super) fn row(&self, id: &str, mut row: Value) -> Value {
        if let Some(spoil) = self.spoiled.get(id) {
            spoil(&mut row);
        }
        row
    }
}
