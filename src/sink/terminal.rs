//! A secret -> the screen of the person who asked to see it, and nowhere else.
//!
//! Only on a terminal: what goes into a file or a pipe would be kept where nobody guards it. What was shown cannot be
//! taken back, and nobody can ask whether it was written down.

use std::time::Duration;

use zeroize::Zeroizing;

use super::contract::{Limits, NotWritten, Sink, SinkReading, SinkRecord, Undo, WriteReceipt};
use super::{SecretFile, SinkError, Staging, Values};
use crate::profile::SinkValue;
use crate::world::World;

/// What a person calls it.
const SHOWN: &str = "this terminal";

/// The screen.
pub(super) struct TerminalSink {
    /// The name of the token, which tells one secret from another.
    name: String,
}

impl TerminalSink {
    /// Shows the secret of the token of this name.
    pub(super) fn new(name: String) -> Self {
        Self { name }
    }
}

impl Sink for TerminalSink {
    fn shown(&self) -> &str {
        SHOWN
    }

    fn record(&self) -> SinkRecord {
        SinkRecord { kind: "terminal", path: SHOWN.to_owned(), variables: Vec::new() }
    }

    fn values(&self) -> Vec<SinkValue> {
        vec![SinkValue::Token]
    }

    fn file(&self) -> Option<&SecretFile> {
        None
    }

    fn claims(&self) -> Vec<(String, SinkValue)> {
        Vec::new()
    }

    fn is_opaque(&self) -> bool {
        true
    }

    fn prints(&self) -> bool {
        true
    }

    fn time_limit(&self) -> Duration {
        Duration::ZERO
    }

    fn prove(&self, world: &dyn World, _: &Staging, _: &Values<'_>) -> Result<(), SinkError> {
        self.check(world)
    }

    fn check(&self, world: &dyn World) -> Result<(), SinkError> {
        if world.has_screen() { Ok(()) } else { Err(SinkError::NoTerminal) }
    }

    fn read(&self, _: &dyn World) -> Result<SinkReading, SinkError> {
        Ok(SinkReading::Opaque)
    }

    fn write(
        &self,
        world: &dyn World,
        _: &Staging,
        values: &Values<'_>,
        _: &SinkReading,
        _: &Limits<'_>,
    ) -> Result<WriteReceipt, NotWritten> {
        self.check(world).map_err(NotWritten::untouched)?;
        let secret = values.of(SinkValue::Token).map_err(NotWritten::untouched)?;
        let line = Zeroizing::new([&*self.name, ": ", secret.expose()].concat());
        let failed = |source| SinkError::Refused { doing: "write to", path: "/dev/stdout".into(), source };
        world.show(&line).map_err(|source| NotWritten::perhaps(failed(source)))?;
        let undo = Undo::Opaque;
        Ok(WriteReceipt { shown: SHOWN.to_owned(), variables: Vec::new(), tightened: None, undo })
    }

    fn restore(&self, _: &dyn World, _: &Staging, _: &WriteReceipt) -> Result<(), SinkError> {
        Err(SinkError::NotRestorable { program: SHOWN.to_owned() })
    }

    fn clear(&self, _: &dyn World, _: &Staging, _: &SinkReading) -> Result<Vec<String>, SinkError> {
        Ok(Vec::new())
    }
}
