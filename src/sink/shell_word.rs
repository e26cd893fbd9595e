//! A path -> one word of a shell's command line, which a person can read and paste.

use std::fmt::Write as _;
use std::path::Path;

use crate::text::is_unseen;

/// A path as one word of a shell's command line. What is not seen is written as bytes, in the form of bash, zsh and
/// POSIX of 2024.
#[must_use]
pub fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.into_owned();
    }
    if text.chars().any(is_unseen) { escaped(&text) } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn escaped(text: &str) -> String {
    let mut word = String::from("$'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => word.extend(['\\', character]),
            unseen if is_unseen(unseen) => {
                for byte in unseen.encode_utf8(&mut [0; 4]).bytes() {
                    write!(word, "\\x{byte:02x}").ok();
                }
            }
            other => word.push(other),
        }
    }
    word + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_command_line() {
        let rows = [
            (".env", ".env"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("a\nb's \\ \u{1b}[1m\u{202e}", r"$'a\x0ab\'s \\ \x1b[1m\xe2\x80\xae'"),
        ];
        for (path, word) in rows {
            assert_eq!(shell_word(Path::new(path)), word);
        }
    }
}
