//! The profiles of the year: how long their tokens live, where their secrets go, and who rotates them.

use std::path::Path;

use chrono::TimeDelta;

/// A profile of the year, in one of its environments.
pub(super) struct Token {
    /// How its live tokens are called.
    pub(super) name: &'static str,
    pub(super) life: &'static str,
    /// How many days a generation is in force.
    pub(super) every: i64,
    pub(super) overlap: TimeDelta,
    /// How long what was not put in force may live.
    pub(super) pending: TimeDelta,
    pub(super) sinks: &'static [Kind],
    pub(super) place: Place,
    /// Whether its id stays: then its old secret dies a moment before the new one is stored, and a run that is
    /// killed in that moment leaves a gap until it is run again.
    pub(super) rolls: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    EnvFile,
    /// It writes to a file that all machines share, and cannot be read back.
    Program,
}

/// Where a profile is rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Home,
    /// In one environment of a profile that two machines have.
    First,
    /// In the other, on the other machine.
    Second,
    /// On a fresh machine each time.
    Runner,
}

const DAILY: Token = Token {
    name: "daily",
    life: "ttl: 30d\nrotation: { every: 1d }",
    every: 1,
    overlap: TimeDelta::hours(1),
    pending: TimeDelta::days(5),
    sinks: &[Kind::EnvFile],
    place: Place::Home,
    rolls: false,
};

const MACHINE: Token = Token {
    name: "machine-one",
    life: "ttl: 30d\nrotation: { every: 4d }",
    every: 4,
    place: Place::First,
    ..DAILY
};

pub(super) const TOKENS: [Token; 10] = [
    DAILY,
    Token {
        name: "weekly",
        life: "ttl: 30d\nrotation: { every: 7d, overlap: 1d }",
        every: 7,
        overlap: TimeDelta::days(1),
        ..DAILY
    },
    Token {
        name: "monthly",
        life: "ttl: 90d\nrotation: { every: 30d, overlap: 3d }",
        every: 30,
        overlap: TimeDelta::days(3),
        pending: TimeDelta::days(15),
        ..DAILY
    },
    Token { name: "by-its-end", life: "ttl: 30d", every: 20, ..DAILY },
    Token {
        name: "with-hooks",
        life: "ttl: 30d\nrotation: { every: 10d, overlap: 12h }\n\
               hooks: { delivered: [[test, -e, well]], retired: [[test, -e, well]] }",
        every: 10,
        overlap: TimeDelta::hours(12),
        ..DAILY
    },
    Token {
        name: "two-sinks",
        life: "ttl: 30d\nrotation: { every: 3d }",
        every: 3,
        sinks: &[Kind::EnvFile, Kind::Program],
        ..DAILY
    },
    Token {
        name: "rolled",
        life: "ttl: 60d\nrotation: { every: 4d, strategy: roll }",
        every: 4,
        pending: TimeDelta::days(10),
        sinks: &[Kind::EnvFile, Kind::Program],
        rolls: true,
        ..DAILY
    },
    MACHINE,
    Token { name: "machine-two", place: Place::Second, ..MACHINE },
    Token {
        name: "runners",
        life: "ttl: 30d\nrotation: { every: 2d }",
        every: 2,
        sinks: &[Kind::Program],
        place: Place::Runner,
        ..DAILY
    },
];

impl Token {
    /// Where its profile is.
    pub(super) fn file(&self) -> String {
        match self.place {
            Place::Home => format!("profiles/{}.yaml", self.name),
            Place::First | Place::Second => "machine.yaml".to_owned(),
            Place::Runner => "runners.yaml".to_owned(),
        }
    }

    pub(super) fn env_file(&self) -> String {
        match self.place {
            Place::First | Place::Second => ".env.machine".to_owned(),
            Place::Home | Place::Runner => format!(".env.{}", self.name),
        }
    }

    /// What the watch calls a sink of it.
    pub(super) fn watched(&self, kind: Kind) -> String {
        match kind {
            Kind::EnvFile => format!("the env file of {}", self.name),
            Kind::Program => format!("the program of {}", self.name),
        }
    }

    /// Its profile, with this folder for what programs keep.
    pub(super) fn profile(&self, shared: &Path) -> String {
        let (name, environments) = match self.place {
            Place::First | Place::Second => {
                ("machine-${environment}", "environments: { one: {}, two: {} }\n")
            }
            Place::Home | Place::Runner => (self.name, ""),
        };
        let sinks: Vec<String> = self.sinks.iter().map(|kind| self.sink(*kind, shared)).collect();
        format!(
            "version: 1\nname: {name}\npermissions: {{ zone: {{ DNS: edit }} }}\n\
             resources: {{ zones: [example.com] }}\n{}\nsinks:\n{}{environments}",
            self.life,
            sinks.concat()
        )
    }

    fn sink(&self, kind: Kind, shared: &Path) -> String {
        let (kept, full) = (shared.join(self.name), shared.join("full"));
        match kind {
            Kind::EnvFile => {
                format!("  - env_file: {}\n    variables: {{ TOKEN: token }}\n", self.env_file())
            }
            // It can fail although it has stored the secret.
            Kind::Program => format!(
                "  - command: [sh, -c, \"cat > {} && test ! -e {}\"]\n    input: token\n",
                kept.display(),
                full.display()
            ),
        }
    }
}
