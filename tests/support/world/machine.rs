//! The door to the machine: the real one, but for the clock, the random bytes and what is made to go wrong.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use cfmint::http::{Answer, Request, SendFailure, Server};
use cfmint::world::{Child, Finished, FolderEntry, Interrupt, World};
use chrono::{DateTime, Utc};

use super::TestWorld;
use super::effect::Extent;

/// What gets written of these bytes.
fn half(bytes: &[u8], extent: Extent) -> &[u8] {
    if extent == Extent::Whole { bytes } else { &bytes[..bytes.len() / 2] }
}

impl World for TestWorld {
    fn now(&self) -> DateTime<Utc> {
        self.start + self.passed()
    }

    /// The virtual time that has passed.
    fn uptime(&self) -> Duration {
        self.passed()
    }

    /// The same bytes in every run: xorshift64*.
    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.look_at("random")?;
        for byte in bytes {
            let mut state = self.random.load(Ordering::Relaxed);
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            self.random.store(state, Ordering::Relaxed);
            *byte = state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_be_bytes()[0];
        }
        Ok(())
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn user(&self) -> u32 {
        self.user.unwrap_or_else(|| self.machine.user())
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn can_ask(&self) -> bool {
        self.answers.is_some()
    }

    fn read_line(&self, _: u64) -> io::Result<Option<String>> {
        self.look_at("read_line")?;
        Ok(self.answers.as_ref().and_then(|answers| answers.lock().unwrap().pop_front()))
    }

    /// Nobody sends anything to the tests' runs.
    fn read_input(&self, _: u64) -> io::Result<Vec<u8>> {
        self.look_at("read_input")?;
        Ok(Vec::new())
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.look_at(&format!("read {}", self.name(path)))?;
        self.machine.read(path, limit)
    }

    fn look(&self, path: &Path) -> io::Result<Option<FolderEntry>> {
        self.look_at(&format!("look {}", self.name(path)))?;
        self.machine.look(path)
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        self.look_at(&format!("real_path {}", self.name(path)))?;
        self.machine.real_path(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        self.look_at(&format!("list {}", self.name(folder)))?;
        self.machine.list(folder)
    }

    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.act(format!("create {mode:o} {}", self.name(path)), || {
            let file = self.machine.create(path, mode)?;
            self.on_disk(|disk| disk.made(path, &file));
            Ok(file)
        })
    }

    fn open_append(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.act(format!("append {}", self.name(path)), || {
            let is_new = self.machine.look(path)?.is_none();
            let file = self.machine.open_append(path, mode)?;
            self.on_disk(|disk| if is_new { disk.made(path, &file) } else { disk.opened(path, &file) });
            Ok(file)
        })
    }

    fn open_existing(&self, path: &Path) -> io::Result<File> {
        self.look_at(&format!("open {}", self.name(path)))?;
        let file = self.machine.open_existing(path)?;
        self.on_disk(|disk| disk.opened(path, &file));
        Ok(file)
    }

    fn lock(&self, file: &File) -> io::Result<bool> {
        self.look_at("take_lock")?;
        self.machine.lock(file)
    }

    fn reserve(&self, file: &File, length: u64) -> io::Result<()> {
        self.act("reserve".to_owned(), || self.machine.reserve(file, length))
    }

    fn overwrite(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let extent = self.begin("overwrite".to_owned())?;
        let written = half(bytes, extent);
        self.machine.overwrite(file, written)?;
        self.on_disk(|disk| {
            disk.overwrote(file, written);
            // The power went while the disk was at it.
            if extent == Extent::Last {
                disk.synced(file);
            }
        });
        self.end(extent)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        self.act("truncate".to_owned(), || {
            self.machine.truncate(file, length)?;
            self.on_disk(|disk| disk.truncated(file, length));
            Ok(())
        })
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let extent = self.begin("write".to_owned())?;
        let written = half(bytes, extent);
        self.machine.write(file, written)?;
        self.on_disk(|disk| disk.wrote(file, written));
        self.end(extent)
    }

    /// Only recorded: a real disk would make thousands of cases slow and show nothing more.
    fn sync(&self, file: &File) -> io::Result<()> {
        self.act("sync".to_owned(), || {
            self.on_disk(|disk| disk.synced(file));
            Ok(())
        })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let exists = self.machine.look(folder)?.map(drop).ok_or(io::ErrorKind::NotFound);
        self.act(format!("sync_folder {}", self.name(folder)), || {
            exists?;
            self.on_disk(|disk| disk.synced_folder(folder));
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let name = format!("rename {} -> {}", self.name(from), self.name(to));
        if self.mounts.lock().unwrap().contains(to) {
            return self.act(name, || Err(io::ErrorKind::ResourceBusy.into()));
        }
        self.act(name, || {
            self.losing(to, || self.machine.rename(from, to), |disk, replaced| disk.moved(from, to, replaced))
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.act(format!("remove {}", self.name(path)), || {
            self.losing(path, || self.machine.remove(path), |disk, kept| disk.removed(path, kept))
        })
    }

    fn create_folder(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.act(format!("create_folder {}", self.name(path)), || {
            self.machine.create_folder(path, mode)?;
            self.on_disk(|disk| disk.made_folder(path));
            Ok(())
        })
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.act(format!("set_mode {mode:o} {}", self.name(path)), || self.machine.set_mode(path, mode))
    }

    fn set_owner(&self, file: &File, owner: u32, group: u32) -> io::Result<()> {
        self.act(format!("set_owner {owner}:{group}"), || self.machine.set_owner(file, owner, group))
    }

    fn is_mount(&self, path: &Path) -> io::Result<bool> {
        self.look_at(&format!("is_mount {}", self.name(path)))?;
        Ok(self.mounts.lock().unwrap().contains(path) || self.machine.is_mount(path)?)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<File>> {
        let lock = self.act(format!("lock {}", self.name(path)), || {
            let is_new = self.machine.look(path)?.is_none();
            let lock = self.machine.try_lock(path)?;
            if let Some(file) = lock.as_ref().filter(|_| is_new) {
                self.on_disk(|disk| disk.made(path, file));
            }
            Ok(lock)
        })?;
        if lock.is_none() {
            // A child that another test is just starting shares every lock of this process until it is a program of
            // its own. It needs real time for that, and the waiting for locks happens in virtual time.
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(lock)
    }

    /// The child gets this world's variables beside those of the test process.
    fn hide(&self, text: &str) {
        self.machine.hide(text);
    }

    fn exchange(&self, _: &Server, request: Request, _: Duration) -> Result<Answer, SendFailure> {
        let path = request.uri().path().trim_start_matches("/v1/").to_owned();
        match self.begin(format!("ask store {} {path}", request.method())) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => {
                Err(SendFailure::NotSent(error.to_string()))
            }
            Err(_) => {
                self.store().answer(&request);
                Err(SendFailure::Lost("the connection was reset".to_owned()))
            }
            Ok(extent) => {
                let answer = self.store().answer(&request);
                self.end(extent).map(|()| answer).map_err(|error| SendFailure::Lost(error.to_string()))
            }
        }
    }

    fn pause(&self, length: Duration) {
        self.sleep(length);
    }

    fn has_screen(&self) -> bool {
        self.has_screen
    }

    fn show(&self, line: &str) -> io::Result<()> {
        self.act("show".to_owned(), || {
            self.shown.lock().unwrap().push(line.to_owned());
            Ok(())
        })
    }

    fn tell_runner(&self, line: &str) -> io::Result<()> {
        self.act("tell_runner".to_owned(), || {
            self.told.lock().unwrap().push(line.to_owned());
            Ok(())
        })
    }

    fn run(&self, child: &Child<'_>) -> io::Result<Finished> {
        let seen = self.variables.iter().filter(|(name, _)| !child.hidden.contains(&name.as_str()));
        let mut variables: Vec<_> = seen.map(|(name, value)| (name.as_str(), value.clone())).collect();
        variables.extend(child.variables.iter().cloned());
        let child = Child { variables: &variables, ..*child };
        self.act(format!("run {}", child.argv.join(" ")), || match &mut *self.programs.lock().unwrap() {
            Some(act) => act(&child),
            None => self.machine.run(&child),
        })
    }

    fn interrupted(&self) -> Option<Interrupt> {
        *self.interrupt.lock().unwrap()
    }
}
