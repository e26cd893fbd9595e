//! A child process, from its start to its end.
//!
//! It runs in its own process group, so that Ctrl-C at the terminal reaches cfmint and not the program that is
//! just taking a secret. At its time limit the whole group is ended, and nobody waits for a grandchild that keeps a
//! pipe open.
//!
//! A child with our own streams is another matter: it is the command that a person runs through us. Keys at the terminal
//! reach it, it may ask there, and what asks this process to end is passed on to it.
//!
//! One that is run for its own sake ([`ProcessGroup::OfCommand`]) shares our group where we are in the foreground of a
//! terminal, so that keys and job control work as without us. Elsewhere it has a group of its own, and every signal that
//! we get goes to all of that.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp};
use rustix::termios::tcgetpgrp;
use zeroize::Zeroizing;

use super::mask::Mask;
use super::pipes::{ChildOutput, Pipes};
use super::start::start;
use super::uptime::uptime;
use super::watchdog::Watchdog;
use super::{INTERRUPT, INTERRUPTS};

/// The variables a bootstrap may come from. No child process may see them: they are among its
/// [`hidden`](Child::hidden) ones.
pub const BOOTSTRAP_VARIABLES: [&str; 3] =
    ["CLOUDFLARE_BOOTSTRAP_TOKEN", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_KEY"];

/// A child process to run.
#[derive(Clone, Copy)]
pub struct Child<'a> {
    /// Program and arguments.
    pub argv: &'a [String],
    /// The executable, where it is not the one that the first argument names.
    pub program: Option<&'a Path>,
    /// Where it runs.
    pub folder: &'a Path,
    /// What it reads on standard input; nothing if empty.
    pub input: &'a [u8],
    /// Variables it gets beyond this process's own.
    pub variables: &'a [(&'a str, String)],
    /// The same for what must never be seen: they come after the others, and go to no child but a command that was given
    /// a token of its own.
    pub secrets: &'a [(String, Zeroizing<String>)],
    /// Variables of this process that it must not see.
    pub hidden: &'a [&'a str],
    /// Where its output goes.
    pub output: ChildOutput,
    /// How long it may run before its group is killed; it is asked to end a little before.
    pub time_limit: Option<Duration>,
    /// The process group it runs in.
    pub group: ProcessGroup,
    /// A locked file that it inherits, so that the lock is held as long as it runs, even if this process is killed.
    /// With a time limit, a watchdog then sees to that. Not for programs that leave something running on purpose.
    pub lock: Option<&'a File>,
}

impl<'a> Child<'a> {
    /// A program that reads nothing and whose output is captured, in its own group, without a time limit.
    #[must_use]
    pub fn new(argv: &'a [String], folder: &'a Path) -> Self {
        Self {
            argv,
            program: None,
            folder,
            input: &[],
            variables: &[],
            secrets: &[],
            hidden: &[],
            output: ChildOutput::Captured,
            time_limit: None,
            group: ProcessGroup::Own,
            lock: None,
        }
    }
}

/// The process group of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessGroup {
    /// One of its own: keys at the terminal do not reach it, and it cannot ask there.
    Own,
    /// Ours: it may ask at the terminal, and Ctrl-C ends it.
    Shared,
    /// Ours in the foreground of a terminal, else one of its own, to which every signal that we get is passed on.
    OfCommand,
}

impl ProcessGroup {
    /// What it comes to here.
    #[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
    fn here(self) -> Self {
        if self != Self::OfCommand {
            return self;
        }
        // No controlling terminal, no keys; and keys reach the group in the foreground alone.
        let foreground = File::open("/dev/tty").ok().and_then(|terminal| tcgetpgrp(terminal).ok());
        if foreground == Some(getpgrp()) { Self::Shared } else { Self::Own }
    }
}

/// How a child process ended.
pub struct Finished {
    /// Its exit code; `None` if a signal or the time limit ended it.
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Its standard output, if captured. May hold a secret: wiped when dropped.
    pub output: Zeroizing<Vec<u8>>,
    /// Its standard error, if captured.
    pub errors: Vec<u8>,
    /// Whether it was killed at its time limit.
    pub timed_out: bool,
}

/// How long a pass over the pipes waits, first and at length.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));
/// How long a group has to end by itself once it is asked to, at the most; a part of its time limit.
const GRACE: Duration = Duration::from_secs(2);
/// How long is read from what a program left running in the background, once it has ended itself.
const LINGER: Duration = Duration::from_millis(500);

/// Why a process ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// By itself, or somebody else killed it.
    Own,
    /// It was ended at its limit.
    Limit,
    /// It could not be attended to any more, and was killed.
    Lost,
}

