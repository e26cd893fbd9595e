//! Tables for people: rows of cells in, lined-up text out.
//!
//! Where the output is no terminal a row is one line, so that what reads it by lines can rely on that. On a terminal a
//! table fits its width: cells are wrapped between words, and where even the longest words do not fit side by side, each
//! row becomes a block of lines. A word is never broken, since names and ids are there to be copied.

use std::fmt::Write as _;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use unicode_width::UnicodeWidthStr;

use crate::text::one_line;

/// How far columns lie apart.
const GAP: u16 = 2;

/// Lines up rows below their headings, on a terminal of so many columns if it is one. Text from servers cannot break a
/// row.
#[must_use]
pub(in crate::cli) fn table(
    headings: impl IntoIterator<Item = impl AsRef<str>>,
    rows: impl IntoIterator<Item = Vec<String>>,
    width: Option<u16>,
) -> String {
    let headings: Vec<String> = headings.into_iter().map(|heading| heading.as_ref().to_owned()).collect();
    let rows: Vec<Vec<String>> =
        rows.into_iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let whole = lined_up(&headings, &rows, None);
    let Some(width) = width.filter(|width| whole.lines().any(|line| line.width() > usize::from(*width)))
    else {
        return whole;
    };
    let wrapped = lined_up(&headings, &rows, Some(width));
    if wrapped.lines().all(|line| line.width() <= usize::from(width)) {
        wrapped
    } else {
        blocks(&headings, &rows, width)
    }
}

/// A table; cells are wrapped between words where a width is given.
fn lined_up(headings: &[String], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings);
    for row in rows {
        table.add_row(row);
    }
    if let Some(width) = width {
        // What is behind the last column is cut off below.
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.saturating_add(GAP));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, GAP));
        if width.is_some() {
            let cells = rows.iter().filter_map(|row| row.get(index)).chain(headings.get(index));
            let least = cells.map(|cell| longest_word(cell)).max().unwrap_or_default();
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least.saturating_add(GAP))));
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Each row as lines of its own, a heading and its cell in each; an empty line parts them.
fn blocks(headings: &[String], rows: &[Vec<String>], width: u16) -> String {
    let head = headings.iter().map(|heading| heading.width()).max().unwrap_or_default() + usize::from(GAP);
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        for (heading, cell) in headings.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            let lead = heading.clone() + &" ".repeat(head - heading.width());
            for (index, line) in words(cell, usize::from(width).saturating_sub(head)).iter().enumerate() {
                let lead = if index == 0 { &lead } else { &" ".repeat(head) };
                writeln!(text, "{lead}{line}").ok();
            }
        }
    }
    text
}

/// A text in lines that are no longer than a width, but for single words that are.
pub(super) fn words(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn longest_word(text: &str) -> u16 {
    let longest = text.split(' ').map(UnicodeWidthStr::width).max().unwrap_or_default();
    u16::try_from(longest).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADINGS: [&str; 4] = ["NAME", "PROFILE", "LAST USED", "ENDS"];

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        vec![
            row(["shop-deploy-production@k3x9w2ab", "shop.yaml -e production", "<1m ago", "in 90d"]),
            row(["Create Additional Tokens", "", "not seen", "never"]),
        ]
    }

    fn words_of(text: &str) -> Vec<&str> {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        words.sort_unstable();
        words
    }

    #[test]
    fn a_row_is_one_line_where_nobody_looks() {
        let text = table(HEADINGS, rows(), None);
        assert_eq!(text.lines().count(), 3, "{text}");
    }

    #[test]
    fn a_table_that_fits_a_terminal_is_as_it_is_without_one() {
        assert_eq!(table(HEADINGS, rows(), Some(120)), table(HEADINGS, rows(), None));
    }

    #[test]
    fn a_table_fits_a_terminal_and_breaks_no_word() {
        let whole = table(HEADINGS, rows(), None);
        for width in 48..90 {
            let text = table(HEADINGS, rows(), Some(width));
            assert!(text.lines().all(|line| line.width() <= usize::from(width)), "{width}:\n{text}");
            let is_table = text.starts_with("NAME ") && text.matches("NAME").count() == 1;
            if is_table {
                assert_eq!(words_of(&text), words_of(&whole), "{width}:\n{text}");
            }
        }
    }

    #[test]
    fn a_narrow_terminal_shows_a_block_for_each_row() {
        assert_eq!(
            table(HEADINGS, rows(), Some(44)),
            "\
NAME       shop-deploy-production@k3x9w2ab
PROFILE    shop.yaml -e production
LAST USED  <1m ago
ENDS       in 90d

NAME       Create Additional Tokens
LAST USED  not seen
ENDS       never
"
        );
    }

    #[test]
    fn a_word_that_is_longer_than_the_terminal_stays_whole() {
        let text = table(HEADINGS, rows(), Some(20));
        assert!(text.contains(" shop-deploy-production@k3x9w2ab\n"), "{text}");
        assert!(text.contains("PROFILE    shop.yaml\n           -e\n           production\n"), "{text}");
    }
}
