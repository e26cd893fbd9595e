//! The one object all output goes through: results to standard output, everything else to standard error.
//!
//! Text is written with styles; the streams strip them where nobody sees colours. Text from servers and files
//! cannot steer the terminal: control characters are replaced on the way out. A reader that closed its end
//! stops no work, and what cannot be said is no error; only a result that is cut off is one.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::cli::options::Color;
use crate::text::{lines, one_line_of};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Only what went wrong.
    Quiet,
    /// What was done.
    Normal,
}

/// Where output goes.
pub struct Screen {
    out: Box<dyn Write + Send>,
    err: Shared,
    verbosity: Verbosity,
    width: Option<u16>,
    cut_off: Option<io::Error>,
    /// Whether the streams are those of this process.
    is_standard: bool,
    /// Whether standard error is a terminal, on which progress is shown.
    is_watched: bool,
}

/// A stream that both the screen and the log write to, with a progress bar below while there is one.
#[derive(Clone)]
pub(in crate::cli) struct Shared(Arc<Mutex<Stream>>);

struct Stream {
    writer: Box<dyn Write + Send>,
    progress: Option<ProgressBar>,
}

impl Shared {
    fn new(writer: Box<dyn Write + Send>) -> Self {
        Self(Arc::new(Mutex::new(Stream { writer, progress: None })))
    }

    fn stream(&self) -> MutexGuard<'_, Stream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Stream { writer, progress } = &mut *self.stream();
        match progress {
            Some(bar) => bar.suspend(|| writer.write(bytes)),
            None => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream().writer.flush()
    }
}

const VERB: Style = AnsiColor::Green.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const STRONG: Style = Style::new().bold();

/// How long a message is at the most, in characters.
const LONGEST_MESSAGE: usize = 4_000;

/// How wide the column of verbs is.
const VERB_WIDTH: usize = 12;

/// How the log is written: as the lines beside it, the level in place of the verb.
pub(in crate::cli) struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let (style, verb) = match *event.metadata().level() {
            Level::ERROR => (ERROR, "Error"),
            Level::WARN => (WARNING, "Warning"),
            Level::INFO => (NOTE, "Info"),
            Level::DEBUG | Level::TRACE => (STRONG, "Debug"),
        };
        write!(writer, "{style}{verb:>VERB_WIDTH$}{style:#} ")?;
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

