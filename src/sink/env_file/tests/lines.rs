//! Lines that programs read differently: refused, with the line, to who asks for the variable, or for the file.

use super::*;

/// What is refused about `A`: the text, the line, and why.
const UNFIT: &[(&str, usize, Unfit)] = &[
    // Several commands on a line.
    ("export A=1 B=2\n", 1, Unfit::MoreFollows),
    ("A=1; export A\n", 1, Unfit::MoreFollows),
    ("A=1;\n", 1, Unfit::MoreFollows),
    ("A=1 && B=2\n", 1, Unfit::MoreFollows),
    ("A=1&&B=2\n", 1, Unfit::MoreFollows),
    ("A=1 | x\n", 1, Unfit::MoreFollows),
    ("A=1 cmd\n", 1, Unfit::MoreFollows),
    ("A=two words # c\n", 1, Unfit::MoreFollows),
    ("A='x' cmd\n", 1, Unfit::MoreFollows),
    ("A=\"x\"; B=1\n", 1, Unfit::MoreFollows),
    ("A='x'y>z\n", 1, Unfit::MoreFollows),
    ("A=1 > file\n", 1, Unfit::MoreFollows),
    ("A=https://h.example/?x=1&y=2\n", 1, Unfit::MoreFollows),
    ("A=<paste> B=1\n", 1, Unfit::MoreFollows),
    ("A= <in cmd\n", 1, Unfit::MoreFollows),
    ("A: 1; B=2\n", 1, Unfit::MoreFollows),
    ("B=1\nexport B=2 A=1\n", 2, Unfit::Command),
    ("B=1; A=2\n", 1, Unfit::Command),
    ("B=1 && A=2\n", 1, Unfit::Command),
    ("B=https://h.example/?x=1&A=2\n", 1, Unfit::Command),
    ("B=2 A=1 cmd\n", 1, Unfit::Command),
    // Definitions by other means.
    ("declare -x A=\"1\"\n", 1, Unfit::Command),
    ("declare -gx A=1\n", 1, Unfit::Command),
    ("typeset -x A=1\n", 1, Unfit::Command),
    ("readonly A=1\n", 1, Unfit::Command),
    ("readonly A\n", 1, Unfit::Command),
    ("local A=1\n", 1, Unfit::Command),
    ("export -n A=1\n", 1, Unfit::Command),
    ("export \"A=1\"\n", 1, Unfit::Command),
    ("export A''=1\n", 1, Unfit::Command),
    ("'A'=1\n", 1, Unfit::Command),
    ("set -x A 1\n", 1, Unfit::Command),
    ("set -gx A '1'\n", 1, Unfit::Command),
    ("setenv A 1\n", 1, Unfit::Command),
    ("set A=1\r\n", 1, Unfit::Command),
    ("$env:A = 1\n", 1, Unfit::Command),
    ("env A=1 cmd\n", 1, Unfit::Command),
    ("read A\n", 1, Unfit::Command),
    ("printf -v A x\n", 1, Unfit::Command),
    ("unset A\n", 1, Unfit::Command),
    ("unset \"A\"\n", 1, Unfit::Command),
    ("unset B A; :\n", 1, Unfit::Command),
    ("for A in 1 2; do :; done\n", 1, Unfit::Command),
    ("eval \"A=1\"\n", 1, Unfit::Command),
    ("sh -c 'x; A=1'\n", 1, Unfit::Quoted),
    (": ${A:=x}\n", 1, Unfit::Command),
    (": \"${A=x}\"\n", 1, Unfit::Quoted),
    ("B=\"${A:=x}\"\n", 1, Unfit::Quoted),
    ("B=$((A=1))\n", 1, Unfit::Quoted),
    ("A+=x\n", 1, Unfit::Command),
    ("A[0]=x\n", 1, Unfit::Command),
    ("A=(x y)\n", 1, Unfit::ManyLines),
    ("A=(x\ny)\n", 1, Unfit::ManyLines),
    ("A\n", 1, Unfit::Command),
    ("A b=c\n", 1, Unfit::Command),
    ("A\n=b\n", 1, Unfit::Command),
    ("A := x\n", 1, Unfit::Command),
    ("A ?= x\n", 1, Unfit::Command),
    ("- A=x\n", 1, Unfit::Command),
    ("{\n  \"A\": \"x\"\n}\n", 2, Unfit::Command),
    ("\u{a0}A=x\n", 1, Unfit::Command),
    ("A\u{a0}=x\n", 1, Unfit::Command),
    ("if x; then\n  A=1\nfi\n", 2, Unfit::Command),
    ("f() {\n  export A=1\n}\n", 2, Unfit::Command),
    ("f ()\n{\nA=1\n}\n", 3, Unfit::Command),
    ("function f {\n  A=1\n}\n", 2, Unfit::Command),
    ("case $x in\n  y) A=1;;\nesac\n", 2, Unfit::Command),
    ("while x; do\nA=1\ndone\n", 2, Unfit::Command),
    ("(\nA=1\n)\n", 2, Unfit::Command),
    ("true &&\nA=1\n", 2, Unfit::Command),
    ("true && # c\n\nA=1\n", 3, Unfit::Command),
    // Colons.
    ("A:\nx\n", 1, Unfit::Colon),
    ("A:x\n", 1, Unfit::Colon),
    ("A : x\n", 1, Unfit::Command),
    // Here-documents.
    ("cat <<EOF\nA=1\nEOF\n", 2, Unfit::HereDocument),
    ("cat <<-EOF\n\tA=1\n\tEOF\n", 2, Unfit::HereDocument),
    ("cat <<'E F'\nA=1\nE F\n", 2, Unfit::HereDocument),
    ("cat <<\\EOF >>x\nA=1\nEOF\n", 2, Unfit::HereDocument),
    ("cat << \"EOF\" | x\nexport A=1\nEOF\n", 2, Unfit::HereDocument),
    ("cat <<X 3<<Y\nx\nX\nA=1\nY\n", 4, Unfit::HereDocument),
    ("x=$(cat <<EOF\nA=1\nEOF\n)\n", 2, Unfit::HereDocument),
    ("cat <<EOF\n${A:=1}\nEOF\n", 2, Unfit::HereDocument),
    ("cat <<EOF\nA: 1\nEOF\r\nEOF\n", 2, Unfit::HereDocument),
    ("read A <<EOF\n1\nEOF\n", 1, Unfit::Command),
    // Continued lines.
    ("export \\\nA=1\n", 2, Unfit::Command),
    ("A\\\n=1\n", 1, Unfit::Command),
    ("A=\\\n1\n", 1, Unfit::Continued),
    ("A=x\\\ny\n", 1, Unfit::Continued),
    ("A=\"x\\\ny\"\n", 1, Unfit::Continued),
    ("A='x' \\\nB=1\n", 1, Unfit::Continued),
    ("A=x \\\nB=1\n", 1, Unfit::Continued),
    ("B=x\\\nA=1\n", 2, Unfit::Command),
    ("B=1 \\\nA=2\n", 2, Unfit::Command),
    // Quotes within a value.
    ("A=x\"y\"\n", 1, Unfit::InnerQuotes),
    ("A=x'y z'\n", 1, Unfit::InnerQuotes),
    ("A=x`y`\n", 1, Unfit::InnerQuotes),
    ("A=$'x\\n'\n", 1, Unfit::InnerQuotes),
    ("A=$\"x\"\n", 1, Unfit::InnerQuotes),
    ("A=\"$(echo \"x\")\"\n", 1, Unfit::InnerQuotes),
    ("A='x\ny'z\n", 1, Unfit::InnerQuotes),
    ("B=\"x\nA=1\ny\"z\n", 2, Unfit::Quoted),
    ("B=x\"y\nA=1\nz\"\n", 2, Unfit::Quoted),
    ("B=\"x\\\"\nA=1\n\"\n", 2, Unfit::Quoted),
    // Substitutions over words and lines.
    ("A=$(cmd\n)\n", 1, Unfit::ManyLines),
    ("A=$(cmd # c\n)\n", 1, Unfit::ManyLines),
    ("A=x$(cmd) y\n", 1, Unfit::MoreFollows),
    ("A=${B#x}\n", 1, Unfit::CommentSign),
    ("B=$(\nA=1\n)\n", 2, Unfit::Command),
    // Signs that mean something to some.
    ("A=x#y\n", 1, Unfit::CommentSign),
    ("A='x'y#z\n", 1, Unfit::CommentSign),
    ("A=x\\y\n", 1, Unfit::Backslash),
    ("A=two\\ words\n", 1, Unfit::Backslash),
    ("A=x\u{a0}\n", 1, Unfit::OddSpace),
    ("A=x\u{b}y\n", 1, Unfit::OddSpace),
    ("A=\n\n'x'\n", 1, Unfit::QuoteBelow),
    // The right definition does not excuse the other.
    ("A=1\nB=2\ndeclare -x A=3\n", 3, Unfit::Command),
    ("A='two\nlines'\nunset A\nA=4\n", 3, Unfit::Command),
];

