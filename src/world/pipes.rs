//! The pipes of a child: its input is fed to it, its output kept or shown, without waiting for any one of them.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::mask::{Mask, Masking};
use super::uptime::uptime;

/// The most that is kept of what a child prints; no program that is asked something says as much.
const MOST_KEPT: usize = 16 * 1024 * 1024;
/// How long the beginning of a line waits for its end: a question has none.
const PATIENCE: Duration = Duration::from_millis(100);
/// How much is set aside for it at once, since a buffer that grows leaves copies behind.
const ROOM: usize = 80 * 1024;

/// Where a child's output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildOutput {
    /// Returned in [`Finished::output`](super::Finished::output), with standard error in [`Finished::errors`](super::Finished::errors).
    Captured,
    /// Standard output and standard error to our standard error, as it comes: ours is kept for results.
    ToStandardError,
    /// The child has our own streams, standard input too: it is the command that a person runs.
    Inherited,
    /// The same, but its standard output is our standard error: ours is kept for a result.
    InheritedBesideResult,
}

impl ChildOutput {
    /// Whether the child has our own streams, so that it can be talked to as if it had been run alone.
    pub(super) fn is_inherited(self) -> bool {
        matches!(self, Self::Inherited | Self::InheritedBesideResult)
    }
}

/// What passes between us and a child.
pub(super) struct Pipes<'a> {
    input: Option<(OwnedFd, &'a [u8])>,
    output: Stream<'a>,
    errors: Stream<'a>,
}

/// One of the two ways out of a child.
struct Stream<'a> {
    /// `None` once it is at its end.
    pipe: Option<OwnedFd>,
    target: Destination<'a>,
}

enum Destination<'a> {
    Kept(Zeroizing<Vec<u8>>),
    Shown {
        masking: Masking<'a>,
        /// The beginning of a line, which waits for its end so that the other stream does not cut in.
        begun: Vec<u8>,
        /// Since when it waits.
        since: Duration,
    },
}

impl<'a> Pipes<'a> {
    /// Takes the pipes of a child that was just started.
    pub(super) fn of(
        process: &mut std::process::Child,
        input: &'a [u8],
        output: ChildOutput,
        mask: &'a Mask,
    ) -> io::Result<Self> {
        let target = || match output {
            ChildOutput::Captured => Destination::Kept(Zeroizing::new(Vec::with_capacity(ROOM))),
            ChildOutput::ToStandardError => {
                Destination::Shown { masking: mask.begin(), begun: Vec::new(), since: Duration::ZERO }
            }
            // Nothing passes through us.
            ChildOutput::Inherited | ChildOutput::InheritedBesideResult => {
                Destination::Kept(Zeroizing::default())
            }
        };
        let input = process.stdin.take().map(|pipe| (OwnedFd::from(pipe), input));
        let output = Stream { pipe: process.stdout.take().map(OwnedFd::from), target: target() };
        let errors = Stream { pipe: process.stderr.take().map(OwnedFd::from), target: target() };
        let ends = input.iter().map(|(pipe, _)| pipe);
        for pipe in ends.chain(&output.pipe).chain(&errors.pipe) {
            fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?;
        }
        Ok(Self { input, output, errors })
    }

    /// Waits for the pipes, so long at the most, and moves what there is; whether anything was moved.
    pub(super) fn serve(&mut self, longest: Duration) -> io::Result<bool> {
        let mut ready = [false; 3];
        {
            let mut waiting = Vec::with_capacity(3);
            let mut places = Vec::with_capacity(3);
            if let Some((pipe, _)) = &self.input {
                waiting.push(PollFd::new(pipe, PollFlags::OUT));
                places.push(0);
            }
            for (place, stream) in [(1, &self.output), (2, &self.errors)] {
                if let Some(pipe) = &stream.pipe {
                    waiting.push(PollFd::new(pipe, PollFlags::IN));
                    places.push(place);
                }
            }
            let longest = Timespec::try_from(longest).ok();
            match poll(&mut waiting, longest.as_ref()) {
                Ok(_) => {}
                Err(Errno::INTR) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            for (place, pipe) in places.iter().zip(&waiting) {
                if let Some(is_ready) = ready.get_mut(*place) {
                    *is_ready = !pipe.revents().is_empty();
                }
            }
        }
        let [input, output, errors] = ready;
        if input {
            self.feed();
        }
        if output {
            self.output.read();
        }
        if errors {
            self.errors.read();
        }
        self.output.hurry();
        self.errors.hurry();
        Ok(input || output || errors)
    }

    /// Reads on until the ends of the output, but not for long: what a child left running may keep a pipe for ever.
    pub(super) fn drain(&mut self, longest: Duration, pause: Duration) -> io::Result<()> {
        self.input = None;
        let begin = uptime();
        while self.output.pipe.is_some() || self.errors.pipe.is_some() {
            if uptime().saturating_sub(begin) >= longest {
                break;
            }
            self.serve(pause)?;
        }
        self.output.end();
        self.errors.end();
        Ok(())
    }

    /// What was kept of standard output and standard error.
    pub(super) fn into_captured(self) -> (Zeroizing<Vec<u8>>, Vec<u8>) {
        let kept = |stream: Stream<'_>| match stream.target {
            Destination::Kept(bytes) => bytes,
            Destination::Shown { .. } => Zeroizing::default(),
        };
        (kept(self.output), kept(self.errors).to_vec())
    }

    fn feed(&mut self) {
        let Some((pipe, rest)) = &mut self.input else { return };
        match rustix::io::write(pipe, rest) {
            Ok(written) => *rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::AGAIN | Errno::INTR) => return,
            // A child that closes its input early has said enough with its exit code.
            Err(_) => *rest = &[],
        }
        if rest.is_empty() {
            self.input = None;
        }
    }
}

impl Stream<'_> {
    fn read(&mut self) {
        let Some(pipe) = &self.pipe else { return };
        let mut buffer = Zeroizing::new([0; 8 * 1024]);
        match rustix::io::read(pipe, &mut buffer[..]) {
            Ok(read) if read > 0 => self.take(buffer.get(..read).unwrap_or_default()),
            Err(Errno::AGAIN | Errno::INTR) => {}
            // What came before a broken pipe is still what the child said.
            Ok(_) | Err(_) => self.end(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match &mut self.target {
            Destination::Kept(kept) => {
                let room = MOST_KEPT.saturating_sub(kept.len());
                kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            }
            Destination::Shown { masking, begun, since } => {
                begun.extend(masking.pass(bytes));
                *since = uptime();
                if let Some(end) = begun.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
                    let rest = begun.split_off(end + 1);
                    show(&std::mem::replace(begun, rest));
                }
            }
        }
    }

    /// Shows the beginning of a line that has waited long enough.
    fn hurry(&mut self) {
        if let Destination::Shown { begun, since, .. } = &mut self.target
            && !begun.is_empty()
            && uptime().saturating_sub(*since) >= PATIENCE
        {
            show(&std::mem::take(begun));
        }
    }

    /// Comes to the end, once.
    fn end(&mut self) {
        if self.pipe.take().is_some()
            && let Destination::Shown { masking, begun, .. } = &mut self.target
        {
            begun.extend(masking.end());
            show(&std::mem::take(begun));
        }
    }
}

/// Nothing can be done where nobody reads our standard error.
fn show(bytes: &[u8]) {
    if !bytes.is_empty() {
        io::stderr().write_all(bytes).ok();
    }
}
