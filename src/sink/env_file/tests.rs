//! Tables for the document, and properties that hold whatever the file holds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod lines;

use proptest::prelude::*;

use super::quoting::ValueError;
use super::*;

fn values(text: &str, name: &str) -> Vec<String> {
    read(&Document::parse(text.as_bytes()).unwrap(), name)
}

fn read(document: &Document, name: &str) -> Vec<String> {
    document.values(name).unwrap().iter().map(|secret| secret.expose().to_owned()).collect()
}

fn edited(text: &str, edit: impl FnOnce(&mut Document)) -> String {
    let mut document = Document::parse(text.as_bytes()).unwrap();
    edit(&mut document);
    String::from_utf8(document.to_bytes().to_vec()).unwrap()
}

fn set(text: &str, value: &str) -> String {
    edited(text, |document| document.set("A", value).unwrap())
}

fn removed(text: &str) -> String {
    edited(text, |document| document.remove("A").unwrap())
}

#[test]
fn a_value_is_read_as_programs_read_it() {
    for (text, expected) in [
        ("A=b", "b"),
        ("A=\n", ""),
        ("A=   \n", ""),
        ("A= # c\n", ""),
        ("A=#c\n", ""),
        ("A=b # c\n", "b"),
        ("A=b\t#it's\n", "b"),
        ("A=b  \r\n", "b"),
        ("  export\tA = \"b\" # c\n", "b"),
        ("A='b # c' # d\n", "b # c"),
        ("A='b\nB=c\n'\nC=d\n", "b\nB=c\n"),
        ("A=\"b\\n\\\"c\\\" \\$d \\e\"\n", "b\n\"c\" $d \\e"),
        ("A='b\\n'\n", "b\\n"),
        ("A='C:\\b'\nB='c'\n", "C:\\b"),
        ("A='b'\\''c'\n", "b'c"),
        ("A='x'\"y z\" # c\n", "xy z"),
        ("A=`b`\n", "b"),
        ("\u{feff}A=b\n", "b"),
        ("A: b\n", "b"),
        ("  export A:\t'b c' # c\n", "b c"),
        ("A: # c\n", ""),
        ("A=$(op read op://vault/item)\n", "$(op read op://vault/item)"),
        ("A=\"${B:-b}\"\n", "${B:-b}"),
        ("A=<paste>\n", "<paste>"),
        ("A=<paste your token> # c\n", "<paste your token>"),
        ("A=<<your token>>\nB=1\n", "<<your token>>"),
        ("A=a=b==\n", "a=b=="),
    ] {
        assert_eq!(values(text, "A"), [expected], "{text:?}");
    }
}

#[test]
fn every_definition_counts() {
    assert_eq!(values("A=1\n#A=2\nexport A='3'\nB=4\nA: 5\n", "A"), ["1", "3", "5"]);
    assert_eq!(set("A=1\nB=2\nexport A='3'\nA: 5", "new"), "A=new\nB=2\nexport A='new'\nA: new");
    assert_eq!(removed("A=1\nB=2\nexport A='3'\nA: 5"), "B=2\n");
}

#[test]
fn what_looks_like_a_definition_and_is_none_defines_nothing() {
    for text in [
        "",
        "# A=b\n",
        "  #A=b\n",
        "AB=c\n",
        "XA=c\nX_A=c\nX.A=c\nX-A=c\nA_=c\nA.B=c\nA-B=c\n",
        "a=b\n",
        "B='\nA=b\n'\n",
        "B=\"x\nA=b\"\n",
        "B=1 # A=b\n",
        "B=https://h.example/?A=b\n",
        "B=$A\nC=${A}/x\nD=\"${A:-x} $A\"\n",
        "export A\n",
        "export B A C # exported\n",
        "echo \"A is set\" $A ${#A}\n",
        "[ -n \"$A\" ] || exit 1\n",
        "cat <<EOF\nwrite A here\n# A=b\nEOF\n",
    ] {
        assert_eq!(values(text, "A"), [""; 0], "{text:?}");
        assert_eq!(set(text, "new"), format!("{text}A=new\n"), "{text:?}");
        assert_eq!(removed(text), text);
    }
}

