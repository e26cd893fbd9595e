//! What holds for any bytes that are read as an env file.

use cfmint::sink::{Document, DocumentError, Unfit, ValueError};

/// The variable that is set and removed, and some that must not notice.
const NAME: &str = "A";
const OTHERS: [&str; 4] = ["B", "C", "AA", "CLOUDFLARE_API_TOKEN"];

/// Reads the bytes, sets a variable to values of every kind and takes it out again, or is refused and changes nothing.
pub(crate) fn hold(bytes: &[u8]) {
    let original = match Document::parse(bytes) {
        Ok(document) => document,
        Err(problem) => return is_a_line(&problem, bytes),
    };
    assert!(original.to_bytes().as_slice() == bytes, "reading alone changes the file");
    match values(&original, NAME) {
        Ok(found) => hold_for_readable(&original, found.len()),
        Err(_) => hold_for_unreadable(&original),
    }
}

/// A variable that is refused is refused to all who ask, and stays.
fn hold_for_unreadable(original: &Document) {
    let problem = original.values(NAME).err().expect("a refusal");
    is_a_line(&problem, &original.to_bytes());
    let mut same = original.clone();
    assert!(same.set(NAME, "new") == Err(ValueError::Line(problem.clone())), "set without a refusal");
    assert!(same.remove(NAME) == Err(problem), "removed without a refusal");
    assert!(same.to_bytes() == original.to_bytes(), "refused, and changed");
}

fn hold_for_readable(original: &Document, count: usize) {
    let mut without = original.clone();
    let removal = without.remove(NAME);
    match &removal {
        Ok(()) => {
            let without = reread(&without);
            assert!(values(&without, NAME) == Ok(Vec::new()), "removed, and still there");
            others_stay(original, &without);
            lines_stay(&without.to_bytes(), &original.to_bytes());
        }
        Err(_) => assert!(without.to_bytes() == original.to_bytes(), "refused, and changed"),
    }
    for new in ["new", "two words # no comment", ""] {
        let mut set = original.clone();
        match set.set(NAME, new) {
            Ok(()) => {}
            Err(ValueError::Line(DocumentError::LastBackslash { .. })) if count == 0 => {
                assert!(set.to_bytes() == original.to_bytes(), "refused, and changed");
                continue;
            }
            Err(problem) => panic!("a value that every program reads alike: {problem}"),
        }
        let expected = Ok(vec![new.to_owned(); count.max(1)]);
        assert!(values(&set, NAME) == expected, "what was set is not what is read");
        let mut set = reread(&set);
        assert!(values(&set, NAME) == expected, "what was written is not what is read");
        others_stay(original, &set);
        if count == 0 {
            assert!(set.to_bytes().starts_with(&original.to_bytes()), "a line was changed");
        }
        if removal.is_ok() {
            set.remove(NAME).expect("what can be removed before can be removed after");
            let (left, expected) = (set.to_bytes(), without.to_bytes());
            let ends = left.strip_prefix(expected.as_slice()).expect("other lines stay");
            // A last line without an end gets one, and one with a backslash at its end an empty line behind it.
            let most = if count > 0 { 0 } else { 4 };
            assert!(ends.len() <= most && ends.iter().all(|byte| b"\r\n".contains(byte)), "a line was added");
        }
    }
}

/// The document as the next run finds it.
fn reread(document: &Document) -> Document {
    Document::parse(&document.to_bytes()).expect("what was written can be read")
}

/// The values of a variable, or what is unfit about it.
fn values(document: &Document, name: &str) -> Result<Vec<String>, Unfit> {
    match document.values(name) {
        Ok(secrets) => Ok(secrets.iter().map(|secret| secret.expose().to_owned()).collect()),
        Err(DocumentError::Variable { unfit, .. }) => Err(unfit),
        Err(problem) => panic!("the whole file is refused too late: {problem}"),
    }
}

fn others_stay(before: &Document, after: &Document) {
    for name in OTHERS {
        // What is refused stays refused, if not always for the same reason: a line may be added behind it.
        assert!(values(before, name).ok() == values(after, name).ok(), "another variable was changed");
    }
}

/// Every line of what is left stands in the original, in this order.
fn lines_stay(left: &[u8], original: &[u8]) {
    let without_mark = |bytes| <[u8]>::strip_prefix(bytes, b"\xEF\xBB\xBF".as_slice()).unwrap_or(bytes);
    let (left, original) = (without_mark(left), without_mark(original));
    let mut lines = original.split_inclusive(|byte| *byte == b'\n');
    let stays = left.split_inclusive(|byte| *byte == b'\n').all(|line| lines.any(|other| other == line));
    assert!(stays, "another line was changed");
}

fn is_a_line(problem: &DocumentError, bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    assert!((1..=lines).contains(&problem.line()), "no such line");
}
