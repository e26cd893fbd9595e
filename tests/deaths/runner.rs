//! A folder in which cfmint runs as a process of its own, and what is found in it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cfmint::emulator::world;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

use super::cloud::Cloud;

const CFMINT: &str = env!("CARGO_BIN_EXE_cfmint");

/// What stands in each env file from the beginning, and has to stay.
const OWN_LINES: &str = "# ours\nSHOP=open\n";

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Killed {
    /// The process alone.
    Process,
    /// All of its group, as by a terminal or a container that ends.
    Group,
}

/// A folder with profiles, and the Cloudflare that they are about.
pub(super) struct Runner<'a> {
    cloud: &'a Cloud,
    folder: TempDir,
}

impl<'a> Runner<'a> {
    /// An empty folder.
    pub(super) fn new(cloud: &'a Cloud) -> Self {
        Self { cloud, folder: TempDir::new().unwrap() }
    }

    /// A git work tree.
    pub(super) fn in_work_tree(cloud: &'a Cloud) -> Self {
        let runner = Self::new(cloud);
        let git = Command::new("git").args(["init", "--quiet"]).arg(runner.tree()).status().unwrap();
        assert!(git.success());
        fs::write(runner.tree().join(".gitignore"), ".env*\n").unwrap();
        runner
    }

    pub(super) fn tree(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a profile and what its env file holds before, and returns the profile's path.
    pub(super) fn profile(&self, name: &str) -> String {
        let sink = format!("{{ env_file: .env.{name}, variables: {{ SHOP_TOKEN: token }} }}");
        let path = self.put_profile(name, &sink);
        if !self.env_file(name).exists() {
            fs::write(self.env_file(name), OWN_LINES).unwrap();
        }
        path
    }

    /// Writes a profile with these sinks, and returns its path. What is pending lives a day.
    pub(super) fn put_profile(&self, name: &str, sinks: &str) -> String {
        let path = format!("profiles/{name}.yaml");
        fs::create_dir_all(self.tree().join("profiles")).unwrap();
        let text = format!(
            "version: 1\nname: {name}\npermissions: {{ zone: {{ DNS: edit }} }}\n\
             resources: {{ zones: [example.com] }}\nttl: 30d\n\
             rotation: {{ overlap: 1h, renew_before: 2d }}\nsinks: [{sinks}]\n"
        );
        fs::write(self.tree().join(&path), text).unwrap();
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

    /// Starts cfmint, in its own process group.
    pub(super) fn command(&self, arguments: &[&str]) -> Child {
        Command::new(CFMINT)
            .args(arguments)
            .current_dir(self.tree())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .env("CLOUDFLARE_BASE_URL", self.cloud.base())
            .env("CLOUDFLARE_BOOTSTRAP_TOKEN", world::BOOTSTRAP)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs cfmint to its end, which must be a good one; returns how long that took.
    pub(super) fn succeed(&self, arguments: &[&str]) -> Duration {
        let start = Instant::now();
        let ended = self.command(arguments).wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {said}");
        start.elapsed()
    }

    /// Starts cfmint and kills it after a while; returns whether it was still running. When this returns, no program that
    /// it started runs either.
    pub(super) fn killed(&self, arguments: &[&str], after: Duration, who: Killed) -> bool {
        let mut child = self.command(arguments);
        std::thread::sleep(after);
        let pid = Pid::from_child(&child);
        // Not waited for yet, so the number is still its own.
        match who {
            Killed::Process => kill_process(pid, Signal::KILL).unwrap(),
            Killed::Group => kill_process_group(pid, Signal::KILL).unwrap(),
        }
        let ended = child.wait().unwrap();
        if let Ok(lock) = File::open(self.tree().join(".cfmint/lock")) {
            lock.lock().unwrap();
        }
        ended.signal() == Some(Signal::KILL.as_raw())
    }

    /// The profiles that have one token in force, whose secret is in their env file.
    pub(super) fn in_force(&self) -> BTreeSet<String> {
        let is_held = |name: &String| {
            let current = self.cloud.in_force(name);
            current.is_some() && self.held(name) == current.map(|token| token.id)
        };
        self.profiles().into_iter().filter(is_held).collect()
    }

    /// The id of the living token whose secret is in a profile's env file.
    pub(super) fn held(&self, name: &str) -> Option<String> {
        self.cloud.owner(&self.stored(name)?).map(|token| token.id)
    }

    /// What of all profiles lives on and should not.
    pub(super) fn strays(&self) -> Vec<String> {
        self.profiles().iter().flat_map(|name| self.cloud.strays(name)).collect()
    }

    /// The secret in a profile's env file, which must be whole: its own lines, and at most one of ours.
    pub(super) fn stored(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.env_file(name)).unwrap();
        let ours = text.strip_prefix(OWN_LINES).expect("what stood in the file stays");
        if ours.is_empty() {
            return None;
        }
        let value = ours.strip_prefix("SHOP_TOKEN=").and_then(|rest| rest.strip_suffix('\n'));
        let value = value.unwrap_or_else(|| panic!("the env file of {name} is not whole"));
        assert!(value.lines().count() == 1, "the env file of {name} has lines of nobody's");
        Some(value.to_owned())
    }

    /// Temporary files, and what else a finished run does not leave.
    pub(super) fn leftovers(&self) -> Vec<String> {
        let places = [self.tree().to_owned(), self.tree().join(".cfmint"), self.tree().join("profiles")];
        let found = places.iter().flat_map(|folder| names(folder));
        let found = found.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
        found.filter(|name| name.contains(".cfmint-") || name == "marks.new").collect()
    }
}

fn names(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
