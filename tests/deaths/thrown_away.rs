//! Runners that are thrown away: each run has its own folder, without state, and the secret is kept where the next
//! one cannot read it. A run is killed; once it counts as dead, one run in another folder finishes what it left.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::runner::{Killed, Runner};
use crate::{BRISK, moments};

/// In how many moments of its life each command is killed.
const MOMENTS: u32 = 8;

/// Where a profile's secret goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sinks {
    /// To a program that keeps it outside.
    Program,
    /// There, and to an env file, which goes with its folder.
    ProgramAndFile,
}

/// A profile, what its program keeps, and who may have read what.
struct Shop {
    name: String,
    sinks: Sinks,
    read: Vec<String>,
}

impl Shop {
    fn kept(&self, safe: &Path) -> Option<String> {
        fs::read_to_string(safe.join(&self.name)).ok().filter(|kept| !kept.is_empty())
    }

    /// A consumer reads what the program keeps.
    fn note(&mut self, safe: &Path) {
        let kept = self.kept(safe).filter(|kept| self.read.last() != Some(kept));
        self.read.extend(kept);
    }

    /// A new folder with nothing but the profile.
    fn runner<'a>(&self, cloud: &'a Cloud, safe: &Path) -> (Runner<'a>, String) {
        let runner = Runner::new(cloud);
        // Slowly, so that a death may come amid.
        let script = format!("sleep 0.02; cat > {}/{}; sleep 0.02", safe.display(), self.name);
        let program = format!("{{ command: [sh, -c, \"{script}\"], input: token }}");
        let file = format!("{{ env_file: .env.{}, variables: {{ SHOP_TOKEN: token }} }}", self.name);
        let sinks = match self.sinks {
            Sinks::Program => program,
            Sinks::ProgramAndFile => format!("{program}, {file}"),
        };
        if self.sinks == Sinks::ProgramAndFile {
            runner.profile(&self.name);
        }
        let path = runner.put_profile(&self.name, &sinks);
        (runner, path)
    }
}

/// A command is killed at moments all over its life; then it counts as dead, and another one finishes what it left.
fn killed_and_finished(command: &str, sinks: Sinks, next: &str) {
    let cloud = Cloud::new(BRISK);
    let safe = TempDir::new().unwrap();
    let safe = safe.path();
    let begun = |moment: u32| {
        let shop = Shop { name: format!("{command}-{moment}"), sinks, read: Vec::new() };
        if command != "apply" {
            let (runner, profile) = shop.runner(&cloud, safe);
            runner.succeed(&["apply", &profile]);
        }
        shop
    };
    let whole = {
        let (runner, profile) = begun(0).runner(&cloud, safe);
        runner.succeed(&[command, &profile])
    };
    let mut deaths = [0, 0];
    let mut shops = Vec::new();
    for (moment, after, who) in moments(whole, MOMENTS) {
        let mut shop = begun(moment);
        // A roll is told to end what was read before.
        if command != "roll" {
            shop.note(safe);
        }
        let (runner, profile) = shop.runner(&cloud, safe);
        deaths[usize::from(who == Killed::Group)] +=
            u32::from(runner.killed(&[command, &profile], after, who));
        shop.note(safe);
        shops.push(shop);
    }
    println!("{deaths:?} of {MOMENTS} kills, of the process or of its group, hit a running {command}");
    assert!(deaths.iter().all(|deaths| *deaths > 0), "every {command} was over before it was killed");

    cloud.pass(TimeDelta::minutes(15) + TimeDelta::seconds(1));

    for shop in &mut shops {
        finish(shop, &cloud, safe, next);
        if command != "roll" {
            shop.note(safe);
            let dead = shop.read.iter().filter(|secret| cloud.owner(secret).is_none()).count();
            assert_eq!(dead, 0, "{}: what was read within the hour works", shop.name);
        }
    }
}

/// One run in a new folder, after which one token is in force and everybody holds it.
fn finish(shop: &Shop, cloud: &Cloud, safe: &Path, next: &str) {
    let name = &shop.name;
    let (runner, profile) = shop.runner(cloud, safe);
    runner.succeed(&[next, &profile]);

    let current = cloud.in_force(name);
    let current =
        current.unwrap_or_else(|| panic!("{name} has one token in force: {:?}", cloud.living(name)));
    let kept = shop.kept(safe).and_then(|secret| cloud.owner(&secret)).map(|token| token.id);
    assert_eq!(kept.as_ref(), Some(&current.id), "{name}: the program keeps what is in force");
    if shop.sinks == Sinks::ProgramAndFile {
        assert_eq!(runner.held(name), Some(current.id), "{name}: so does the file");
    }
    assert_eq!(cloud.strays(name), [""; 0], "{name}: everything else ends soon");
}

#[test]
fn a_program_holds_what_is_in_force_after_a_death_and_one_run() {
    for command in ["apply", "roll", "rotate"] {
        killed_and_finished(command, Sinks::Program, "apply");
    }
}

#[test]
fn a_program_and_a_file_hold_what_is_in_force_after_a_death_and_one_run() {
    for command in ["apply", "roll", "rotate"] {
        killed_and_finished(command, Sinks::ProgramAndFile, "rotate");
    }
}
