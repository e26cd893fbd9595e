//! Where the deaths happen: a served emulator, a git work tree, and what is found in both afterwards.

#![allow(clippy::disallowed_methods, reason = "tests set their scene with the system itself")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use cfmint::cloudflare::{ApiBase, Client, Credential, Https, TokenOwner};
use cfmint::plan::MarkedName;
use cfmint::secret::Secret;
use chrono::TimeDelta;
use tempfile::TempDir;

const CFMINT: &str = env!("CARGO_BIN_EXE_cfmint");

/// What stands in each env file from the beginning, and has to stay.
const OWN_LINES: &str = "# ours\nSHOP=open\n";

/// A `cfmint emulator` that ends with the test, also where the test panics.
struct Served {
    process: Child,
    base: String,
    bootstrap: String,
}

impl Served {
    fn new(latency: &str) -> Self {
        let mut process = Command::new(CFMINT)
            .args(["emulator", "--port", "0", "--latency", latency])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut served = Self { process, base: String::new(), bootstrap: String::new() };
        for line in lines.take(2) {
            match line.unwrap().split_once('=').unwrap() {
                ("CLOUDFLARE_BASE_URL", base) => base.clone_into(&mut served.base),
                ("CLOUDFLARE_BOOTSTRAP_TOKEN", bootstrap) => bootstrap.clone_into(&mut served.bootstrap),
                (other, _) => panic!("the emulator says {other}"),
            }
        }
        served
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What there is at the end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// The profiles with a token in force, whose secret is in their env file.
    pub(super) in_force: BTreeSet<String>,
    /// Every other live token of ours that does not end within the hour.
    pub(super) strays: Vec<String>,
}

/// One emulator and one work tree, with a folder of profiles in it.
pub(super) struct Stage {
    served: Served,
    folder: TempDir,
}

impl Stage {
    pub(super) fn new(latency: &str) -> Self {
        let stage = Self { served: Served::new(latency), folder: TempDir::new().unwrap() };
        std::fs::create_dir_all(stage.tree().join("profiles")).unwrap();
        let git = Command::new("git").args(["init", "--quiet"]).arg(stage.tree()).status().unwrap();
        assert!(git.success());
        std::fs::write(stage.tree().join(".gitignore"), ".env*\n").unwrap();
        stage
    }

    pub(super) fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    /// Writes a profile and what its env file holds before, and returns the profile's path.
    pub(super) fn profile(&self, name: &str) -> String {
        let path = format!("profiles/{name}.yaml");
        if !self.tree().join(&path).exists() {
            let text = format!(
                "version: 1\nname: {name}\npermissions: {{ zone: {{ DNS: edit }} }}\n\
                 resources: {{ zones: [example.com] }}\nttl: 30d\n\
                 sinks: [{{ env_file: .env.{name}, variables: {{ SHOP_TOKEN: token }} }}]\n"
            );
            std::fs::write(self.tree().join(&path), text).unwrap();
            std::fs::write(self.env_file(name), OWN_LINES).unwrap();
        }
        path
    }

    /// The names of all profiles.
    pub(super) fn profiles(&self) -> BTreeSet<String> {
        let files = names(&self.tree().join("profiles")).into_iter();
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    }

    fn env_file(&self, name: &str) -> PathBuf {
        self.tree().join(format!(".env.{name}"))
    }

    /// Starts cfmint in the work tree.
    pub(super) fn command(&self, arguments: &[&str]) -> Child {
        Command::new(CFMINT)
            .args(arguments)
            .current_dir(self.tree())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .env("CLOUDFLARE_BASE_URL", &self.served.base)
            .env("CLOUDFLARE_BOOTSTRAP_TOKEN", &self.served.bootstrap)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs cfmint to its end, which must be a good one.
    pub(super) fn succeed(&self, arguments: &[&str]) {
        let ended = self.command(arguments).wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {said}");
    }

    /// Looks at the tokens that there are, and asks each env file whose secret it holds.
    pub(super) fn look(&self) -> Finding {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.look_around())
    }

    async fn look_around(&self) -> Finding {
        let base = ApiBase::parse(&self.served.base).unwrap();
        let https = Arc::new(Https::new(&base).unwrap());
        let client = Client::new(https, base, Credential::Token(Secret::new(self.served.bootstrap.clone())));
        let mut tokens = client.tokens(&TokenOwner::User).await.unwrap().tokens;
        let hour = client.server_time().unwrap() + TimeDelta::hours(1);
        tokens.retain(|token| MarkedName::parse(&token.name).is_some());

        let mut held = BTreeMap::new();
        for name in self.profiles() {
            if let Some(secret) = self.stored(&name) {
                let own = client.with_credential(Credential::Token(secret));
                held.insert(name, own.verify(&TokenOwner::User).await.unwrap().id);
            }
        }
        let (mut in_force, mut strays) = (BTreeSet::new(), Vec::new());
        for token in tokens {
            let name = MarkedName::parse(&token.name).unwrap().name;
            let lives_on = token.expires_on.is_none_or(|end| end > hour);
            if lives_on && held.get(&name) == Some(&token.id) {
                in_force.insert(name);
            } else if lives_on {
                strays.push(token.name);
            }
        }
        Finding { in_force, strays }
    }

    /// The secret in a profile's env file, which must be whole: its own lines, and at most one of ours.
    fn stored(&self, name: &str) -> Option<Secret> {
        let text = std::fs::read_to_string(self.env_file(name)).unwrap();
        let ours = text.strip_prefix(OWN_LINES).expect("what stood in the file stays");
        if ours.is_empty() {
            return None;
        }
        let value = ours.strip_prefix("SHOP_TOKEN=").and_then(|rest| rest.strip_suffix('\n'));
        let value = value.unwrap_or_else(|| panic!("the env file of {name} is not whole"));
        assert!(value.lines().count() == 1, "the env file of {name} has lines of nobody's");
        Some(Secret::new(value.to_owned()))
    }

    /// Temporary files, and what else a finished run does not leave.
    pub(super) fn leftovers(&self) -> Vec<String> {
        let places = [self.tree(), self.tree().join(".cfmint"), self.tree().join("profiles")];
        let found = places.iter().flat_map(|folder| names(folder));
        let found = found.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
        found.filter(|name| name.contains(".cfmint-") || name == "journal.new").collect()
    }
}

/// Sends a signal to a child.
pub(super) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "SIG{name} could not be sent");
}

fn names(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
