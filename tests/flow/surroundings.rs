//! What is odd about the machine or the transport, and is reported.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::profiles::DNS;
use crate::support::Scene;

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_off_is_warned_of() {
    let scene = Scene::with(|settings| {
        let clock = Arc::clone(&settings.clock);
        settings.clock = Arc::new(move || clock() + TimeDelta::hours(2));
    });
    scene.world.put("dns.yaml", DNS);
    scene.run("plan dns.yaml").await.ends_with(0).says(&["this machine's clock is 2h behind Cloudflare's"]);
}
