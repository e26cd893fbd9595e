//! A history: what it is made of, and how it is played.

use std::sync::Arc;
use std::time::Duration;

use cfmint::plan::{MarkedName, Phase};
use cfmint::world::{Interrupt, World as _};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::support::{Doom, Mishap, Ran, Scene, Seen, TestWorld, Watch};

/// Who there is, and which sinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    EnvFile,
    Program,
    Both,
    /// Two machines, each with its state folder.
    SharedProgram,
    /// Two places where runners start without any state.
    Runners,
}

impl Setting {
    fn has_env_file(self) -> bool {
        matches!(self, Self::EnvFile | Self::Both)
    }

    fn has_program(self) -> bool {
        self != Self::EnvFile
    }

    fn machines(self) -> usize {
        if matches!(self, Self::SharedProgram | Self::Runners) { 2 } else { 1 }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Command {
    Apply,
    Rotate,
    Roll,
    RotateDue,
    Recover,
}

/// Something that goes wrong in a run, with a number that says where.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    LostBefore(usize),
    LostAfter(usize),
    Late(usize),
    Refused(usize),
    Dies(usize),
    DiesAmid(usize),
    Fails(usize),
    Signal(usize),
    ListLags(usize),
}

#[derive(Debug, Clone)]
pub(crate) enum Event {
    Run {
        machine: usize,
        command: Command,
        faults: Vec<Fault>,
    },
    /// The window of a run passes.
    Window,
    Overlap,
    /// The life of a pending token passes.
    PendingLife,
    LateArrives(usize),
    /// The state folder is lost.
    Forget(usize),
}

pub(crate) enum Ending {
    Holds,
    Violated(String),
}

const OVERLAP: Duration = Duration::from_secs(3600);
const WINDOW: Duration = Duration::from_secs(15 * 60 + 1);
/// Half of `renew_before`, which is a third of the life of 30 days.
const PENDING_LIFE: Duration = Duration::from_secs(5 * 86_400 + 1);

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        (1..6_usize).prop_map(Fault::LostBefore),
        (1..6_usize).prop_map(Fault::LostAfter),
        (1..6_usize).prop_map(Fault::Late),
        (1..6_usize).prop_map(Fault::Refused),
        (1..60_usize).prop_map(Fault::Dies),
        (1..60_usize).prop_map(Fault::DiesAmid),
        (1..60_usize).prop_map(Fault::Fails),
        (1..60_usize).prop_map(Fault::Signal),
        (1..4_usize).prop_map(Fault::ListLags),
    ]
}

fn event(setting: Setting) -> impl Strategy<Value = Event> {
    let command = prop_oneof![
        4 => Just(Command::Apply),
        4 => Just(Command::Rotate),
        2 => Just(Command::Roll),
        1 => Just(Command::RotateDue),
        1 => Just(Command::Recover),
    ];
    let machines = setting.machines();
    prop_oneof![
        8 => (0..machines, command, option::of(fault()), option::weighted(0.3, fault())).prop_map(
            |(machine, command, one, other)| Event::Run {
                machine,
                command,
                faults: one.into_iter().chain(other).collect(),
            }
        ),
        3 => Just(Event::Window),
        1 => Just(Event::Overlap),
        1 => Just(Event::PendingLife),
        3 => any::<usize>().prop_map(Event::LateArrives),
        1 => (0..machines).prop_map(Event::Forget),
    ]
}

pub(crate) fn histories(setting: Setting) -> impl Strategy<Value = Vec<Event>> {
    vec(event(setting), 1..9)
}

fn profile(setting: Setting, shared: &str) -> String {
    let env = "  - env_file: .env\n    variables: { CF_TOKEN: token }\n";
    let program = format!("  - command: [sh, -c, \"cat > {shared}\"]\n    input: token\n");
    let sinks = [(setting.has_env_file(), env.to_owned()), (setting.has_program(), program)];
    let sinks: String = sinks.into_iter().filter(|(is_there, _)| *is_there).map(|(_, text)| text).collect();
    format!(
        "version: 1\nname: shop\npermissions: {{ zone: {{ DNS: edit }} }}\nresources: {{ zones: [example.com] }}\n\
         ttl: 30d\nsinks:\n{sinks}"
    )
}

