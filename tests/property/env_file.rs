//! Whatever stands in an env file: only the variable that is meant changes.

use proptest::prelude::*;

use crate::claims;

/// Pieces that mean something to an env file.
const PIECES: &[&str] = &[
    "A",
    "B",
    "AA",
    "export ",
    "=",
    " = ",
    "x",
    "'",
    "\"",
    "`",
    "\\",
    "\\n",
    "$",
    "${A}",
    "#",
    " # ",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\u{feff}",
    "ä",
    "A=old\n",
    "B='two\nlines'\n",
    "# A=old\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_pieces_let_another_variable_change(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..30),
    ) {
        claims::env_file::hold(pieces.concat().as_bytes());
    }
}