#[test]
fn a_value_is_set_where_it_stands() {
    for (before, after) in [
        ("A=old\n", "A=new\n"),
        ("A=old", "A=new"),
        ("A=\n", "A=new\n"),
        ("A=\nB=1\n", "A=new\nB=1\n"),
        ("A= # c\n", "A=new # c\n"),
        ("A=#c\n", "A=new #c\n"),
        ("A=\"old\"#c\n", "A=\"new\" #c\n"),
        ("export A = \"old\" # c\n", "export A = \"new\" # c\n"),
        ("A='old'\n", "A='new'\n"),
        ("A='two\nlines' # c\nB=1\n", "A='new' # c\nB=1\n"),
        ("A=`old`\n", "A=new\n"),
        ("A='two words' # c\n", "A='new' # c\n"),
        ("A=<paste your token> # c\n", "A=new # c\n"),
        ("A=$(op read x)\n", "A=new\n"),
        ("A: old # c\n", "A: new # c\n"),
        ("A: \"old\"\n", "A: \"new\"\n"),
        ("A: # c\n", "A: new # c\n"),
        ("A='x'\"y\" # c\n", "A=new # c\n"),
        ("# A=old\r\nA=old\r\nB=1\r\n", "# A=old\r\nA=new\r\nB=1\r\n"),
        ("\u{feff}A=old\n", "\u{feff}A=new\n"),
        ("A=1\nB=2\nexport A='3'\n", "A=new\nB=2\nexport A='new'\n"),
    ] {
        assert_eq!(set(before, "new"), after, "{before:?}");
    }
}

#[test]
fn a_missing_variable_gets_its_own_line() {
    for (before, after) in [
        ("", "A=new\n"),
        ("\u{feff}", "\u{feff}A=new\n"),
        ("B=\u{feff}", "B=\u{feff}\nA=new\n"),
        ("B=1\n", "B=1\nA=new\n"),
        ("B=1", "B=1\nA=new\n"),
        ("B=", "B=\nA=new\n"),
        ("# c", "# c\nA=new\n"),
        ("B=1\r\nC=2", "B=1\r\nC=2\r\nA=new\r\n"),
        ("#A=old\n\n", "#A=old\n\nA=new\n"),
        ("cat <<EOF\nx\nEOF", "cat <<EOF\nx\nEOF\nA=new\n"),
        // To a shell, a backslash at the end of a line takes the next line in.
        ("B=C:\\dir\\\n", "B=C:\\dir\\\n\nA=new\n"),
        ("C=1\r\nB=C:\\dir\\\n", "C=1\r\nB=C:\\dir\\\n\nA=new\r\n"),
        ("# dir\\\n", "# dir\\\nA=new\n"),
    ] {
        assert_eq!(set(before, "new"), after, "{before:?}");
    }
}

#[test]
fn a_variable_is_removed_with_its_lines_and_nothing_else() {
    for (before, after) in [
        ("# c\nA=1\n\nB=2\n", "# c\n\nB=2\n"),
        ("B=2\nA=1", "B=2\n"),
        ("A='two\nlines' # c\r\nB=2", "B=2"),
        ("A=1\nB=2\nexport A=3\n", "B=2\n"),
        ("AA=1\n#A=1\n", "AA=1\n#A=1\n"),
    ] {
        assert_eq!(removed(before), after, "{before:?}");
    }
}

#[test]
fn a_value_gets_quotes_only_where_it_needs_them() {
    for (given, after) in [
        ("https://a1.eu.r2.cloudflarestorage.com", "A=https://a1.eu.r2.cloudflarestorage.com\n"),
        ("2027-01-15T08:00:00Z", "A=2027-01-15T08:00:00Z\n"),
        ("", "A=\n"),
        ("two words", "A='two words'\n"),
        ("a#b", "A='a#b'\n"),
        ("~x", "A='~x'\n"),
        ("say \"hi\"", "A='say \"hi\"'\n"),
    ] {
        assert_eq!(set("", given), after);
        assert_eq!(values(after, "A"), [given]);
    }
    assert_eq!(set("A=old # c\n", ""), "A='' # c\n");
    assert_eq!(set("A=\"old\"\n", "two words"), "A='two words'\n");
}