/// Everything that a history is played on.
struct Stage {
    setting: Setting,
    machines: Vec<Scene>,
    watch: Arc<Watch>,
    story: Vec<String>,
    _shared: tempfile::TempDir,
}

pub(crate) fn play(setting: Setting, history: &[Event]) -> Ending {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut stage = Stage::new(setting).await;
        for event in history {
            stage.play(event).await;
        }
        stage.end().await;
        let wrong = stage.watch.wrong();
        if wrong.is_empty() {
            return Ending::Holds;
        }
        Ending::Violated(format!("{}\n{}", wrong.join("\n"), stage.story.join("\n")))
    })
}

impl Stage {
    async fn new(setting: Setting) -> Self {
        let shared = tempfile::Builder::new().prefix("cfmint-shared").tempdir().unwrap();
        let kept = shared.path().join("kept");
        let first = Scene::outside_git(TestWorld::new(), |_| {});
        first.world.put("shop.yaml", profile(setting, kept.to_str().unwrap()));
        let watch = Watch::new(&first.emulator);
        let overlap = TimeDelta::from_std(OVERLAP).unwrap();
        if setting.has_env_file() {
            watch.add("the env file", first.world.path(".env"), "CF_TOKEN=", overlap);
        }
        if setting.has_program() {
            watch.add("the program", kept, "", overlap);
        }
        let mut machines = vec![first];
        for _ in 1..setting.machines() {
            machines.push(machines[0].second_machine());
        }
        let mut stage = Self { setting, machines, watch, story: Vec::new(), _shared: shared };
        let begun = stage.run(0, Command::Apply, &[]).await;
        assert_eq!(begun.code, 0, "{begun:?}");
        stage
    }

    async fn play(&mut self, event: &Event) {
        self.story.push(format!("{event:?}"));
        match event {
            Event::Run { machine, command, faults } => {
                self.run(*machine, *command, faults).await;
            }
            Event::Window => tokio::time::sleep(WINDOW).await,
            Event::Overlap => tokio::time::sleep(OVERLAP).await,
            Event::PendingLife => {
                self.watch.excuse_pending();
                tokio::time::sleep(PENDING_LIFE).await;
            }
            Event::LateArrives(place) => {
                let late = self.machines[0].transport.late();
                if !late.is_empty() {
                    let place = place % late.len();
                    let status = self.machines[0].transport.deliver_late_at(place).await;
                    self.story.push(format!("  {} arrives late: {status}", late[place]));
                }
            }
            Event::Forget(machine) => self.forget(*machine),
        }
        self.look("after that");
    }

    fn look(&self, moment: &str) {
        self.watch.look(self.machines[0].world.now(), moment);
    }

    fn forget(&self, machine: usize) {
        std::fs::remove_dir_all(self.machines[machine].world.path(".cfmint")).ok();
    }

    async fn run(&mut self, machine: usize, command: Command, faults: &[Fault]) -> Ran {
        let scene = &self.machines[machine];
        if self.setting == Setting::Runners {
            self.forget(machine);
        }
        for fault in faults {
            arrange(scene, *fault);
        }
        let (watch, clock) = (Arc::clone(&self.watch), Arc::clone(&self.machines[0].world));
        scene.world.hook("", move || {
            watch.look(clock.now(), "in the middle of a run");
            Ok(())
        });
        let line = match command {
            Command::Apply => "apply shop.yaml",
            Command::Rotate => "rotate shop.yaml",
            Command::Roll => "roll shop.yaml",
            Command::RotateDue => "rotate shop.yaml --due",
            Command::Recover => "recover shop.yaml",
        };
        scene.world.forget_effects();
        self.watch.is_rolling(matches!(command, Command::Roll));
        let ran = scene.run(line).await;
        self.look("after a run");
        self.watch.is_rolling(false);
        let scene = &self.machines[machine];
        scene.world.unhook();
        scene.world.revive();
        scene.transport.clear();
        self.story.push(format!("  machine {machine}: {line} ended with {}: {}", ran.code, ran.err));
        self.story.extend(
            scene
                .story()
                .into_iter()
                .filter(|effect| is_telling(effect))
                .map(|effect| format!("    {effect}")),
        );
        ran
    }