#[test]
fn a_variable_that_programs_read_differently_is_refused_with_its_line_and_stays() {
    for (text, line, unfit) in UNFIT {
        let expected = DocumentError::Variable { line: *line, name: "A".to_owned(), unfit: *unfit };
        let mut document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(document.values("A").err().as_ref(), Some(&expected), "{text:?}");
        assert_eq!(document.remove("A").as_ref(), Err(&expected), "{text:?}");
        assert_eq!(document.set("A", "new"), Err(ValueError::Line(expected)), "{text:?}");
        assert_eq!(document.to_bytes().as_slice(), text.as_bytes());
    }
}

#[test]
fn what_is_unfit_about_one_variable_stops_no_other() {
    for (text, ..) in UNFIT {
        let whole = format!("OTHER=old\n{text}");
        let mut document = Document::parse(whole.as_bytes()).unwrap();
        assert_eq!(read(&document, "OTHER"), ["old"], "{text:?}");
        document.set("OTHER", "new").unwrap();
        document.set("MORE", "more").unwrap();
        assert_eq!(document.to_bytes().as_slice(), format!("OTHER=new\n{text}MORE=more\n").as_bytes());
        document.remove("OTHER").unwrap();
        document.remove("MORE").unwrap();
        assert_eq!(document.to_bytes().as_slice(), text.as_bytes());
    }
}

