//! Ends a child's group at its time limit although nobody is left to do so: this process may be killed meanwhile.
//!
//! A shell in its own group, which has neither pipes, nor the lock, nor any variable of ours. It ends by itself
//! when the group is gone, and is ended by us as soon as that is known.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use super::start::start;

/// Looks once a second whether the group is still there. Where the system tells how long it has been running, that is
/// the clock, since it counts the time that the machine was suspended; elsewhere the looks are counted.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
passed=0
now() { read -r up rest < /proc/uptime && now=${up%.*}; }
now 2>/dev/null && begin=$now
while kill -0 "-$1" 2>/dev/null; do
    if [ "$passed" -ge "$2" ]; then
        kill -TERM "-$1"; sleep 1; kill -KILL "-$1"; exit
    fi
    sleep 1
    passed=$((passed + 1))
    if [ -n "$begin" ] && now; then passed=$((now - begin)); fi
done
"#;

/// A watchdog over one group.
pub(super) struct Watchdog {
    process: Child,
}

impl Watchdog {
    /// Sets one on a group.
    #[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
    pub(super) fn start(group: Pid, limit: Duration) -> io::Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(group.as_raw_nonzero().to_string());
        command.arg(limit.as_secs().max(1).to_string());
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Ok(Self { process: start(&mut command, None)? })
    }

    /// Ends it, unless the program left something running in its group, which it then goes on to watch.
    pub(super) fn end(mut self, group: Pid) {
        if test_kill_process_group(group).is_err() {
            kill_process_group(Pid::from_child(&self.process), Signal::KILL).ok();
            self.process.wait().ok();
        }
    }
}
