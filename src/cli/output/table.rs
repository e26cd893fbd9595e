//! Tables for people: rows of cells in, lined-up text out. A row is one line, whatever the width of the terminal, so
//! that what reads the output by lines can rely on it.

use comfy_table::{Table, presets};

use crate::text::one_line;

/// Lines up rows below their headings. Text from servers cannot break a row.
#[must_use]
pub(in crate::cli) fn table(
    headings: impl IntoIterator<Item = impl AsRef<str>>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.into_iter().map(|heading| heading.as_ref().to_owned()));
    for row in rows {
        table.add_row(row.iter().map(|cell| one_line(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}
