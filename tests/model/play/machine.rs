//! A machine of a history: its scene, what befalls the next writes of its sinks and its hooks, and its run, which is
//! polled only as far as the history has come.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use cfmint::cloudflare::Transport;
use cfmint::world::{Child, Finished};

use super::gate::Gate;
use super::support::{Mishap, Ran, Scene, Seen, TestWorld};
use crate::event::{Answer, Kind};

/// What befalls a write of a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stored,
    NotReached,
    PerhapsReached,
    /// The run dies while the program has the secret, and the program lives on.
    DiesAmid,
    /// The run dies before it.
    Dies,
}

/// What is to befall a run before it comes to its next request.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// The writes, with their sinks; a death is any sink's.
    pub(super) writes: VecDeque<(Option<u8>, Fate)>,
    pub(super) hooks_fail: bool,
}

impl Script {
    fn next(&mut self, sink: u8) -> Fate {
        let is_next = self.writes.front().is_some_and(|(of, _)| of.is_none_or(|of| of == sink));
        let fate = if is_next { self.writes.pop_front() } else { None };
        fate.map_or(Fate::Stored, |(_, fate)| fate)
    }
}

/// Where the sinks of a history are.
#[derive(Clone)]
pub(super) struct Sinks {
    folder: PathBuf,
    readable: u8,
}

impl Sinks {
    pub(super) fn new(folder: &Path, readable: u8) -> Self {
        Self { folder: folder.canonicalize().unwrap(), readable }
    }

    pub(super) fn is_readable(&self, sink: u8) -> bool {
        self.readable >> sink & 1 == 1
    }

    pub(super) fn path(&self, sink: u8) -> PathBuf {
        self.folder.join(format!("sink{sink}"))
    }

    /// Where a program that outlived its run has what it will store.
    pub(super) fn late(&self, sink: u8) -> PathBuf {
        self.folder.join(format!("late{sink}"))
    }

    /// The secret that a sink holds.
    pub(super) fn held(&self, sink: u8) -> Option<String> {
        let text = std::fs::read_to_string(self.path(sink)).ok()?;
        let secret = if self.is_readable(sink) {
            text.lines().find_map(|line| line.strip_prefix("CF_TOKEN="))?.to_owned()
        } else {
            text
        };
        (!secret.is_empty()).then_some(secret)
    }

    /// The profile of a machine with these sinks. Its hook is there only where it is to fail: it does nothing.
    pub(super) fn profile(&self, sinks: &[u8], has_hook: bool) -> String {
        let shown = |sink: &u8| {
            if self.is_readable(*sink) {
                let path = self.path(*sink);
                format!("  - env_file: {}\n    variables: {{ CF_TOKEN: token }}\n", path.display())
            } else {
                format!("  - command: [sh, store, \"{sink}\"]\n    input: token\n")
            }
        };
        let hooks = if has_hook { "hooks: { delivered: [[sh, hook]] }\n" } else { "" };
        format!(
            "version: 1\nname: shop\npermissions: {{ zone: {{ DNS: edit }} }}\n\
             resources: {{ zones: [example.com] }}\nttl: 30d\nrotation: {{ overlap: 6h }}\n{hooks}sinks:\n{}",
            sinks.iter().map(shown).collect::<String>()
        )
    }
}

type Running = Pin<Box<dyn Future<Output = Ran>>>;

/// A run, as far as it has come.
pub(super) struct Run {
    running: Option<Running>,
    pub(super) gate: Arc<Gate>,
    pub(super) kind: Kind,
    pub(super) ended: Option<Ran>,
    /// The tokens that it made, by their numbers.
    pub(super) made: Vec<u8>,
}

pub(super) struct Machine {
    pub(super) scene: Arc<Scene>,
    pub(super) script: Arc<Mutex<Script>>,
    pub(super) run: Option<Run>,
}

