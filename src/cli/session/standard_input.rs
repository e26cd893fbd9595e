//! The whole of standard input as text, such as another program's output.

use std::io;

use crate::world::World;

/// Reads it to its end; longer than so many bytes is an error of kind `FileTooLarge`.
pub(in crate::cli) fn standard_input(world: &dyn World, longest: u64) -> io::Result<String> {
    let mut text = String::new();
    while let Some(line) = world.read_line()? {
        if (text.len() + line.len()) as u64 > longest {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}
