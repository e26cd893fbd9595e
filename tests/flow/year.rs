//! A year of `rotate --due`, run daily by schedulers that know nothing: on a machine that keeps its state, on a second
//! one with an environment of its own, and on runners that are thrown away after each run. Some runs meet a failing
//! request, some are killed, hooks and programs fail, requests arrive late, machines are off for days.
//!
//! At no minute does a sink hold a dead secret, and what a consumer has read works until its overlap is over; no more
//! generations are meant to work at once than a rotation needs; what else was made ends by itself; a run that nothing
//! happens to finds or leaves everything in order; and in the end nothing is left.
//!
//! It is a quarter of a year every day, and the whole where `CI` is set.

mod cast;
mod census;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use cfmint::plan::MarkedName;
use cfmint::world::World as _;
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::{Doom, Mishap, Scene, Seen, TestWorld, Watch, is_thorough};
use cast::{Kind, Place, TOKENS, Token};
use census::Census;

fn days() -> i64 {
    if is_thorough() { 365 } else { 92 }
}

/// Numbers that look like chance and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// What runs again and again at one place.
struct Scheduler {
    place: Place,
    line: &'static str,
    /// About how many effects a run has that rotates something.
    effects: usize,
    next: DateTime<Utc>,
    /// How many runs in a row did not go well. After two, somebody looks after it: nothing happens to the next one, so
    /// that what is pending is healed before it ends.
    troubled: u32,
}

/// How runs ended.
#[derive(Default)]
struct Runs {
    clean: i64,
    failed: i64,
    killed: i64,
    /// Nothing happened to it, but what the run before left may be of a run under way.
    refused: i64,
    /// How many of their requests rolled a secret.
    rolls: usize,
}

struct Year {
    home: Scene,
    second: Scene,
    shared: tempfile::TempDir,
    watch: Arc<Watch>,
    census: Arc<Mutex<Census>>,
    chance: Chance,
    runs: Runs,
}

#[tokio::test(start_paused = true)]
async fn a_year_passes_in_which_every_secret_that_was_delivered_works() {
    let mut year = Year::new();
    let begin = year.now();
    let scheduler = |place, line, effects, minutes| {
        let next = begin + TimeDelta::minutes(minutes);
        Scheduler { place, line, effects, next, troubled: 2 }
    };
    let mut schedulers = [
        scheduler(Place::Home, "rotate profiles --due", 120, 0),
        scheduler(Place::First, "rotate machine.yaml -e one --due", 30, 7),
        scheduler(Place::Second, "rotate machine.yaml -e two --due", 30, 7),
        scheduler(Place::Runner, "rotate runners.yaml --due", 30, 31),
    ];
    let end = begin + TimeDelta::days(days());
    while let Some(due) = schedulers.iter_mut().min_by_key(|scheduler| scheduler.next)
        && due.next < end
    {
        let next = due.next.max(year.now());
        year.wait_until(next).await;
        year.run(due).await;
    }
    year.home.transport.deliver_late().await;
    year.wait_until(end + TimeDelta::days(1)).await;
    for due in &mut schedulers {
        due.troubled = 2;
        year.run(due).await;
    }

    println!("{}", year.table());
    year.judge();
    year.tear_down().await;
}

impl Year {
    fn new() -> Self {
        let shared = tempfile::Builder::new().prefix("cfmint-shared").tempdir().unwrap();
        let home = Scene::outside_git(TestWorld::new(), |_| {});
        for token in &TOKENS {
            home.world.put(&token.file(), token.profile(shared.path()));
        }
        home.world.put("well", "");
        let second = home.second_machine();
        let watch = Watch::new(&home.emulator);
        for token in &TOKENS {
            let machine = if token.place == Place::Second { &second } else { &home };
            for kind in token.sinks {
                let (path, prefix) = match kind {
                    Kind::EnvFile => (machine.world.path(&token.env_file()), "TOKEN="),
                    Kind::Program => (shared.path().join(token.name), ""),
                };
                watch.add(&token.watched(*kind), path, prefix, token.overlap);
            }
        }
        let census = Arc::new(Mutex::new(Census::new(&home.emulator)));
        Self { home, second, shared, watch, census, chance: Chance(7), runs: Runs::default() }
    }

    fn now(&self) -> DateTime<Utc> {
        self.home.world.now()
    }

    fn look(&self, moment: &str) {
        self.watch.look(self.now(), moment);
        self.census.lock().unwrap().look();
    }

