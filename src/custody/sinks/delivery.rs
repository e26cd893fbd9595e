//! A secret into the sinks, out of them again, and back to what stood there before.

use super::Located;
use super::places::SecretPlace;
use crate::profile::SinkValue;
use crate::sink::{COMMAND_LIMIT, Document, EnvFile, Limits, Replaced, SinkError, Staging, Values};
use crate::world::World;

/// A sink that is to be written, and the places in it as the run found them.
pub(in crate::custody) struct Target<'a> {
    pub(in crate::custody) located: &'a Located,
    pub(in crate::custody) places: Vec<&'a SecretPlace>,
}

impl Target<'_> {
    /// Refuses a file in which somebody put another value where a secret stands, since the run looked: nobody
    /// asked whose it is. `after` is what the file is about to hold.
    fn judge(&self, now: &Document, after: Option<&Document>) -> Result<(), SinkError> {
        match self.places.iter().find(|place| place.is_changed(now, after)) {
            Some(place) => Err(SinkError::ChangedMeanwhile { shown: place.shown.clone() }),
            None => Ok(()),
        }
    }
}

/// Asks whether the places of these sinks are still as the run found them.
pub(in crate::custody) fn look_again(world: &dyn World, targets: &[Target<'_>]) -> Result<(), SinkError> {
    targets.iter().try_for_each(|target| match target.located {
        Located::EnvFile { file, .. } => target.judge(&file.read(world)?, None),
        Located::Command { .. } => Ok(()),
    })
}

/// What a delivery did to one sink.
pub struct Written {
    /// What a person calls the sink.
    pub shown: String,
    /// How the file was replaced; `None` for a program.
    pub replaced: Option<Replaced>,
}

/// A delivery that reached every sink.
pub(in crate::custody) struct Delivery {
    /// What was done to each.
    pub(in crate::custody) written: Vec<Written>,
    /// What stood there before, to be put back if the secret does not work.
    pub(in crate::custody) previous: Vec<Previous>,
}

/// A delivery that did not reach every sink.
pub(in crate::custody) struct Undelivered {
    /// Why.
    pub(in crate::custody) error: SinkError,
    /// What stood in the files that were already written, to be put back.
    pub(in crate::custody) previous: Vec<Previous>,
    /// Whether a program was given the secret: that cannot be put back.
    pub(in crate::custody) started: Started,
}

/// Whether a program was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::custody) enum Started {
    /// None was.
    No,
    /// One was, whatever it did.
    Yes,
}

/// What a file held before a delivery.
pub(in crate::custody) struct Previous {
    file: EnvFile,
    /// The variables that were written.
    variables: Vec<String>,
    before: Document,
    after: Document,
    /// Whether there was no file.
    absent: bool,
}

