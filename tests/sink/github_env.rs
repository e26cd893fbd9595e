//! Variables for the later steps of a job in GitHub Actions.

use std::io;

use cfmint::profile::SinkValue;
use cfmint::sink::{GithubEnvSink, Reached, Sink, SinkReading};

use super::support::Doom;
use super::{Scene, TestWorld, code, failure};

const TOKEN: &str = "cfut_FAKE-secret";

fn sink() -> GithubEnvSink {
    let variables = [("CF_TOKEN", SinkValue::Token), ("CF_ACCOUNT", SinkValue::AccountId)];
    GithubEnvSink::new(variables.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// A job whose file holds this.
fn job(text: &str) -> Scene {
    let world = TestWorld::new();
    let path = world.put("env", text);
    Scene::new(
        world.with_variable("GITHUB_ACTIONS", "true").with_variable("GITHUB_ENV", path.to_str().unwrap()),
    )
}

/// What the runner reads: the value of each variable, the last one counts.
fn read_by_runner(text: &str) -> Vec<(String, String)> {
    let mut lines = text.lines();
    let mut variables = Vec::new();
    while let Some(line) = lines.next() {
        if let Some((name, delimiter)) = line.split_once("<<") {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
            variables.push((name.to_owned(), value.join("\n")));
        } else if let Some((name, value)) = line.split_once('=') {
            variables.push((name.to_owned(), value.to_owned()));
        }
    }
    variables
}

#[test]
fn a_later_step_has_the_variables_and_the_log_never_shows_the_secret() {
    for (before, others) in [("", 0), ("OTHER=1\n", 1), ("OTHER=1", 1)] {
        let scene = job(before);
        scene.prove(&sink()).unwrap();
        assert_eq!(scene.world.text("env"), before);
        let written = scene.write(&sink(), TOKEN).unwrap();
        assert_eq!(written.variables, ["CF_TOKEN", "CF_ACCOUNT"]);
        let variables = read_by_runner(&scene.world.text("env"));
        let text = |at: usize| (variables[at].0.as_str(), variables[at].1.as_str());
        assert_eq!(text(others), ("CF_TOKEN", TOKEN));
        assert_eq!(text(others + 1), ("CF_ACCOUNT", "fedcba9876543210fedcba9876543210"));
        // Only the secret, and before it is anywhere else.
        assert_eq!(scene.world.told(), [format!("::add-mask::{TOKEN}")]);
        let effects = scene.world.effects();
        let at = |name: &str| effects.iter().position(|effect| effect.starts_with(name)).unwrap();
        assert!(at("tell_runner") < at("append"), "{effects:?}");
    }
}

#[test]
fn what_a_command_could_be_made_of_is_escaped() {
    let scene = job("");
    scene.write(&sink(), "a%b\nc").unwrap();
    assert_eq!(scene.world.told(), ["::add-mask::a%25b%0Ac"]);
    assert_eq!(read_by_runner(&scene.world.text("env"))[0].1, "a%b\nc");
}

#[test]
fn outside_of_a_job_nothing_is_told_and_nothing_written() {
    let path = |scene: &Scene| scene.world.path("env").display().to_string();
    let world = || {
        let world = TestWorld::new();
        world.put("env", "");
        world
    };
    let here = path(&Scene::new(world()));
    for (actions, file) in
        [(None, Some(&*here)), (Some("true"), None), (Some("true"), Some("env")), (Some("1"), Some("/"))]
    {
        let mut world = world();
        for (name, value) in [("GITHUB_ACTIONS", actions), ("GITHUB_ENV", file)] {
            world = value.into_iter().fold(world, |world, value| world.with_variable(name, value));
        }
        let scene = Scene::new(world);
        assert_eq!(code(scene.prove(&sink())), "sink.no-github-actions");
        assert_eq!(failure(scene.write(&sink(), TOKEN)), ("sink.no-github-actions", Reached::No));
        assert!(scene.world.told().is_empty());
    }
}

#[test]
fn nobody_can_ask_for_it_or_take_it_back() {
    let scene = job("");
    assert!(sink().is_opaque() && matches!(scene.read(&sink()), SinkReading::Opaque));
    let written = scene.write(&sink(), TOKEN).unwrap();
    assert_eq!(code(sink().restore(&scene.world, &scene.stage(), &written)), "sink.not-restorable");
    assert_eq!(sink().claims().len(), 2, "two tokens of one run cannot have one name there");
}

#[test]
fn a_write_that_failed_may_have_reached_a_later_step() {
    let scene = job("");
    scene.world.doom_at("tell_runner", Doom::Error(io::ErrorKind::BrokenPipe));
    assert_eq!(failure(scene.write(&sink(), TOKEN)), ("sink.refused", Reached::No));
    assert_eq!(scene.world.text("env"), "", "nothing goes there that would be shown");
    scene.world.doom_at("write", Doom::Error(io::ErrorKind::StorageFull));
    assert_eq!(failure(scene.write(&sink(), TOKEN)), ("sink.refused", Reached::Perhaps));
}
