//! An env file's content, editable without touching a byte that is not meant.
//!
//! Bytes come in, pieces are kept, the same bytes go out, but for the values that were set and the lines that
//! were removed. It knows nothing of files, and never expands a variable.

use zeroize::Zeroizing;

use super::grammar::{self, DocumentError};
use super::quoting::{self, ValueError};
use crate::secret::Secret;

/// Bytes of an env file: any of them may be part of a secret, so they are wiped when dropped.
pub(super) type Text = Zeroizing<Vec<u8>>;

/// The content of an env file.
#[derive(Clone)]
pub struct Document {
    pieces: Vec<Piece>,
}

/// One or more whole lines, with their ends.
#[derive(Clone)]
pub(super) enum Piece {
    /// A comment, an empty line, or something that defines no variable.
    Other(Text),
    /// The definition of a variable.
    Definition(Definition),
}

/// The definition of a variable, which may span lines. Its parts in their order make up its text.
#[derive(Clone)]
pub(super) struct Definition {
    /// The variable's name, which `head` holds too.
    pub(super) name: Vec<u8>,
    /// All before the value: indent, `export`, name, equals sign, space.
    pub(super) head: Text,
    /// The value as written, with its quotes.
    pub(super) value: Text,
    /// All behind the value: space, comment, end of line.
    pub(super) tail: Text,
}

impl Document {
    /// Takes the content apart.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        Ok(Self { pieces: grammar::pieces(bytes)? })
    }

    /// Returns the value of a variable as programs read it: the last definition counts. `$` is not expanded.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Secret> {
        let definition = self.definitions(name).last()?;
        let plain = quoting::read(&definition.value);
        Some(Secret::new(String::from_utf8_lossy(&plain).into_owned()))
    }

    /// Whether a variable is defined.
    #[must_use]
    pub fn defines(&self, name: &str) -> bool {
        self.definitions(name).next().is_some()
    }

    /// Sets a variable where it stands, or in a new last line.
    ///
    /// Every definition of it is set: of several, some programs take the last and some the first, and none
    /// should find an old secret. `export`, spacing, quotes and a trailing comment stay.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ValueError> {
        quoting::check_name(name)?;
        let spelling = quoting::Spelling::of(name, value)?;
        let mut found = false;
        for piece in &mut self.pieces {
            if let Piece::Definition(definition) = piece
                && definition.name == name.as_bytes()
            {
                definition.put(&spelling);
                found = true;
            }
        }
        if !found {
            self.append(name, &spelling);
        }
        Ok(())
    }

    /// Takes every definition of a variable out, each with its whole lines, and nothing else.
    pub fn remove(&mut self, name: &str) {
        self.pieces
            .retain(|piece| !matches!(piece, Piece::Definition(found) if found.name == name.as_bytes()));
    }

    /// The content, byte for byte.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let length = self.parts().map(<[u8]>::len).sum();
        // A buffer that grew would leave copies of the secret behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        self.parts().for_each(|part| bytes.extend_from_slice(part));
        bytes
    }

    fn definitions(&self, name: &str) -> impl Iterator<Item = &Definition> {
        self.pieces.iter().filter_map(move |piece| match piece {
            Piece::Definition(definition) if definition.name == name.as_bytes() => Some(definition),
            _ => None,
        })
    }

    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().flat_map(|piece| match piece {
            Piece::Other(text) => [text.as_slice(), &[], &[]],
            Piece::Definition(definition) => {
                [definition.head.as_slice(), definition.value.as_slice(), definition.tail.as_slice()]
            }
        })
    }

    fn append(&mut self, name: &str, spelling: &quoting::Spelling<'_>) {
        let line_end = self.line_end();
        let missing = match self.pieces.as_slice() {
            [] => 0,
            // A byte order mark is no line, but only at the very beginning.
            [Piece::Other(only)] if only.as_slice() == grammar::BYTE_ORDER_MARK => 0,
            [.., last] => usize::from(!last.is_ended()) + usize::from(last.continues()),
        };
        for _ in 0..missing {
            self.pieces.push(Piece::Other(Zeroizing::new(line_end.to_vec())));
        }
        self.pieces.push(Piece::Definition(Definition {
            name: name.as_bytes().to_vec(),
            head: Zeroizing::new(format!("{name}=").into_bytes()),
            value: spelling.unquoted_if_possible(),
            tail: Zeroizing::new(line_end.to_vec()),
        }));
    }

    /// How lines end in this file: as its first one does.
    fn line_end(&self) -> &'static [u8] {
        let mut before = None;
        for &byte in self.parts().flatten() {
            if byte == b'\n' {
                return if before == Some(b'\r') { b"\r\n" } else { b"\n" };
            }
            before = Some(byte);
        }
        b"\n"
    }
}

impl Definition {
    fn put(&mut self, spelling: &quoting::Spelling<'_>) {
        let comment = self.tail.iter().find(|byte| !grammar::is_blank(**byte)) == Some(&b'#');
        self.value = spelling.like(&self.value, comment);
        // `A="b"#c` is a comment to some programs and part of the value to others; with a space all agree.
        if self.tail.first() == Some(&b'#') {
            self.tail.insert(0, b' ');
        }
    }
}

impl Piece {
    /// The last part of the text, where its line ends.
    fn end(&self) -> &[u8] {
        match self {
            Self::Other(text) => text,
            Self::Definition(found) if found.tail.is_empty() && found.value.is_empty() => &found.head,
            Self::Definition(found) if found.tail.is_empty() => &found.value,
            Self::Definition(found) => &found.tail,
        }
    }

    /// Whether the last line has its end.
    fn is_ended(&self) -> bool {
        self.end().ends_with(b"\n")
    }

    /// Whether a shell would take the next line as part of this one, because of a backslash at its end.
    fn continues(&self) -> bool {
        let line: &[u8] = match self {
            Self::Other(text) if text.trim_ascii_start().starts_with(b"#") => return false,
            Self::Other(text) => text,
            Self::Definition(found) if matches!(found.tail.as_slice(), b"" | b"\n") => &found.value,
            Self::Definition(_) => return false,
        };
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
    }
}