#[test]
fn what_leaves_the_whole_file_in_doubt_is_refused_with_its_line() {
    let unclosed = |line, opening| DocumentError::Unclosed { line, opening };
    for (bytes, expected) in [
        (&b"B=1\nA='b\nC=2\n"[..], unclosed(2, "'")),
        (b"A=\"b\\\"\n", unclosed(1, "\"")),
        (b"A=x\"y\n", unclosed(1, "\"")),
        (b"B=it's\nA=1\n", unclosed(1, "'")),
        (b"A=b#it's\n", unclosed(1, "'")),
        (b"B=1\necho `x\n", unclosed(2, "`")),
        (b"A=`x\n", unclosed(1, "`")),
        (b"B=\n\nA=$(x\n", unclosed(3, "$(")),
        (b"A=${x\n", unclosed(1, "${")),
        (b"A=$((1+\n", unclosed(1, "(")),
        (b"A=(x\ny\n", unclosed(1, "(")),
        (b"cat <<EOF\nA=1\n", unclosed(1, "<<")),
        (b"cat <<EOF", unclosed(1, "<<")),
        (b"cat <<X <<'Y'\nX\nA=1\n", unclosed(1, "<<")),
        (b"B=1\nif x; then\nA=1\n", unclosed(2, "if")),
        (b"f() {\nA=1\n", unclosed(1, "{")),
        (b"A=1 &&\n", unclosed(1, "|")),
        (b"B='x\\'\nA=1\nC='y'\n", DocumentError::EscapedQuote { line: 1, quote: '\'' }),
        (b"B='C:\\x\\'\n", DocumentError::EscapedQuote { line: 1, quote: '\'' }),
        (b"B='it\\'s'\n", DocumentError::EscapedQuote { line: 1, quote: '\'' }),
        (b"C=1\nB=\"x\\\\\"\nA=\"\n\"\n", DocumentError::EscapedQuote { line: 2, quote: '"' }),
        (b"A=b\n# c\rA=d\n", DocumentError::LoneReturn { line: 2 }),
        (b"B='\n\rA=d\n'", DocumentError::LoneReturn { line: 2 }),
        (b"A=b\r\r\n", DocumentError::LoneReturn { line: 1 }),
        (b"A='b'\r", DocumentError::LoneReturn { line: 1 }),
        ("# c\u{2028}A=b\n".as_bytes(), DocumentError::LineSeparator { line: 1 }),
        (b"A=b\n \xEF\xBB\xBFA=c\n", DocumentError::LateMark { line: 2 }),
        (b"\xEF\xBB\xBF\xEF\xBB\xBFA=b\n", DocumentError::LateMark { line: 1 }),
        (b"\xFF\xFEA\0=\0b\0", DocumentError::NotText { line: 1 }),
        (b"A=b\nB=\0\n", DocumentError::NotText { line: 2 }),
    ] {
        assert_eq!(Document::parse(bytes).err(), Some(expected), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn scripts_around_a_variable_stay_and_do_not_stop_it() {
    for script in [
        "set -eu\nif [ -f x ]; then\n  . ./x # it's there\nfi\n",
        "f() {\n  echo \"it's ${1:-\"x\"} $(date '+%F')\"\n}\n",
        "case \"$1\" in\n  a|b) x=\"(\";;\n  *) :;;\nesac\n",
        "for i in 1 2\ndo\n  echo $((i << 1)) $(( (i) )) ${#i} 2>&1 >|x\ndone\n",
        "cat <<EOF >x <<-'Z' && echo y\nit's \"\nEOF\n\tx`\n\tZ\n",
        "x=$(cat <<EOF\n)\nEOF\n) y=`a \\` b`\n",
        "B=smile:( C=a)b\n",
        "path+=(/x\n  /y)\n",
        "cat <<<\"it's\" | tr a \\' | tr '\\' \"\\\\\"\n",
        "(cd x && y) || z &\n",
        "echo {a,b} } if then fi\n",
        "a &&\n  # c\n  b\n",
    ] {
        let text = format!("{script}A=old\n{script}");
        assert_eq!(values(&text, "A"), ["old"], "{script:?}");
        assert_eq!(set(&text, "new"), format!("{script}A=new\n{script}"));
        assert_eq!(removed(&text), format!("{script}{script}"));
    }
}

#[test]
fn an_empty_value_gets_quotes_where_the_next_line_begins_with_one() {
    assert_eq!(set("A=old\n\n'x'\n", ""), "A=''\n\n'x'\n");
    assert_eq!(values("A=''\n'x'\n", "A"), [""]);
    let mut document = Document::parse(b"B=\nA=1\n'x'\n").unwrap();
    let below = DocumentError::Variable { line: 1, name: "B".to_owned(), unfit: Unfit::QuoteBelow };
    assert_eq!(document.remove("A"), Err(below), "it would become the value of B");
}

#[test]
fn no_line_is_added_behind_a_last_backslash_that_would_take_its_line_feed() {
    let mut document = Document::parse(b"C=1\nB=dir\\").unwrap();
    let refusal = Err(ValueError::Line(DocumentError::LastBackslash { line: 2 }));
    assert_eq!(document.set("A", "new"), refusal);
    assert_eq!(document.set("C", "new"), Ok(()));
    assert_eq!(document.to_bytes().as_slice(), b"C=new\nB=dir\\");
}

#[test]
fn a_refusal_says_what_to_write_instead() {
    let said = |text: &[u8]| {
        let outcome = Document::parse(text).and_then(|document| document.values("A").map(|_| ()));
        outcome.unwrap_err().to_string()
    };
    assert_eq!(
        said(b"B=1\nA=1; export A\n"),
        "line 2: `A` has more text after its value: put the whole value in quotes, or put the rest on its \
         own line"
    );
    assert_eq!(
        said(b"B=it's\n"),
        "line 1 opens `'`, which is never closed: close it, or put the whole value in quotes"
    );
}

#[test]
fn deep_and_long_files_are_read() {
    for text in
        ["$(".repeat(20_000) + &")".repeat(20_000), "A=1\n".repeat(20_000), "B=\"$x\" ".repeat(20_000)]
    {
        assert!(Document::parse(text.as_bytes()).is_ok_and(|document| document.values("A").is_ok()));
    }
}
