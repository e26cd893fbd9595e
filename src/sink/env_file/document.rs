//! An env file's content, editable without touching a byte that is not meant.
//!
//! Bytes come in, pieces are kept, the same bytes go out, but for the values that were set and the lines that
//! were removed. It knows nothing of files, and never expands a variable.

use zeroize::Zeroizing;

use super::grammar::{self, Definition, DocumentError, Other, Segment, Unfit};
use super::quoting::{self, ValueError};
use crate::secret::Secret;

/// The content of an env file.
#[derive(Clone)]
pub struct Document {
    pieces: Vec<Segment>,
}

impl Document {
    /// Takes the content apart. Refused is only what leaves the whole file in doubt; what programs read differently
    /// about one variable is refused to who asks for that variable.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        Ok(Self { pieces: grammar::pieces(bytes)? })
    }

    /// Returns the values of all definitions of a variable, in order: some programs take the last and some the
    /// first. `$` is not expanded.
    pub fn values(&self, name: &str) -> Result<Vec<Secret>, DocumentError> {
        self.check(name)?;
        let plain = |definition: &Definition| {
            Secret::new(String::from_utf8_lossy(&quoting::read(&definition.value)).into_owned())
        };
        Ok(self
            .definitions()
            .filter(|(_, found)| found.name == name.as_bytes())
            .map(|(_, found)| plain(found))
            .collect())
    }

    /// Returns the value of the last definition; `None` also where [`Document::values`] refuses.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Secret> {
        self.values(name).ok()?.pop()
    }

    /// Sets a variable where it stands, or in a new last line.
    ///
    /// Every definition of it is set, so that no program finds an old secret. `export`, spacing, quotes and a
    /// trailing comment stay.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ValueError> {
        quoting::check_name(name)?;
        let spelling = quoting::Spelling::of(name, value)?;
        self.check(name)?;
        let places: Vec<(usize, bool)> = self
            .definitions()
            .filter(|(_, found)| found.name == name.as_bytes())
            .map(|(at, _)| (at, self.has_quote_below(at, None)))
            .collect();
        for (at, has_quote_below) in &places {
            if let Some(Segment::Definition(definition)) = self.pieces.get_mut(*at) {
                definition.put(&spelling, *has_quote_below);
            }
        }
        if places.is_empty() {
            self.append(name, &spelling)?;
        }
        Ok(())
    }

    /// Takes every definition of a variable out, each with its whole lines, and nothing else.
    pub fn remove(&mut self, name: &str) -> Result<(), DocumentError> {
        self.check(name)?;
        let is_meant = |found: &Definition| found.name == name.as_bytes();
        let loses_what_parts = |(at, found): &(usize, &Definition)| {
            !is_meant(found)
                && found.is_bare()
                && self.has_quote_below(*at, Some(name.as_bytes()))
                && !self.has_quote_below(*at, None)
        };
        if let Some((_, found)) = self.definitions().find(loses_what_parts) {
            return Err(found.has_quote_below());
        }
        self.pieces.retain(|piece| !matches!(piece, Segment::Definition(found) if is_meant(found)));
        Ok(())
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

    /// Refuses a variable that programs read differently somewhere in the file.
    fn check(&self, name: &str) -> Result<(), DocumentError> {
        self.pieces.iter().try_for_each(|piece| piece.refuse(name))?;
        let mut bare =
            self.definitions().filter(|(_, found)| found.name == name.as_bytes() && found.is_bare());
        match bare.find(|(at, _)| self.has_quote_below(*at, None)) {
            Some((_, found)) => Err(found.has_quote_below()),
            None => Ok(()),
        }
    }

    /// The definitions, with their places among the pieces.
    fn definitions(&self) -> impl Iterator<Item = (usize, &Definition)> {
        self.pieces.iter().enumerate().filter_map(|(at, piece)| match piece {
            Segment::Definition(definition) => Some((at, definition)),
            Segment::Other(_) => None,
        })
    }

    /// Whether the next line that is not empty begins with a quote: Node's dotenv takes it for the value of a
    /// variable that has none. `without` is a variable whose definitions are about to go.
    fn has_quote_below(&self, at: usize, without: Option<&[u8]>) -> bool {
        let mut below = self.pieces.iter().skip(at + 1);
        let next = below.find(|piece| match piece {
            Segment::Other(other) => !other.text.trim_ascii().is_empty(),
            Segment::Definition(found) => Some(found.name.as_slice()) != without,
        });
        matches!(next, Some(Segment::Other(other)) if matches!(other.text.trim_ascii_start().first(), Some(b'"' | b'\'' | b'`')))
    }

    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().flat_map(|piece| match piece {
            Segment::Other(other) => [other.text.as_slice(), &[], &[]],
            Segment::Definition(definition) => {
                [definition.head.as_slice(), definition.value.as_slice(), definition.tail.as_slice()]
            }
        })
    }

    fn append(&mut self, name: &str, spelling: &quoting::Spelling<'_>) -> Result<(), DocumentError> {
        let line_end = self.line_end();
        let gap: Option<&[u8]> = match self.pieces.as_slice() {
            [] => None,
            // A byte order mark is no line, but only at the very beginning.
            [Segment::Other(only)] if only.text.as_slice() == grammar::BYTE_ORDER_MARK => None,
            // To a shell the line feed would belong to that line, and take its backslash away.
            [.., last] if last.continues() && !last.is_ended() => {
                let line = 1 + self.parts().flatten().filter(|byte| **byte == b'\n').count();
                return Err(DocumentError::LastBackslash { line });
            }
            [.., last] if last.continues() => Some(b"\n"),
            [.., last] if last.is_ended() => None,
            _ => Some(line_end),
        };
        self.pieces.extend(gap.map(|gap| Segment::Other(Other::plain(gap))));
        self.pieces.push(Segment::Definition(Definition {
            name: name.as_bytes().to_vec(),
            head: Zeroizing::new(format!("{name}=").into_bytes()),
            value: spelling.unquoted_if_possible(),
            tail: Zeroizing::new(line_end.to_vec()),
            line: 0,
        }));
        Ok(())
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
    fn put(&mut self, spelling: &quoting::Spelling<'_>, has_quote_below: bool) {
        let needs_value = has_quote_below || self.tail.trim_ascii_start().starts_with(b"#");
        self.value = spelling.like(&self.value, needs_value);
        // `A="b"#c` is a comment to some programs and part of the value to others; with a space all agree.
        if self.tail.first() == Some(&b'#') {
            self.tail.insert(0, b' ');
        }
    }

    /// Whether nothing at all follows its sign on the line.
    fn is_bare(&self) -> bool {
        self.value.is_empty() && self.tail.trim_ascii().is_empty()
    }

    fn has_quote_below(&self) -> DocumentError {
        DocumentError::Variable {
            line: self.line,
            name: String::from_utf8_lossy(&self.name).into_owned(),
            unfit: Unfit::QuoteBelow,
        }
    }
}

impl Segment {
    /// The last part of the text, where its line ends.
    fn end(&self) -> &[u8] {
        match self {
            Self::Other(other) => &other.text,
            Self::Definition(found) if found.tail.is_empty() && found.value.is_empty() => &found.head,
            Self::Definition(found) if found.tail.is_empty() => &found.value,
            Self::Definition(found) => &found.tail,
        }
    }

    /// Whether the last line has its end.
    fn is_ended(&self) -> bool {
        self.end().ends_with(b"\n")
    }

    /// Whether a shell would take the next line for a part of this one, because of a backslash at its end.
    fn continues(&self) -> bool {
        let line: &[u8] = match self {
            Self::Other(other) if !other.text.trim_ascii_start().starts_with(b"#") => &other.text,
            _ => return false,
        };
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
    }
}
