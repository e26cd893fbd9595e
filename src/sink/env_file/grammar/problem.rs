//! Why an env file, or one variable in it, is left alone: a line and what to write instead, never a value.

/// Why a file's content cannot be edited safely.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Something begins that goes on to the end of the file: a quote, a command's brackets, a here-document.
    #[error(
        "line {line} opens `{opening}`, which is never closed: close it, or put the whole value in quotes"
    )]
    Unclosed {
        /// The line, from 1.
        line: usize,
        /// What is open.
        opening: &'static str,
    },
    /// To a shell a quote is closed where other programs see one that is escaped, and go on to another.
    #[error(
        "line {line} has a backslash before the closing quote ({quote}), and some programs read further \
         there: remove it"
    )]
    EscapedQuote {
        /// The line, from 1.
        line: usize,
        /// The quote.
        quote: char,
    },
    /// The last line ends in a backslash and has no line end: no line can be added that leaves it as it is.
    #[error("line {line} ends the file in a backslash: put the value in single quotes, or end the line")]
    LastBackslash {
        /// The line, from 1.
        line: usize,
    },
    /// A carriage return stands alone: to some programs a line ends there.
    #[error("line {line} has a carriage return without a line feed: remove it")]
    LoneReturn {
        /// The line, from 1.
        line: usize,
    },
    /// A line separator of Unicode (U+2028, U+2029): to programs in JavaScript a line ends there.
    #[error("line {line} has an invisible line separator (U+2028 or U+2029): remove it")]
    LineSeparator {
        /// The line, from 1.
        line: usize,
    },
    /// A byte order mark stands where a line begins that is not the first: to some programs it is white space, to
    /// others a part of the name.
    #[error("line {line} begins with a byte order mark, as when two files were joined: remove it")]
    LateMark {
        /// The line, from 1.
        line: usize,
    },
    /// The file is no text of single bytes: it holds NUL, as UTF-16 does.
    #[error("line {line} has a NUL byte, as in UTF-16: save the file as UTF-8")]
    NotText {
        /// The line, from 1.
        line: usize,
    },
    /// A variable is defined in a way that programs read differently. Only who asks for it is refused.
    #[error("line {line}: `{name}` {unfit}")]
    Variable {
        /// The line, from 1.
        line: usize,
        /// The variable.
        name: String,
        /// What is unfit.
        unfit: Unfit,
    },
}

impl DocumentError {
    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        match self {
            Self::Unclosed { line, .. }
            | Self::EscapedQuote { line, .. }
            | Self::LastBackslash { line }
            | Self::LoneReturn { line }
            | Self::LineSeparator { line }
            | Self::LateMark { line }
            | Self::NotText { line }
            | Self::Variable { line, .. } => *line,
        }
    }
}

/// What programs read differently about a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// `A=1 B=2`, `A=1; export A`, `A=two words`: a value to some programs, several commands to a shell.
    #[error("has more text after its value: put the whole value in quotes, or put the rest on its own line")]
    MoreFollows,
    /// `A=x"y"`, `A=$'x'`: a shell takes the quotes away, other programs keep them.
    #[error("has quotes within its value: put the whole value in one pair of quotes")]
    InnerQuotes,
    /// `A=x\y`: a shell takes the backslash away.
    #[error("has a backslash in its value: put the value in single quotes")]
    Backslash,
    /// A backslash at the end of a line.
    #[error("continues after a backslash at the end of a line: write it on one line")]
    Continued,
    /// `A=x#y`: a comment to some programs.
    #[error(
        "has `#` in its value: if a comment follows, put a space before it; otherwise put the value \
        in quotes"
    )]
    CommentSign,
    /// A no-break space and its like.
    #[error(
        "has a special white space in its value, such as a no-break space: remove it, or put the value in \
         quotes"
    )]
    OddSpace,
    /// `A=(…)`, or a command over several lines.
    #[error("is a list or a command over several lines: give it one value on one line")]
    ManyLines,
    /// `A:` with nothing behind it, or no space.
    #[error("has a colon without a space and a value after it: write `=` instead")]
    Colon,
    /// `A=`, and the next line begins with a quote.
    #[error(
        "is empty, and the next line begins with a quote, which some programs take for its value: write '' for it"
    )]
    QuoteBelow,
    /// It stands in the text of a here-document.
    #[error("is in a here-document: give it its own line outside")]
    HereDocument,
    /// It stands between quotes of something else, where not all programs see quotes.
    #[error("is inside the quotes of another value or command: give it its own line outside")]
    Quoted,
    /// `declare -x A=…`, `unset A`, `A+=…`, an `if`: anything but a plain definition on its own line.
    #[error("is named in a command: define it on its own line, outside of blocks, as in `export NAME=value`")]
    Command,
}
