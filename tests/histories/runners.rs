//! Two runners without any state rotate one profile into one sink that cannot be read back, again and again, and at
//! random something goes wrong. The secret in the sink works at every moment.

use std::sync::Arc;
use std::time::Duration;

use cfmint::world::World as _;
use chrono::TimeDelta;
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::support::{Doom, Mishap, Scene, Seen, TestWorld, Watch, is_thorough};

const PROFILE: &str = "
version: 1
name: shop
permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
ttl: 30d
sinks:
  - command: [sh, -c, \"cat > KEPT\"]
    input: token
";

fn rotations() -> usize {
    if is_thorough() { 1000 } else { 60 }
}

#[test]
fn the_secret_of_two_runners_works_at_every_moment() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let shared = tempfile::Builder::new().prefix("cfmint-shared").tempdir().unwrap();
        let kept = shared.path().join("kept");
        let first = Scene::outside_git(TestWorld::new(), |_| {});
        first.world.put("shop.yaml", PROFILE.replace("KEPT", kept.to_str().unwrap()));
        let watch = Watch::new(&first.emulator);
        watch.add("the program", kept, "", TimeDelta::hours(1));
        let runners = [first.second_machine(), first.second_machine()];
        let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut pick = |from: usize, to: usize| from + random.next_u32() as usize % (to - from);
        let mut failed = 0;
        let count = rotations();
        for number in 0..count {
            let runner = &runners[pick(0, 2)];
            // Thrown away with all that it had.
            std::fs::remove_dir_all(runner.world.path(".cfmint")).ok();
            match pick(0, 6) {
                0 => runner.transport.fail_write(pick(1, 4), Mishap::before(Seen::Lost)),
                1 => runner.transport.fail_write(pick(1, 4), Mishap::after(Seen::Lost)),
                2 => runner.transport.fail_write(pick(1, 4), Mishap::late()),
                3 => runner.world.doom(pick(1, 30), Doom::DeathAmid),
                _ => {}
            }
            let (watching, clock) = (Arc::clone(&watch), Arc::clone(&first.world));
            runner.world.hook("", move || {
                watching.look(clock.now(), "in the middle of a run");
                Ok(())
            });
            let ran = runner.run("rotate shop.yaml").await;
            failed += usize::from(ran.code != 0);
            runner.world.unhook();
            runner.world.revive();
            runner.world.forget_effects();
            runner.transport.clear();
            if pick(0, 3) == 0 && !runner.transport.late().is_empty() {
                runner.transport.deliver_next_late().await;
            }
            let pause = [0, 60, 20 * 60, 2 * 3600, 26 * 3600][pick(0, 5)];
            tokio::time::sleep(Duration::from_secs(pause)).await;
            watch.look(first.world.now(), "between two runs");
            let wrong = watch.wrong();
            assert!(wrong.is_empty(), "after {number} rotations: {wrong:#?}\n{}", ran.err);
        }
        println!(
            "{count} rotations on two runners, {failed} of them failed: the sink's secret always worked"
        );
        assert!(failed > 0, "nothing went wrong, so nothing was shown");
    });
}