    /// Everything late arrives, and one undisturbed run on each machine that has sinks finds all in order.
    async fn end(&mut self) {
        while !self.machines[0].transport.late().is_empty() {
            self.play(&Event::LateArrives(0)).await;
        }
        // Lists that still lag behind catch up.
        for _ in 0..8 {
            self.machines[0].run("plan shop.yaml").await;
        }
        let mut ran = self.run(0, Command::Apply, &[]).await;
        if ran.err.contains("custody.another-run") {
            self.play(&Event::Window).await;
            ran = self.run(0, Command::Apply, &[]).await;
        }
        if ran.err.contains("custody.not-held") {
            // Only where nothing tells of a run that did not finish; then it says so, and names the way out.
            ran = self.run(0, Command::Rotate, &[]).await;
        }
        let mut wrong = Vec::new();
        if ran.code != 0 {
            wrong.push(format!("an undisturbed run ends with {}: {}", ran.code, ran.err));
        }
        wrong.extend(self.amiss());
        let before = self.machines[0].emulator.requests().len();
        let again = self.run(0, Command::Apply, &[]).await;
        let requests = self.machines[0].emulator.requests().split_off(before.min(9_999));
        let writes = requests.iter().filter(|request| request.method != "GET").count();
        if again.code != 0 || writes > 0 {
            wrong.push(format!(
                "the run after it wrote {writes} times and ended with {}: {}",
                again.code, again.err
            ));
        }
        if !wrong.is_empty() {
            self.watch.report(wrong);
        }
    }

    /// What is not as it should be after an undisturbed run.
    fn amiss(&self) -> Vec<String> {
        let now = self.machines[0].world.now();
        let live: Vec<_> = self.machines[0]
            .tokens()
            .into_iter()
            .filter(|token| token.status == "active")
            .filter_map(|token| MarkedName::parse(&token.name).map(|marked| (marked.phase, token)))
            .collect();
        let in_force: Vec<_> = live.iter().filter(|(phase, _)| *phase == Phase::InForce).collect();
        let mut wrong = Vec::new();
        match in_force.as_slice() {
            [(_, token)] => {
                let lacking = self.watch.lacking(&token.id, &["the env file", "the program"]);
                wrong.extend(lacking.iter().map(|sink| format!("{sink} does not hold the one in force")));
            }
            others => wrong.push(format!("{} are in force", others.len())),
        }
        let latest = now + TimeDelta::from_std(PENDING_LIFE).unwrap();
        let endless = live.iter().filter(|(phase, token)| {
            *phase != Phase::InForce && token.expires_on.is_none_or(|end| end > latest)
        });
        wrong.extend(endless.map(|(_, token)| format!("{} has no near end", token.name)));
        wrong
    }
}

fn arrange(scene: &Scene, fault: Fault) {
    match fault {
        Fault::LostBefore(nth) => scene.transport.fail_write(nth, Mishap::before(Seen::Lost)),
        Fault::LostAfter(nth) => scene.transport.fail_write(nth, Mishap::after(Seen::Lost)),
        Fault::Late(nth) => scene.transport.fail_write(nth, Mishap::late()),
        Fault::Refused(nth) => scene.transport.fail_write(nth, Mishap::before(Seen::Refused)),
        Fault::Dies(nth) => scene.world.doom(nth, Doom::DeathBefore),
        Fault::DiesAmid(nth) => scene.world.doom(nth, Doom::DeathAmid),
        Fault::Fails(nth) => scene.world.doom(nth, Doom::Error(std::io::ErrorKind::StorageFull)),
        Fault::Signal(nth) => {
            let world = Arc::downgrade(&scene.world);
            let mut left = nth;
            scene.world.hook("", move || {
                left = left.saturating_sub(1);
                if left == 0
                    && let Some(world) = world.upgrade()
                {
                    world.interrupt(Interrupt::Terminate);
                }
                Ok(())
            });
        }
        Fault::ListLags(lists) => scene.transport.lag_list(lists),
    }
}

fn is_telling(effect: &str) -> bool {
    ["POST ", "PUT ", "DELETE ", "GET /user/tokens", "rename ", "run "]
        .iter()
        .any(|start| effect.starts_with(start))
        || effect.contains("DIES")
        || effect.contains("FAILS")
}
