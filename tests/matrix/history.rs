//! What each sink held, and until when: a consumer may have read any of it, and holds it until it reads again.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

/// A place where a secret stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The name of the token whose secret it holds.
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) form: Form,
}

/// How a value stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The file is the value.
    Whole,
    /// A variable of an env file.
    Variable(&'static str),
    /// A key of a JSON file.
    Key(&'static str),
}

impl Spot {
    /// The value that stands there now.
    pub(crate) fn value(&self) -> Option<String> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        let value = match self.form {
            Form::Whole => text.trim_end().to_owned(),
            Form::Key(key) => {
                let object: serde_json::Value = serde_json::from_str(&text).ok()?;
                object.get(key)?.as_str()?.to_owned()
            }
            Form::Variable(variable) => {
                let line = text.lines().find_map(|line| line.strip_prefix(variable)?.strip_prefix('='));
                line?.to_owned()
            }
        };
        (!value.is_empty()).then_some(value)
    }
}

/// A value that stood, or stands, somewhere.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) spot: usize,
    pub(crate) value: String,
    /// When it was replaced; `None` while it stands.
    pub(crate) until: Option<DateTime<Utc>>,
    /// Whether a command was told to end it, so that who read it has no claim.
    pub(crate) is_given_up: bool,
}

/// All that stood in the sinks.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) spots: Vec<Spot>,
    pub(crate) held: Vec<Held>,
}

impl History {
    /// Notes what stands in the sinks now.
    pub(crate) fn observe(&mut self, now: DateTime<Utc>) {
        for (number, spot) in self.spots.iter().enumerate() {
            let value = spot.value();
            let standing = self.held.iter_mut().find(|held| held.spot == number && held.until.is_none());
            if standing.as_ref().map(|held| &held.value) == value.as_ref() {
                continue;
            }
            if let Some(held) = standing {
                held.until = Some(now);
            }
            // A value that is put back is no newer than it was.
            let is_given_up = |value: &String| {
                self.held.iter().any(|held| held.spot == number && held.value == *value && held.is_given_up)
            };
            let held = value.map(|value| Held {
                spot: number,
                is_given_up: is_given_up(&value),
                value,
                until: None,
            });
            self.held.extend(held);
        }
    }

    /// A command was told to end what the sinks held so far.
    pub(crate) fn give_up(&mut self) {
        self.held.iter_mut().for_each(|held| held.is_given_up = true);
    }
}