    /// Lets time pass, and looks whenever a token ends: nothing else happens meanwhile.
    async fn wait_until(&mut self, next: DateTime<Utc>) {
        if self.chance.below(2) == 0 && !self.home.transport.late().is_empty() {
            self.home.transport.deliver_next_late().await;
            self.look("when a request arrived late");
        }
        while self.now() < next {
            let now = self.now();
            let ends = self.home.tokens().into_iter().filter_map(|token| token.expires_on);
            let ends = ends.map(|end| end + TimeDelta::seconds(1)).filter(|end| *end > now);
            let then = ends.min().map_or(next, |end| end.min(next));
            tokio::time::advance((then - now).to_std().unwrap()).await;
            self.look("while nothing ran");
        }
    }

    /// Runs what a scheduler runs, and says when it does so next.
    async fn run(&mut self, scheduler: &mut Scheduler) {
        let fresh;
        let scene = match scheduler.place {
            Place::Home | Place::First => &self.home,
            Place::Second => &self.second,
            Place::Runner => {
                fresh = self.home.second_machine();
                &fresh
            }
        };
        for effect in ["POST ", "PUT ", "DELETE ", "rename ", "remove ", "run "] {
            let (watch, census) = (Arc::clone(&self.watch), Arc::clone(&self.census));
            let clock = Arc::clone(&self.home.world);
            scene.world.hook(effect, move || {
                watch.look(clock.now(), "in the middle of a run");
                census.lock().unwrap().look();
                Ok(())
            });
        }
        let is_cared_for = scheduler.troubled >= 2;
        let is_troubled = !is_cared_for && arrange(scene, scheduler, self.shared.path(), &mut self.chance);
        let ran = scene.run(scheduler.line).await;
        self.look("after a run");
        let is_clean = ran.code == 0 && !scene.world.is_dead();
        let is_refused = ran.err.contains("custody.another-run");
        match (scene.world.is_dead(), ran.code) {
            (true, _) => self.runs.killed += 1,
            (false, 0) => self.runs.clean += 1,
            (false, _) if is_refused && !is_troubled => self.runs.refused += 1,
            (false, _) => self.runs.failed += 1,
        }
        if !is_troubled {
            assert!(is_clean || (is_refused && !is_cared_for), "{} went wrong: {ran:?}", scheduler.line);
        }
        if is_clean && !is_troubled {
            self.judge_place(scheduler.place);
        }
        let is_roll = |effect: &String| effect.starts_with("PUT ") && effect.ends_with("/value");
        self.runs.rolls += scene.world.effects().iter().filter(|effect| is_roll(effect)).count();
        scene.world.revive();
        scene.world.unhook();
        scene.world.forget_effects();
        scene.transport.clear();
        self.home.world.put("well", "");
        std::fs::remove_file(self.shared.path().join("full")).ok();
        // A scheduler repeats what failed, and sometimes the machine is off for some days.
        scheduler.troubled = if is_clean { 0 } else { scheduler.troubled + 1 };
        let wait = match (scheduler.troubled, self.chance.below(30)) {
            (2.., _) => TimeDelta::minutes(20),
            (1, even) if even % 2 == 0 => TimeDelta::minutes(1),
            (_, 0) => TimeDelta::days(3),
            _ => TimeDelta::days(1),
        };
        scheduler.next = self.now() + wait;
    }

    /// What must hold after a run that nothing happened to: one generation is in force, and every sink has it.
    fn judge_place(&self, place: Place) {
        let live = self.home.tokens().into_iter().filter(|live| live.status == "active");
        let live: Vec<_> =
            live.filter_map(|live| MarkedName::parse(&live.name).map(|marked| (marked, live.id))).collect();
        for token in TOKENS.iter().filter(|token| token.place == place) {
            let in_force =
                |(marked, _): &&(MarkedName, String)| marked.name == token.name && marked.phase.is_in_force();
            let in_force: Vec<&(MarkedName, String)> = live.iter().filter(in_force).collect();
            let [(_, id)] = in_force.as_slice() else { panic!("{}: {in_force:?} are in force", token.name) };
            let sinks: Vec<String> = token.sinks.iter().map(|kind| token.watched(*kind)).collect();
            let sinks: Vec<&str> = sinks.iter().map(String::as_str).collect();
            assert_eq!(self.watch.lacking(id, &sinks), [""; 0]);
        }
    }

