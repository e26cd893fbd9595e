//! What cfmint knows, in words: names in place of ids, times as a person reads them.

mod names;
mod notes;
mod times;

pub(in crate::cli) use names::{Names, Tense};
pub(in crate::cli) use notes::{NoteStyle, UNFINISHED, finished_from, leftover, notes, reason, remark, why};
pub(in crate::cli) use times::{elapsed, end, end_and_rest, left, span, time};
