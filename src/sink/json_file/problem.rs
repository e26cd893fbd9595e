//! Why a JSON file is left alone: a line and what is wrong there, never a value.

/// Why a JSON file cannot be edited safely.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonProblem {
    /// It is no UTF-8.
    #[error("it is no text in UTF-8")]
    NoText,
    /// It is no JSON, even with comments.
    #[error("line {line} is not JSON")]
    NoJson {
        /// The line, from 1.
        line: usize,
    },
    /// Something else than an object stands where a name is to be found.
    #[error("`{name}` leads into what line {line} has, which is not an object")]
    NoObject {
        /// The line, from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// A value is a number, a list or another thing that is no text.
    #[error("line {line} has something else than a text as `{name}`")]
    NoString {
        /// The line, from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// An edit did not lead to what was meant, so it was not made.
    #[error("`{name}` cannot be edited without changing something else")]
    NotEdited {
        /// The name.
        name: String,
    },
}