impl Machine {
    pub(super) fn new(scene: Scene, sinks: &Sinks, of_machine: &[u8], has_hook: bool) -> Self {
        scene.world.put("shop.yaml", sinks.profile(of_machine, has_hook));
        let machine = Self { scene: Arc::new(scene), script: Arc::default(), run: None };
        let world = &machine.scene.world;
        for sink in of_machine.iter().copied().filter(|sink| sinks.is_readable(*sink)) {
            let end = format!(" -> {}", sinks.path(sink).display());
            let (script, weak) = (Arc::clone(&machine.script), Arc::downgrade(world));
            let is_write = move |effect: &str| effect.starts_with("rename ") && effect.ends_with(&end);
            world.hook_where(is_write, move || match script.lock().unwrap().next(sink) {
                Fate::Stored => Ok(()),
                Fate::NotReached => Err(io::ErrorKind::PermissionDenied.into()),
                Fate::PerhapsReached => unreachable!("a file tells what it holds"),
                Fate::Dies | Fate::DiesAmid => {
                    if let Some(world) = weak.upgrade() {
                        world.power_cut();
                    }
                    Err(io::ErrorKind::Other.into())
                }
            });
        }
        let (script, weak, sinks) = (Arc::clone(&machine.script), Arc::downgrade(world), sinks.clone());
        world.act_for_programs(move |child| {
            let mut script = script.lock().unwrap();
            if child.argv.get(1).is_some_and(|word| word == "hook") {
                return Ok(exit(i32::from(std::mem::take(&mut script.hooks_fail))));
            }
            let sink = child.argv.get(2).and_then(|number| number.parse().ok()).unwrap();
            let fate = script.next(sink);
            program(&sinks, sink, child, fate, || {
                if let Some(world) = weak.upgrade() {
                    TestWorld::power_cut(&world);
                }
            })
        });
        machine
    }

    /// Begins a run: nothing of it happens yet.
    pub(super) fn begin(&mut self, kind: Kind) {
        let gate = Arc::new(Gate::new(Arc::clone(&self.scene.transport)));
        let command = match kind {
            Kind::Apply => "apply",
            Kind::Rotate => "rotate",
            Kind::Roll => "roll",
        };
        let (scene, transport) = (Arc::clone(&self.scene), Arc::clone(&gate) as Arc<dyn Transport>);
        let running = Box::pin(async move { scene.run_over(&[command, "shop.yaml"], transport).await });
        self.run = Some(Run { running: Some(running), gate, kind, ended: None, made: Vec::new() });
    }

    /// Lets the run go on until it waits before its gate, or is at its end.
    pub(super) async fn go_on(&mut self) {
        let Some(run) = &mut self.run else { return };
        poll_fn(|context| {
            let Some(running) = &mut run.running else { return Poll::Ready(()) };
            match running.as_mut().poll(context) {
                Poll::Ready(ran) => {
                    run.ended = Some(ran);
                    run.running = None;
                    Poll::Ready(())
                }
                Poll::Pending if !run.gate.waiting().is_empty() => Poll::Ready(()),
                // It waits for a time to pass.
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
    }

    /// Lets a waiting request come to its fate. The run does not hear of it yet.
    pub(super) async fn send(&self, place: usize, fate: Answer, replica: Option<&[u8]>) {
        let Some(run) = &self.run else { return };
        let name = run.gate.waiting().swap_remove(place);
        let (ticket, request) = run.gate.take(place);
        let transport = &self.scene.transport;
        match fate {
            Answer::Given => {}
            Answer::LostBefore => transport.fail(&name, Mishap::before(Seen::Lost)),
            Answer::LostAfter => transport.fail(&name, Mishap::after(Seen::Lost)),
            Answer::Late => transport.fail(&name, Mishap::late()),
        }
        let heard = transport.send(request).await;
        run.gate.answer(ticket, heard, replica);
    }

    /// Kills the run where it is. Its machine is as it was before.
    pub(super) fn kill(&mut self) {
        self.run = None;
        self.scene.world.revive();
        *self.script.lock().unwrap() = Script::default();
    }

    pub(super) fn lose_state_folder(&self) {
        std::fs::remove_dir_all(self.scene.world.path(".cfmint")).ok();
    }
}

fn program(
    sinks: &Sinks,
    sink: u8,
    child: &Child<'_>,
    fate: Fate,
    die: impl FnOnce(),
) -> io::Result<Finished> {
    match fate {
        Fate::Stored | Fate::PerhapsReached => std::fs::write(sinks.path(sink), child.input)?,
        Fate::DiesAmid => std::fs::write(sinks.late(sink), child.input)?,
        Fate::NotReached | Fate::Dies => {}
    }
    if matches!(fate, Fate::Dies | Fate::DiesAmid) {
        die();
        return Err(io::ErrorKind::Other.into());
    }
    Ok(exit(i32::from(fate != Fate::Stored)))
}

fn exit(code: i32) -> Finished {
    Finished {
        code: Some(code),
        signal: None,
        output: Vec::new().into(),
        errors: Vec::new(),
        timed_out: false,
    }
}
