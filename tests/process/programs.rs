//! A run that waits for a program: signals are noted meanwhile, and no secret that the run knows is shown.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cfmint::emulator::world::BOOTSTRAP;

const PROFILE: &str = "
version: 1
name: shop-dns
permissions: { zone: { DNS: edit } }
resources: { zones: [e0000000000000000000000000000101] }
ttl: 30d
";

/// Runs cfmint as a trial, with its own group, as a terminal does.
fn cfmint(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cfmint"));
    command.args(arguments.split_whitespace()).arg("--emulator").current_dir(folder);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&[&ran.stdout[..], &ran.stderr[..]].concat()).into_owned()
}

#[test]
fn a_signal_while_a_program_runs_ends_a_trial_after_it() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let folder = tempfile::tempdir().unwrap();
        let sink = "touch begun; while [ ! -e go ]; do sleep 0.05; done; cat > kept";
        let profile = PROFILE.replace("shop-dns", "shop-dns-${environment}");
        let profile = format!(
            "{profile}environments: {{ a: {{}}, b: {{}} }}\nsinks: [{{ command: [sh, -c, '{sink}'], input: token }}]\n"
        );
        std::fs::write(folder.path().join("dns.yaml"), profile).unwrap();
        let run = cfmint(folder.path(), "apply dns.yaml --all-envs").spawn().unwrap();
        let begun = folder.path().join("begun");
        let waited = (0..1_500).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            begun.exists()
        });
        assert!(waited, "the program never began");
        assert!(Command::new("kill").args([signal, &run.id().to_string()]).status().unwrap().success());
        // The signal is noted by a thread that nothing holds up.
        std::thread::sleep(Duration::from_millis(200));
        std::fs::write(folder.path().join("go"), "").unwrap();
        let ran = run.wait_with_output().unwrap();
        assert_eq!(ran.status.code(), Some(code), "{}", said(&ran));
        let kept = std::fs::read_to_string(folder.path().join("kept")).unwrap();
        assert!(kept.starts_with("cfut_EMULATOR"), "the program is let finish");
        let list = said(&cfmint(folder.path(), "list").output().unwrap());
        assert!(list.contains("shop-dns-a+new@") && !list.contains("shop-dns-b@"), "{list}");
    }
}

#[test]
fn no_program_shows_a_secret_that_the_run_knows() {
    let folder = tempfile::tempdir().unwrap();
    let profile = format!(
        "{PROFILE}sinks: [{{ command: [sh, -c, 'echo before: $(cat kept 2>/dev/null); cat > kept'], \
         read: [sh, -c, 'cat kept 2>/dev/null || true'], input: token }}]\n\
         hooks: {{ delivered: [[sh, -c, 'echo hook: $(cat kept) $(base64 -w0 boot)']] }}\n"
    );
    std::fs::write(folder.path().join("dns.yaml"), profile).unwrap();
    std::fs::write(folder.path().join("boot"), BOOTSTRAP).unwrap();
    let mut before = String::new();
    for command in ["apply dns.yaml", "rotate dns.yaml", "roll dns.yaml"] {
        let ran = cfmint(folder.path(), command).output().unwrap();
        let (kept, said) = (std::fs::read_to_string(folder.path().join("kept")).unwrap(), said(&ran));
        assert!(ran.status.success(), "{said}");
        assert!(said.contains("before:") && said.contains("hook: ****"), "{said}");
        assert!(!said.contains("cfut_EMULATOR") && !said.contains(&BASE64.encode(BOOTSTRAP)[..24]), "{said}");
        assert_ne!(kept, before, "{command} delivers a new secret");
        before = kept;
    }
}