    /// What must hold of the whole year.
    fn judge(&self) {
        assert_eq!(self.watch.wrong(), [""; 0]);
        let census = self.census.lock().unwrap();
        assert_eq!(census.wrong, [""; 0]);
        for token in TOKENS.iter().filter(|token| !token.rolls) {
            let generations = i64::try_from(census.of(token.name).in_force.len()).unwrap();
            assert!(generations > days() / token.every / 2, "{} was hardly rotated", token.name);
            assert_eq!(self.dead_minutes(token), 0, "{}", token.name);
        }
        let Runs { failed, killed, refused, rolls, .. } = self.runs;
        let is_rough = failed > days() / 10 && killed > days() / 10 && refused > 0;
        let has_strays = TOKENS.iter().any(|token| census.of(token.name).most_strays > 0);
        assert!(is_rough && rolls > 10 && has_strays, "the year was not rough enough");
    }

    fn dead_minutes(&self, token: &Token) -> i64 {
        let dead = token.sinks.iter().map(|kind| self.watch.dead(&token.watched(*kind)));
        dead.max().unwrap_or_default().num_minutes()
    }

    fn table(&self) -> String {
        let Runs { clean, failed, killed, refused, .. } = self.runs;
        let (days, all) = (days(), clean + failed + killed + refused);
        let mut table = format!(
            "\n{days} days, {all} runs: {clean} well, {failed} failed, {killed} killed, {refused} had to wait\n\n\
             token        generations   at once   strays at once   minutes with a dead secret\n"
        );
        let census = self.census.lock().unwrap();
        for token in &TOKENS {
            let seen = census.of(token.name);
            let (generations, minutes) = (seen.in_force.len(), self.dead_minutes(token));
            let (meant, strays) = (seen.most_meant, seen.most_strays);
            writeln!(table, "{:<12} {generations:>11} {meant:>9} {strays:>16} {minutes:>28}", token.name)
                .unwrap();
        }
        table
    }

    /// Everything goes again, and nothing stays behind.
    async fn tear_down(&self) {
        self.home.given("revoke profiles --yes").await;
        self.home.given("revoke machine.yaml -e one --yes").await;
        self.second.given("revoke machine.yaml -e two --yes").await;
        self.home.second_machine().given("revoke runners.yaml --yes").await;
        assert_eq!(self.home.tokens().len(), 0, "{:?}", self.home.tokens());
        for machine in [&self.home, &self.second] {
            let is_left = |name: &String| name.contains(".cfmint-") || name == ".cfmint/marks.new";
            assert!(!machine.world.files().iter().any(is_left), "{:?}", machine.world.files());
            assert_eq!(machine.try_text(".cfmint/marks").unwrap_or_default(), "");
        }
        for token in TOKENS.iter().filter(|token| token.sinks.contains(&Kind::EnvFile)) {
            let machine = if token.place == Place::Second { &self.second } else { &self.home };
            assert_eq!(machine.value(&token.env_file(), "TOKEN"), None);
        }
    }
}

/// Lets the next run go wrong, or not; says whether it does.
fn arrange(scene: &Scene, scheduler: &Scheduler, shared: &Path, chance: &mut Chance) -> bool {
    let nth = 1 + chance.below(scheduler.effects);
    match chance.below(16) {
        0 | 1 => scene.world.doom(nth, Doom::DeathBefore),
        2 => scene.world.doom(nth, Doom::DeathAmid),
        3 | 4 => {
            let mishaps = Mishap::all();
            let mishap = mishaps[chance.below(mishaps.len())];
            let request =
                ["POST /user/tokens", "PUT /user/tokens", "DELETE /user/tokens", "GET /user/tokens"];
            scene.transport.fail_nth(1 + chance.below(3), request[chance.below(4)], mishap);
        }
        5 => {
            std::fs::remove_file(scene.world.path("well")).ok();
            std::fs::write(shared.join("full"), "").unwrap();
        }
        6 => {
            // Cloudflare is out of reach from some request on.
            let seen = [Seen::NoConnection, Seen::Page(502), Seen::Lost][chance.below(3)];
            let request = ["GET", "POST", "PUT"][chance.below(3)];
            scene.transport.fail_all(request, Mishap::before(seen));
        }
        7 => scene.transport.fail_write(1 + chance.below(4), Mishap::late()),
        _ => return false,
    }
    true
}
