//! Runs whole commands inside the test's own process.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use cfmint::cli::{Screen, run};
use cfmint::world::World;

use super::{Ran, TestWorld};

/// A stream that a test can read.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs a command, written as on a command line without quotes.
pub async fn cfmint(world: &Arc<TestWorld>, command: &str) -> Ran {
    cfmint_on(None, world, command).await
}

/// Runs a command on a terminal that is so many columns wide, if it is on one.
pub async fn cfmint_on(width: Option<u16>, world: &Arc<TestWorld>, command: &str) -> Ran {
    let (out, err) = (Paper::default(), Paper::default());
    let plain = anstream::StripStream::new(Box::new(err.clone()) as Box<dyn Write + Send>);
    let screen = Screen::new(Box::new(out.clone()), Box::new(plain));
    let mut screen = match width {
        Some(width) => screen.on_terminal(width),
        None => screen,
    };
    let arguments = ["cfmint"].into_iter().chain(command.split_whitespace()).map(Into::into).collect();
    let code = run(arguments, Arc::clone(world) as Arc<dyn World>, &mut screen).await;
    Ran { code, out: out.text(), err: err.text() }
}