impl Screen {
    /// The streams of this process, coloured where they are terminals that want it.
    #[must_use]
    pub fn standard() -> Self {
        let width = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col);
        // A terminal that does not know its width says 0.
        Self {
            width: width.filter(|width| *width > 0),
            is_standard: true,
            is_watched: io::stderr().is_terminal(),
            ..Self::new(Box::new(anstream::stdout()), Box::new(anstream::stderr()))
        }
    }

    /// Any two streams, for tests; they should strip styles.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self {
            out,
            err: Shared::new(err),
            verbosity: Verbosity::Normal,
            width: None,
            cut_off: None,
            is_standard: false,
            is_watched: false,
        }
    }

    /// Colours the streams of this process as they are asked to be; others are as their makers want them.
    pub(in crate::cli) fn set_color(&mut self, color: Color) {
        let choice = match color {
            Color::Auto => return,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        if self.is_standard {
            self.out = Box::new(AutoStream::new(io::stdout(), choice));
            let err = AutoStream::new(io::stderr(), choice);
            self.err.stream().writer = Box::new(err);
        }
    }

    /// The same, on a terminal that is so many columns wide.
    #[must_use]
    pub fn on_terminal(self, width: u16) -> Self {
        Self { width: Some(width), ..self }
    }

    /// How many columns the terminal of standard output has, if it is one.
    pub(in crate::cli) fn width(&self) -> Option<u16> {
        self.width
    }

    /// Where the log of a run goes: to standard error, line by line.
    pub(in crate::cli) fn log(&self) -> impl Fn() -> Shared + Send + Sync + use<> {
        let err = self.err.clone();
        move || err.clone()
    }

    /// Says less, or not.
    pub fn set_verbosity(&mut self, verbosity: Verbosity) {
        self.verbosity = verbosity;
    }

    /// Whether only what went wrong is said.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    /// Shows no progress in this run: programs and secrets write to the terminal themselves.
    pub(in crate::cli) fn leave_to_others(&mut self) {
        self.is_watched = false;
    }

    /// Shows on a terminal how many of so many are done, below all other lines, until [`end_progress`](Self::end_progress).
    pub(in crate::cli) fn begin_progress(&mut self, all: usize, noun: &str) {
        if !self.is_watched || self.is_quiet() {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(all as u64), ProgressDrawTarget::stderr());
        let template = format!("{:>VERB_WIDTH$}  {{bar:24}} {{pos}} of {{len}} {noun}", "");
        let style = ProgressStyle::with_template(&template);
        self.err.stream().progress = style.ok().map(|style| bar.with_style(style));
    }

    /// One more is done.
    pub(in crate::cli) fn advance(&mut self) {
        if let Some(bar) = &self.err.stream().progress {
            bar.inc(1);
        }
    }

    /// Takes the progress away.
    pub(in crate::cli) fn end_progress(&mut self) {
        if let Some(bar) = self.err.stream().progress.take() {
            bar.finish_and_clear();
        }
    }

    /// A result: to standard output, as it is.
    pub fn result(&mut self, text: &str) {
        let written = write!(self.out, "{}", lines(text)).and_then(|()| self.out.flush());
        // A reader that has seen enough closes its end.
        let is_cut_off = |error: &io::Error| error.kind() != io::ErrorKind::BrokenPipe;
        self.cut_off = self.cut_off.take().or_else(|| written.err().filter(is_cut_off));
    }

    /// Why a result did not reach standard output whole, if it did not: a full disk, for one.
    pub(in crate::cli) fn cut_off(&mut self) -> Option<io::Error> {
        self.cut_off.take()
    }

    /// Help that was asked for: to standard output, with its own styles.
    pub fn help(&mut self, text: &str) {
        write!(self.out, "{text}").ok();
    }

    /// Something done: the verb in front, right-aligned.
    pub fn done(&mut self, verb: &str, text: &str) {
        self.line(VERB, verb, text);
    }

    /// Something worth knowing.
    pub fn note(&mut self, text: &str) {
        self.line(NOTE, "Note", text);
    }

    /// Something that is likely not wanted.
    pub fn warn(&mut self, text: &str) {
        self.line(WARNING, "Warning", text);
    }

    /// Something that went wrong without this run's doing, so that it did its work: said in quiet runs too.
    pub fn alarm(&mut self, text: &str) {
        self.write_line(WARNING, "Warning", text);
    }

    /// Something that did not work; the error with what to do comes at the end.
    pub fn failed(&mut self, text: &str) {
        self.line(ERROR, "Failed", text);
    }

    fn line(&mut self, style: Style, verb: &str, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.write_line(style, verb, text);
        }
    }

    fn write_line(&mut self, style: Style, verb: &str, text: &str) {
        // In one piece, since a progress bar makes way for each.
        let line = format!("{style}{verb:>VERB_WIDTH$}{style:#} {}\n", message(text));
        self.err.write_all(line.as_bytes()).ok();
    }

    /// A question on the terminal; the answer is typed behind it.
    pub fn ask(&mut self, text: &str) {
        write!(self.err, "{STRONG}{}{STRONG:#} ", message(text)).ok();
        self.err.flush().ok();
    }

    /// Text that brings its own styles and was made harmless where it was made, such as a rendered snippet.
    pub fn rendered(&mut self, text: &str) {
        writeln!(self.err, "{text}").ok();
    }

    /// What went wrong, and what to do about it.
    pub fn error(&mut self, code: &str, text: &str, hint: &str) {
        writeln!(self.err, "{ERROR}error[{code}]{ERROR:#}{STRONG}: {}{STRONG:#}", message(text)).ok();
        for (index, line) in hint.lines().enumerate() {
            let lead = if index == 0 { "  help: " } else { "        " };
            writeln!(self.err, "{NOTE}{lead}{NOTE:#}{}", lines(line)).ok();
        }
    }
}

/// A message as it stands in its line: what it tells of others ends no line and does not flood.
fn message(text: &str) -> String {
    one_line_of(text, LONGEST_MESSAGE)
}
