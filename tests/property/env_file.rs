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
    ": ",
    "A: x\n",
    ";",
    "&",
    " && ",
    " | ",
    "<",
    ">",
    "(",
    ")",
    "$(",
    "${",
    "}",
    " {\n",
    "$((",
    "\\\n",
    "+=",
    "declare -x ",
    "unset ",
    "export A\n",
    "B=\n",
    "'x'\n",
    "if x; then\n",
    "\nfi\n",
    "case x in ",
    "esac",
    "do ",
    "done",
    "cat <<EOF\n",
    "cat <<-'X' <<EOF\n",
    "EOF\n",
    "X\n",
    "\u{a0}",
    "\u{2028}",
    "\0",
    "<paste>",
];

/// Whole lines, most of which close what they open.
const LINES: &[&str] = &[
    "A=old\n",
    "export A=\"old\" # c\n",
    "A='two\nlines'\n",
    "A: old\n",
    "A=\n",
    "A='a'\"b\"\r\n",
    "A=$(x y)\n",
    "A=<paste it>\n",
    "B=1\n",
    "B=\n",
    "B=\r\n",
    "B=x\\\n",
    "B='it is'\r\n",
    "B=\"$A ${C:-'x'} $(echo \"y\")\"\n",
    "B='\nA=1\n'\n",
    "B=\"x\\\"\nA=1\n\"\n",
    "C=1; B=2\n",
    "C=x#it\n",
    "AA: 1\n",
    "# it's\n",
    "\n",
    "'x' y\n",
    "\"x\"\n",
    "export A B\n",
    "echo $A\n",
    "if x; then\n  B=1\nfi\n",
    "f() {\n C=1\n}\n",
    "cat <<EOF\nB=it's\nEOF\n",
    "cat <<-EOF\n\tA here\n\tEOF\n",
    "true &&\n  true\n",
    "path=(/x\n /y)\n",
    "(x) | y & z\n",
    "A=1 B=2\n",
    "unset A\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_pieces_let_another_variable_change(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..30),
    ) {
        claims::env_file::hold(pieces.concat().as_bytes());
    }

    #[test]
    fn no_lines_let_another_variable_change(
        lines in proptest::collection::vec(proptest::sample::select(LINES), 0..12),
        has_end: bool,
    ) {
        let text = lines.concat();
        claims::env_file::hold(if has_end { text.as_bytes() } else { text.trim_end().as_bytes() });
    }
}
