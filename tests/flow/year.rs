//! A year of `rotate --due`, run daily by a scheduler that knows nothing: some runs meet a failing request, some are
//! killed, hooks fail, the machine is off for days. Before every effect of every run, and for every minute between the
//! runs, a secret that was delivered works; there are never more than two generations; and in the end nothing is left.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cfmint::emulator::Emulator;
use cfmint::secret::Secret;
use cfmint::world::World as _;
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::{Doom, Mishap, Scene, Seen, TestWorld};

const DAYS: u32 = 365;

/// A profile of the year.
struct Token {
    name: &'static str,
    life: &'static str,
    /// Whether its id stays: then its old secret dies a moment before the new one is stored, and a run that is
    /// killed in that moment leaves a gap until it is run again.
    rolls: bool,
}

const TOKENS: [Token; 6] = [
    Token { name: "daily", life: "ttl: 7d\nrotation: { every: 1d, overlap: 1h }", rolls: false },
    Token { name: "weekly", life: "ttl: 30d\nrotation: { every: 7d, overlap: 1d }", rolls: false },
    Token { name: "monthly", life: "ttl: 90d\nrotation: { every: 30d, overlap: 3d }", rolls: false },
    Token { name: "by-its-end", life: "ttl: 20d", rolls: false },
    Token {
        name: "with-hooks",
        life: "ttl: 40d\nrotation: { every: 10d, overlap: 12h }\n\
               hooks: { delivered: [[test, -e, well]], retired: [[test, -e, well]] }",
        rolls: false,
    },
    Token { name: "rolled", life: "ttl: 60d\nrotation: { every: 14d, strategy: roll }", rolls: true },
];

impl Token {
    fn profile(&self) -> String {
        format!(
            "version: 1\nname: {0}\npermissions: {{ zone: {{ DNS: edit }} }}\nresources: {{ zones: [example.com] }}\n\
             {1}\nsinks: [{{ env_file: .env.{0}, variables: {{ TOKEN: token }} }}]\n",
            self.name, self.life
        )
    }
}

/// What is seen of one token.
#[derive(Default)]
struct Story {
    /// Secrets that were delivered and still work.
    working: Vec<String>,
    /// How many generations there were.
    generations: Vec<String>,
    /// The most that were alive at once.
    most_alive: usize,
    /// The minutes in which no delivered secret worked.
    gap: i64,
}

/// Who looks at everything all the time.
struct Watch {
    emulator: Emulator,
    base: PathBuf,
    seen: BTreeMap<&'static str, Story>,
    wrong: Vec<String>,
    /// What there was to see the last time: the same is not looked at twice.
    last: (u64, Vec<String>),
}

impl Watch {
    fn new(scene: &Scene) -> Self {
        let seen = TOKENS.iter().map(|token| (token.name, Story::default())).collect();
        let base = scene.world.base().to_owned();
        let last = (u64::MAX, Vec::new());
        Self { emulator: scene.emulator.clone(), base, seen, wrong: Vec::new(), last }
    }

    fn works(emulator: &Emulator, secret: &str) -> bool {
        let owned = emulator.token_of(&Secret::new(secret.to_owned()));
        owned.is_some_and(|owned| owned.token.status == "active")
    }

    /// Looks at the files and the tokens as they are now. That a token ends by itself is seen when something else
    /// happens, and [`wait`](Self::wait) sees it beforehand.
    fn look(&mut self, when: &str) {
        let file = |token: &Token| std::fs::read_to_string(self.base.join(format!(".env.{}", token.name)));
        let stored: Vec<String> = TOKENS.iter().map(|token| file(token).unwrap_or_default()).collect();
        let now = (self.emulator.revision(), stored);
        if now == self.last {
            return;
        }
        self.last = now;
        let tokens = self.emulator.tokens();
        for (token, stored) in TOKENS.iter().zip(&self.last.1) {
            let seen = self.seen.get_mut(token.name).unwrap();
            let secret = stored.trim().strip_prefix("TOKEN=").map(str::to_owned);
            let had_one = !seen.working.is_empty();
            seen.working.retain(|secret| Self::works(&self.emulator, secret));
            if let Some(secret) = secret.filter(|secret| Self::works(&self.emulator, secret))
                && !seen.working.contains(&secret)
            {
                seen.working.push(secret);
            }
            if had_one && seen.working.is_empty() && !token.rolls {
                self.wrong.push(format!("{}: no delivered secret works before {when}", token.name));
            }
            let own = |name: &str| name.rsplit_once('@').is_some_and(|(name, _)| name == token.name);
            let generations: Vec<_> = tokens.iter().filter(|owned| own(&owned.token.name)).collect();
            let alive = generations.iter().filter(|owned| owned.token.status == "active").count();
            seen.most_alive = seen.most_alive.max(alive);
            for owned in generations {
                if !seen.generations.contains(&owned.token.id) {
                    seen.generations.push(owned.token.id.clone());
                }
            }
        }
    }

    /// Looks ahead: until the next run nothing happens but that tokens end.
    fn wait(&mut self, now: DateTime<Utc>, next: DateTime<Utc>) {
        for token in &TOKENS {
            let seen = self.seen.get_mut(token.name).unwrap();
            let ends = seen.working.iter().filter_map(|secret| {
                let owned = self.emulator.token_of(&Secret::new(secret.clone()))?;
                Some(owned.token.expires_on.unwrap_or(DateTime::<Utc>::MAX_UTC))
            });
            let covered = ends.max().unwrap_or(now).min(next);
            seen.gap += (next - covered).num_minutes();
        }
    }
}

