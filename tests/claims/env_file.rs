//! What holds for any bytes that are read as an env file.

use cfmint::sink::Document;

/// The variable that is set and removed, and some that must not notice.
const NAME: &str = "A";
const OTHERS: [&str; 4] = ["B", "C", "AA", "CLOUDFLARE_API_TOKEN"];

/// Reads the bytes, sets a variable to values of every kind and takes it out again.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(original) = Document::parse(bytes) else { return };
    assert!(original.to_bytes().as_slice() == bytes, "reading alone changes the file");

    let mut without = original.clone();
    without.remove(NAME);
    let without = reread(&without);
    assert!(value(&without, NAME).is_none(), "removed, and still there");
    others_stay(&original, &without);

    for new in ["new", "two words # no comment", ""] {
        let mut set = original.clone();
        set.set(NAME, new).expect("a value that every program reads alike");
        assert!(value(&set, NAME).as_deref() == Some(new), "what was set is not what is read");
        let mut set = reread(&set);
        assert!(value(&set, NAME).as_deref() == Some(new), "what was written is not what is read");
        others_stay(&original, &set);
        if !original.defines(NAME) {
            assert!(set.to_bytes().starts_with(bytes), "a line was changed");
        }
        set.remove(NAME);
        let (left, expected) = (set.to_bytes(), without.to_bytes());
        let ends = left.strip_prefix(expected.as_slice()).expect("other lines stay");
        // A last line without an end gets one, and one with a backslash at its end an empty line behind it.
        let most = if original.defines(NAME) { 0 } else { 4 };
        assert!(ends.len() <= most && ends.iter().all(|byte| b"\r\n".contains(byte)), "a line was added");
    }
}

/// The document as the next run finds it.
fn reread(document: &Document) -> Document {
    Document::parse(&document.to_bytes()).expect("what was written can be read")
}

fn value(document: &Document, name: &str) -> Option<String> {
    document.value(name).map(|secret| secret.expose().to_owned())
}

fn others_stay(before: &Document, after: &Document) {
    for name in OTHERS {
        assert!(value(before, name) == value(after, name), "another variable was changed");
    }
}
