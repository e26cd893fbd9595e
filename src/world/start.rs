//! Starting processes, one at a time: jobs run side by side, and while one process inherits a lock, no other may.

use std::fs::File;
use std::io;
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError};

use rustix::io::{FdFlags, fcntl_setfd};

/// Held by whoever starts a process.
static STARTING: Mutex<()> = Mutex::new(());

/// Starts a process, which inherits this locked file and nothing else.
pub(super) fn start(command: &mut Command, lock: Option<&File>) -> io::Result<Child> {
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(lock) = lock else { return command.spawn() };
    fcntl_setfd(lock, FdFlags::empty())?;
    let process = command.spawn();
    fcntl_setfd(lock, FdFlags::CLOEXEC).ok();
    process
}