/// Delivers to these sinks, in order. Programs come last: what they were given cannot be taken back.
pub(in crate::custody) fn deliver(
    world: &dyn World,
    stage: &Staging,
    targets: &[Target<'_>],
    values: &Values<'_>,
) -> Result<Delivery, Undelivered> {
    let mut written = Vec::new();
    let mut previous = Vec::new();
    let mut started = Started::No;
    let (files, programs): (Vec<&Target<'_>>, Vec<&Target<'_>>) =
        targets.iter().partition(|target| matches!(target.located, Located::EnvFile { .. }));
    for target in files.into_iter().chain(programs) {
        let sink = target.located;
        let outcome = match sink {
            Located::EnvFile { file, variables } => {
                write_file(world, stage, target, (file, variables), values).map(|(replaced, held)| {
                    previous.push(held);
                    Some(replaced)
                })
            }
            Located::Command { command, input } => values
                .of(*input)
                .and_then(|input| {
                    let limits = Limits { time: COMMAND_LIMIT, lock: None, hide: &[] };
                    command.deliver(world, &input, &limits).map_err(|not_written| not_written.error)
                })
                .map(|()| {
                    started = Started::Yes;
                    None
                }),
        };
        match outcome {
            Ok(replaced) => written.push(Written { shown: sink.shown(), replaced }),
            Err(error) => {
                let never_ran = matches!(
                    error,
                    SinkError::NoProgram { .. } | SinkError::CommandNotStarted { .. } | SinkError::Value(_)
                );
                if matches!(sink, Located::Command { .. }) && !never_ran {
                    started = Started::Yes;
                }
                return Err(Undelivered { error, previous, started });
            }
        }
    }
    Ok(Delivery { written, previous })
}

fn write_file(
    world: &dyn World,
    stage: &Staging,
    target: &Target<'_>,
    (file, variables): (&EnvFile, &[(String, SinkValue)]),
    values: &Values<'_>,
) -> Result<(Replaced, Previous), SinkError> {
    let mut before = file.read(world)?;
    let mut after = before.clone();
    let replaced = file.replace(world, stage, &mut |document: &mut Document| {
        before = document.clone();
        for (name, value) in variables {
            document.set(name, values.of(*value)?.expose())?;
        }
        after = document.clone();
        target.judge(&before, Some(&after))
    })?;
    let variables = variables.iter().map(|(name, _)| name.clone()).collect();
    let previous = Previous { file: file.clone(), variables, before, after, absent: replaced.created };
    Ok((replaced, previous))
}

/// Puts back what files held before a delivery that was undone: all of it, or, in a file that someone else wrote
/// to meanwhile, the variables.
pub(in crate::custody) fn put_back(
    world: &dyn World,
    stage: &Staging,
    previous: &[Previous],
) -> Result<(), SinkError> {
    // Backwards, so that a file written twice ends as it began.
    for Previous { file, variables, before, after, absent } in previous.iter().rev() {
        file.replace(world, stage, &mut |document: &mut Document| {
            if document.to_bytes() == after.to_bytes() {
                *document = before.clone();
                return Ok(());
            }
            for name in variables {
                let is_ours = document.value(name).map(|now| now.expose().to_owned())
                    == after.value(name).map(|ours| ours.expose().to_owned());
                match before.value(name) {
                    // What somebody put there meanwhile is theirs.
                    _ if !is_ours => {}
                    Some(value) => document.set(name, value.expose())?,
                    None => document.remove(name).map_err(|problem| SinkError::Unreadable {
                        shown: file.shown().to_owned(),
                        problem,
                    })?,
                }
            }
            Ok(())
        })?;
        if *absent {
            file.remove_if_empty(world)?;
        }
    }
    Ok(())
}

/// Whether a value means nothing once its token is dead. Ids of accounts and zones stay true.
pub(in crate::custody) fn dies_with_token(value: SinkValue) -> bool {
    match value {
        SinkValue::Token
        | SinkValue::TokenId
        | SinkValue::ExpiresOn
        | SinkValue::R2AccessKeyId
        | SinkValue::R2SecretAccessKey => true,
        SinkValue::AccountId | SinkValue::ZoneId | SinkValue::R2Endpoint => false,
    }
}

/// Takes what died with a token out of a sink; returns the variables that went. What somebody put there since the
/// run looked stays.
pub(in crate::custody) fn clear(
    world: &dyn World,
    stage: &Staging,
    target: &Target<'_>,
) -> Result<Vec<String>, SinkError> {
    let Located::EnvFile { file, variables } = target.located else { return Ok(Vec::new()) };
    let document = file.read(world)?;
    let dead: Vec<String> = variables
        .iter()
        .filter(|(name, value)| dies_with_token(*value) && document.value(name).is_some())
        .map(|(name, _)| name.clone())
        .collect();
    let cleared = file.replace(world, stage, &mut |document: &mut Document| {
        target.judge(document, None)?;
        for name in &dead {
            document
                .remove(name)
                .map_err(|problem| SinkError::Unreadable { shown: file.shown().to_owned(), problem })?;
        }
        Ok(())
    });
    match cleared {
        Ok(_) => Ok(dead),
        Err(SinkError::ChangedMeanwhile { shown }) => {
            tracing::warn!("{shown} was changed by somebody else meanwhile, and stays as it is");
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}