impl Child<'_> {
    /// Runs it to its end, with stars over what the mask covers in the output that is passed on. An error means that it
    /// did not start.
    pub(super) fn run(&self, mask: &Mask) -> io::Result<Finished> {
        Child { group: self.group.here(), ..*self }.run_here(mask)
    }

    fn run_here(&self, mask: &Mask) -> io::Result<Finished> {
        let mut process = self.spawn()?;
        let group = Pid::from_child(&process);
        let watchdog = match (self.lock, self.time_limit) {
            // Without a watchdog the limit is only ours to see to.
            (Some(_), Some(limit)) => Watchdog::start(group, limit).ok(),
            _ => None,
        };
        let served = self.serve(&mut process, group, mask);
        if !served.as_ref().is_ok_and(|(_, end)| *end == End::Own) {
            self.signal(group, Signal::KILL);
        }
        // Only now is the number of the group free for others.
        let status = process.wait();
        if let Some(watchdog) = watchdog {
            watchdog.end(group);
        }
        // A program that nobody can attend to may have done anything: it counts as killed, as it is.
        let (pipes, end) = match served {
            Ok((pipes, end)) => (Some(pipes), end),
            Err(_) => (None, End::Lost),
        };
        let status = status.ok();
        let code = status.and_then(|status| status.code()).filter(|_| end == End::Own);
        let signal = status.and_then(|status| status.signal());
        let (output, errors) = pipes.map(Pipes::into_captured).unwrap_or_default();
        Ok(Finished { code, signal, output, errors, timed_out: end == End::Limit })
    }

    /// Serves a process that was started until it ends.
    fn serve<'m>(
        &'m self,
        process: &mut std::process::Child,
        group: Pid,
        mask: &'m Mask,
    ) -> io::Result<(Pipes<'m>, End)> {
        let mut pipes = Pipes::of(process, self.input, self.output, mask)?;
        let end = self.attend(group, &mut pipes)?;
        pipes.drain(LINGER, PAUSE.1)?;
        Ok((pipes, end))
    }

    #[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
    fn spawn(&self) -> io::Result<std::process::Child> {
        let Some((name, arguments)) = self.argv.split_first() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no program is named"));
        };
        let mut command = match self.program {
            Some(program) => Command::new(program),
            None => Command::new(name),
        };
        command.args(arguments).current_dir(self.folder);
        for name in self.hidden {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.envs(self.secrets.iter().map(|(name, value)| (name, value.as_str())));
        let [input, output, errors] = self.streams()?;
        command.stdin(input).stdout(output).stderr(errors);
        if self.group == ProcessGroup::Own {
            command.process_group(0);
        }
        start(&mut command, self.lock)
    }

    /// What it has for standard input, standard output and standard error.
    fn streams(&self) -> io::Result<[Stdio; 3]> {
        let input = match self.output {
            output if output.is_inherited() && self.input.is_empty() => Stdio::inherit(),
            _ if self.input.is_empty() => Stdio::null(),
            _ => Stdio::piped(),
        };
        Ok(match self.output {
            ChildOutput::Inherited => [input, Stdio::inherit(), Stdio::inherit()],
            ChildOutput::InheritedBesideResult => {
                [input, io::stderr().as_fd().try_clone_to_owned()?.into(), Stdio::inherit()]
            }
            ChildOutput::Captured | ChildOutput::ToStandardError => [input, Stdio::piped(), Stdio::piped()],
        })
    }

    /// Serves the pipes until the program has ended, by itself or because its limit was reached. Signals are
    /// passed on to a program with our streams.
    fn attend(&self, group: Pid, pipes: &mut Pipes<'_>) -> io::Result<End> {
        let begin = uptime();
        let stages = self.time_limit.map(|limit| (limit.saturating_sub(GRACE.min(limit / 4)), limit));
        let (mut asked, mut killed, mut heard) = (false, false, 0);
        let mut pause = PAUSE.0;
        while !has_ended(group)? {
            let moved = pipes.serve(pause)?;
            pause = if moved { PAUSE.0 } else { (pause * 2).min(PAUSE.1) };
            let count = INTERRUPTS.load(Ordering::SeqCst);
            if self.output.is_inherited() && count != heard {
                heard = count;
                if let Some(signal) = self.passed_on() {
                    self.signal(group, signal);
                }
            }
            let Some((ask, limit)) = stages else { continue };
            let passed = uptime().saturating_sub(begin);
            if passed >= ask && !asked {
                self.signal(group, Signal::TERM);
                asked = true;
            }
            if passed >= limit && !killed {
                self.signal(group, Signal::KILL);
                killed = true;
            }
        }
        Ok(if asked { End::Limit } else { End::Own })
    }

    /// Sends a signal to the group, where it is the child's own.
    fn signal(&self, group: Pid, signal: Signal) {
        // It fails where nobody is left, and then there is nothing to do.
        match self.group {
            ProcessGroup::Own => rustix::process::kill_process_group(group, signal).ok(),
            ProcessGroup::Shared | ProcessGroup::OfCommand => {
                rustix::process::kill_process(group, signal).ok()
            }
        };
    }

    /// The signal that somebody sent to this process and not to its child: Ctrl-C at the terminal reaches all of a group.
    fn passed_on(&self) -> Option<Signal> {
        match INTERRUPT.load(Ordering::SeqCst) {
            130 if self.group == ProcessGroup::Own => Some(Signal::INT),
            143 => Some(Signal::TERM),
            129 => Some(Signal::HUP),
            _ => None,
        }
    }
}

/// Whether a child has ended; it keeps its number until somebody waits for it.
fn has_ended(child: Pid) -> io::Result<bool> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(rustix::process::waitid(WaitId::Pid(child), options)?.is_some())
}
