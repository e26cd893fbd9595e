//! Tables for people: rows of cells in, lined-up text out. A row is one line, whatever the width of the terminal, so
//! that what reads the output by lines can rely on it.

use comfy_table::{ContentArrangement, Table, presets};

use crate::cloudflare::printable;

/// Lines up rows below their headings. Text from servers cannot break a row.
#[must_use]
pub(super) fn table(headings: Vec<String>, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings);
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}