#[test]
fn what_programs_would_read_differently_is_refused_and_changes_nothing() {
    let mut document = Document::parse(b"A=old\n").unwrap();
    for unfit in ["it's", "back\\slash", "$HOME", "two\nlines", "a\rb", "a\0b", "a\u{2028}b", "\u{7f}"] {
        assert_eq!(document.set("A", unfit), Err(ValueError::BadValue { name: "A".to_owned() }), "{unfit:?}");
    }
    for unfit in ["", "1A", "A-B", "A B", "A=B", "Ä", "A\n"] {
        assert_eq!(
            document.set(unfit, "new"),
            Err(ValueError::BadName { name: unfit.to_owned() }),
            "{unfit:?}"
        );
    }
    assert_eq!(document.to_bytes().as_slice(), b"A=old\n");
}

#[test]
fn bytes_that_are_not_utf_8_stay() {
    let mut document = Document::parse(b"# caf\xE9\nB=\xE9\nA=old\n").unwrap();
    document.set("A", "new").unwrap();
    assert_eq!(document.to_bytes().as_slice(), b"# caf\xE9\nB=\xE9\nA=new\n");
}

/// A line that defines no `A`, and that every program understands.
fn other_line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "#[ -~]{0,12}",
        "(export )?[B-Z]{1,3} ?= ?[a-z0-9%]{0,8}( # [ -~]{0,6})?",
        "[B-Z]: [a-z0-9%]{1,8}( # [ -~]{0,6})?",
        "[B-Z]='[a-z =#\"\n]{0,12}'",
        "[B-Z]=\"([a-z =#'\n]|\\\\\"){0,12}\"( #[a-z' ]{0,6})?",
        "b[a-z ]{1,8}",
    ]
}

fn definition() -> impl Strategy<Value = String> {
    prop_oneof![
        "( |export )?A ?= ?[a-z]{0,5}( # [a-z']{0,5})?",
        "A: [a-z]{1,5}( # [a-z']{0,5})?",
        "A='[a-z =\\n]{0,9}'",
        "A=\"[a-z =\\n]{0,9}\" #[a-z]"
    ]
}

fn settable() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9_-]{0,60}", "[ -~&&[^'\\\\$]]{0,20}", "[äß€ #\"]{0,5}"]
}

proptest! {
    #[test]
    fn any_bytes_that_can_be_read_come_out_unchanged(bytes: Vec<u8>) {
        if let Ok(document) = Document::parse(&bytes) {
            prop_assert_eq!(document.to_bytes().to_vec(), bytes);
        }
    }

    #[test]
    fn a_value_that_was_set_is_read_and_all_other_lines_stay(
        before in proptest::collection::vec(other_line(), 0..6),
        definition in proptest::option::of(definition()),
        after in proptest::collection::vec(other_line(), 0..6),
        line_end in prop_oneof![Just("\n"), Just("\r\n")],
        value in settable(),
    ) {
        let lines = |lines: &[String]| lines.iter().flat_map(|line| [line, line_end]).collect::<String>();
        let (before, after) = (lines(&before), lines(&after));
        let definition = definition.map(|line| format!("{line}{line_end}")).unwrap_or_default();
        let mut document = Document::parse(format!("{before}{definition}{after}").as_bytes()).unwrap();
        document.set("A", &value).unwrap();
        let text = String::from_utf8(document.to_bytes().to_vec()).unwrap();
        prop_assert_eq!(read(&document, "A"), [value]);
        prop_assert!(text.starts_with(&before) && (definition.is_empty() || text.ends_with(&after)), "{}", text);
        document.remove("A").unwrap();
        prop_assert_eq!(String::from_utf8(document.to_bytes().to_vec()).unwrap(), format!("{before}{after}"));
    }
}