/// Numbers that look like chance and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// Where each run stands.
#[derive(Default)]
struct Runs {
    clean: u32,
    failed: u32,
    killed: u32,
}

#[tokio::test(start_paused = true)]
async fn a_year_passes_in_which_a_delivered_secret_always_works() {
    let scene = Scene::outside_git(TestWorld::new(), |_| {});
    for token in &TOKENS {
        scene.world.put(&format!("profiles/{}.yaml", token.name), token.profile());
    }
    scene.world.put("well", "");
    scene.given("rotate profiles --due").await;
    let watch = Arc::new(Mutex::new(Watch::new(&scene)));
    let watching = Arc::clone(&watch);
    let mut chance = Chance(7);
    let mut runs = Runs::default();
    let begin = scene.world.now();
    let mut next = begin + TimeDelta::days(1);
    while next < begin + TimeDelta::days(i64::from(DAYS)) {
        watch.lock().unwrap().look("the scheduler waits");
        let now = scene.world.now();
        watch.lock().unwrap().wait(now, next);
        tokio::time::advance((next - now).to_std().unwrap()).await;

        let watching = Arc::clone(&watching);
        scene.world.hook("", move || {
            watching.lock().unwrap().look("an effect");
            Ok(())
        });
        let trouble = arrange(&scene, &mut chance);
        let ran = scene.run("rotate profiles --due").await;
        match (scene.world.is_dead(), ran.code) {
            (true, _) => runs.killed += 1,
            (false, 0) => runs.clean += 1,
            (false, _) => runs.failed += 1,
        }
        scene.world.revive();
        scene.world.unhook();
        scene.world.forget_effects();
        scene.road.clear();
        scene.world.put("well", "");
        // A scheduler repeats what failed, and sometimes the machine is off for some days.
        let wait = match (trouble, chance.below(30)) {
            (true, even) if even % 2 == 0 => TimeDelta::minutes(1),
            (_, 0) => TimeDelta::days(3),
            _ => TimeDelta::days(1),
        };
        next = scene.world.now() + wait;
    }
    scene.given("rotate profiles --due").await;
    watch.lock().unwrap().look("the end");

    println!("{}", table(&watch.lock().unwrap(), &runs));
    assert!(runs.killed > 10 && runs.failed > 10, "the year was not rough enough");
    judge(&watch.lock().unwrap());

    tokio::time::advance(Duration::from_secs(600)).await;
    scene.given("revoke profiles --yes").await;
    assert_eq!(scene.tokens().len(), 0, "{:?}", scene.tokens());
    assert!(scene.world.files().iter().all(|name| !name.contains(".cfmint-") && !name.ends_with("/journal")));
    for token in &TOKENS {
        assert_eq!(scene.value(&format!(".env.{}", token.name), "TOKEN"), None);
    }
}

/// What must hold of the whole year.
fn judge(watch: &Watch) {
    assert_eq!(watch.wrong, [""; 0]);
    for token in &TOKENS {
        let story = &watch.seen[token.name];
        assert!(story.most_alive <= 2, "{} had {} generations", token.name, story.most_alive);
        assert!(token.rolls || story.gap == 0, "{}: {} minutes without a secret", token.name, story.gap);
        assert!(token.rolls || story.generations.len() > 5, "{} was hardly rotated", token.name);
    }
}

/// Lets the next run go wrong, or not; says whether it does.
fn arrange(scene: &Scene, chance: &mut Chance) -> bool {
    match chance.below(12) {
        // Early in a run there are only looks; what is at stake comes later.
        0 | 1 => scene.world.doom(1 + chance.below(120), Doom::DeathBefore),
        2 => scene.world.doom(1 + chance.below(120), Doom::DeathAmid),
        3 | 4 => {
            let mishaps = Mishap::all();
            let mishap = mishaps[chance.below(mishaps.len())];
            let request =
                ["POST /user/tokens", "PUT /user/tokens", "DELETE /user/tokens", "GET /user/tokens"];
            scene.road.fail_nth(1 + chance.below(3), request[chance.below(4)], mishap);
        }
        5 => std::fs::remove_file(scene.world.path("well")).unwrap(),
        6 => {
            // Cloudflare is out of reach from some request on.
            let seen = [Seen::NoConnection, Seen::Page(502), Seen::Lost][chance.below(3)];
            let request = ["GET", "POST", "PUT"][chance.below(3)];
            scene.road.fail_all(request, Mishap::before(seen));
        }
        _ => return false,
    }
    true
}

fn table(watch: &Watch, runs: &Runs) -> String {
    let Runs { clean, failed, killed } = runs;
    let mut table = format!(
        "\n{DAYS} days, {} runs: {clean} well, {failed} failed, {killed} killed\n\n\
         token        generations   most alive   minutes without a secret\n",
        clean + failed + killed
    );
    for token in &TOKENS {
        let Story { generations, most_alive, gap, .. } = &watch.seen[token.name];
        writeln!(table, "{:<12} {:>11} {most_alive:>12} {gap:>26}", token.name, generations.len()).unwrap();
    }
    table
}
