//! The power goes at every effect of a command, and what was not synced is lost. Afterwards the env file is whole, with the
//! old content or the new; no sink holds a dead secret; and one clean run finds or makes everything as it should be.
//! Every effect is tried where `CI` is set, every second elsewhere.

use std::sync::Arc;
use std::time::Duration;

use cfmint::plan::MarkedName;
use cfmint::world::World as _;
use chrono::TimeDelta;

use crate::support::{Doom, Scene, TestWorld, Watch, sample};

/// What stands in the env file beside the secret.
const AROUND: &str = "# Written by people\nOTHER=\"kept as it is\"\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sinks {
    EnvFile,
    /// The same, where nothing can be moved over the file.
    Mounted,
    EnvFileAndProgram,
}

const SINKS: [Sinks; 3] = [Sinks::EnvFile, Sinks::Mounted, Sinks::EnvFileAndProgram];

/// A machine whose disk forgets, with the sinks of one profile and what looks at them.
struct Stage {
    scene: Scene,
    sinks: Sinks,
    watch: Arc<Watch>,
}

impl Stage {
    fn new(sinks: Sinks) -> Self {
        let scene = Scene::outside_git(TestWorld::new().forgetful(), |_| {});
        let program = match sinks {
            Sinks::EnvFileAndProgram => "  - command: [sh, -c, \"cat > kept\"]\n    input: token\n",
            Sinks::EnvFile | Sinks::Mounted => "",
        };
        let profile = format!(
            "version: 1\nname: shop\npermissions: {{ zone: {{ DNS: edit }} }}\nresources: {{ zones: [example.com] }}\n\
             ttl: 30d\nsinks:\n  - env_file: .env\n    variables: {{ TOKEN: token }}\n{program}"
        );
        scene.world.put("shop.yaml", profile);
        scene.world.put(".env", AROUND);
        if sinks == Sinks::Mounted {
            scene.world.mount(".env");
        }
        let watch = Watch::new(&scene.emulator);
        watch.add("the env file", scene.world.path(".env"), "TOKEN=", TimeDelta::hours(1));
        if sinks == Sinks::EnvFileAndProgram {
            watch.add("the program", scene.world.path("kept"), "", TimeDelta::hours(1));
        }
        Self { scene, sinks, watch }
    }

    /// Where the command begins: without a token for the first `apply`, with one in force otherwise. What the scene has
    /// written by then is on the disk.
    async fn ready(sinks: Sinks, line: &str) -> Self {
        let stage = Self::new(sinks);
        if !line.starts_with("apply") {
            stage.scene.given("apply shop.yaml").await;
        }
        // What is young may not be known everywhere, and is not overwritten: that is another story.
        tokio::time::sleep(Duration::from_secs(1200)).await;
        stage.watch.is_rolling(line.starts_with("roll"));
        stage.look("before");
        stage
    }

    fn look(&self, moment: &str) {
        self.watch.look(self.scene.world.now(), moment);
    }

    /// The env file without the line of the secret.
    fn around(&self) -> String {
        let text = self.scene.world.text(".env");
        text.split_inclusive('\n').filter(|line| !line.starts_with("TOKEN=")).collect()
    }

    /// Whether the env file is whole: nothing of it is missing, and its secret, if it has one, was minted.
    fn is_whole(&self) -> bool {
        let is_minted = |secret: String| self.scene.secrets().contains(&secret);
        self.around() == AROUND && self.scene.value(".env", "TOKEN").is_none_or(is_minted)
    }

    fn sinks(&self) -> &'static [&'static str] {
        match self.sinks {
            Sinks::EnvFile | Sinks::Mounted => &["the env file"],
            Sinks::EnvFileAndProgram => &["the env file", "the program"],
        }
    }

    /// What one clean run must leave.
    async fn heal(&self, case: &str) {
        self.watch.is_rolling(false);
        let ran = self.scene.run("apply shop.yaml").await;
        assert_eq!(ran.code, 0, "{case}: {}", ran.err);
        self.look("after a clean run");
        // The note may have lost its last write. Whatever it says, nothing that was delivered is deleted by it.
        let recovered = self.scene.run("recover").await;
        assert_eq!(recovered.code, 0, "{case}: {}", recovered.err);
        self.look("after recovering");
        let live = self.scene.tokens().into_iter().filter(|token| token.status == "active");
        let is_in_force =
            |name: &str| MarkedName::parse(name).is_some_and(|marked| marked.phase.is_in_force());
        let in_force: Vec<_> = live.filter(|token| is_in_force(&token.name)).collect();
        assert_eq!(in_force.len(), 1, "{case}: {in_force:?}");
        assert_eq!(self.watch.lacking(&in_force[0].id, self.sinks()), [""; 0], "{case}");
        assert_eq!(self.around(), AROUND, "{case}");
        let is_left = |name: &String| name.contains(".cfmint-") || name == ".cfmint/marks.new";
        assert!(!self.scene.world.files().iter().any(is_left), "{case}: {:?}", self.scene.world.files());
        assert_eq!(self.watch.wrong(), [""; 0], "{case}");
    }
}

async fn survives_every_power_cut(line: &str) {
    for (offset, sinks) in SINKS.into_iter().enumerate() {
        let effects = {
            let stage = Stage::ready(sinks, line).await;
            stage.scene.given_noted(line).await
        };
        assert!(effects.iter().any(|effect| effect.starts_with("POST")), "{effects:?}");
        for nth in sample(2, offset, 1..=effects.len()) {
            // Before an effect all is as amid the one before, unless that was cut in half.
            let is_half = nth > 1 && ["write", "overwrite"].contains(&&*effects[nth - 2]);
            let dooms = [Doom::DeathAmid, Doom::DeathBefore];
            for doom in dooms.into_iter().take(if is_half || nth == 1 { 2 } else { 1 }) {
                let stage = Stage::ready(sinks, line).await;
                stage.scene.world.doom(nth, doom);
                let ran = stage.scene.run(line).await;
                let case = format!("{line} into {sinks:?}, {doom:?} {}", effects[nth - 1]);
                assert!(stage.scene.world.is_dead(), "{case}: {ran:?}");
                stage.scene.world.revive();
                // In place, a reader may find a mixture until the next run has put it right.
                assert!(
                    sinks == Sinks::Mounted || stage.is_whole(),
                    "{case}: {}",
                    stage.scene.world.text(".env")
                );
                if sinks != Sinks::Mounted {
                    stage.look(&format!("after the cut, {case}"));
                }
                if doom == Doom::DeathAmid {
                    // What it deletes, no sink can have.
                    let recovered = stage.scene.run("recover").await;
                    assert_eq!(recovered.code, 0, "{case}: {}", recovered.err);
                }
                stage.heal(&case).await;
            }
        }
        // And when it is over, nothing of it is lost.
        let stage = Stage::ready(sinks, line).await;
        stage.scene.given(line).await;
        let text = stage.scene.world.text(".env");
        stage.scene.world.power_cut();
        stage.scene.world.revive();
        assert_eq!(stage.scene.world.text(".env"), text, "{line} into {sinks:?}");
        stage.heal(&format!("{line} into {sinks:?}, then the cut")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_apply_survives_a_power_cut_at_every_effect() {
    survives_every_power_cut("apply shop.yaml").await;
}

#[tokio::test(start_paused = true)]
async fn a_rotation_survives_a_power_cut_at_every_effect() {
    survives_every_power_cut("rotate shop.yaml").await;
}

#[tokio::test(start_paused = true)]
async fn a_roll_survives_a_power_cut_at_every_effect() {
    survives_every_power_cut("roll shop.yaml").await;
}
