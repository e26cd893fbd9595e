//! What `schedule` prints is what the scheduler runs: read back by the rules of each format, every argument comes out
//! as it went in.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Command;

use cfmint::world::World as _;
use proptest::prelude::*;
use serde_json::Value;

use crate::profiles::{DNS, dns_but};
use crate::support::{Ran, Scene, TestWorld};

/// The files of `schedule … --json`, by path and text.
fn files(ran: &Ran) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let files = ran.json()["files"].as_array().unwrap().clone();
    files.iter().map(|file| (text(&file["path"]), text(&file["text"]))).collect()
}

/// A program called `cfmint` that prints its arguments, each with a zero byte behind it.
fn echo(scene: &Scene) -> String {
    scene.world.put("bin/cfmint", "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done\n");
    let path = scene.world.path("bin/cfmint");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// Runs a line of a shell, and returns the arguments that its cfmint got.
fn run(scene: &Scene, line: &str) -> Vec<String> {
    let path = format!("{}:{}", scene.world.path("bin").display(), std::env::var("PATH").unwrap());
    let output =
        Command::new("sh").args(["-e", "-c", line]).env("PATH", path).env("HOME", "/home/you").output();
    let output = output.unwrap();
    assert!(output.status.success(), "{line}\n{output:?}");
    String::from_utf8(output.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect()
}

/// What cron hands to the shell: up to the first `%` that no backslash protects.
fn as_cron_reads(command: &str) -> String {
    let (mut read, mut escaped) = (String::new(), false);
    for character in command.chars() {
        match character {
            '%' if escaped => {
                read.pop();
                read.push('%');
                escaped = false;
            }
            '%' => break,
            other => {
                read.push(other);
                escaped = other == '\\' && !escaped;
            }
        }
    }
    read
}

/// The words of an `ExecStart=`: unquoted, then specifiers filled in, then variables.
fn as_systemd_reads(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\'' if !quoted => panic!("a quote of another kind: {line}"),
            '\\' => word.get_or_insert_default().extend(characters.next()),
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    let doubled = |text: &str, sign: &str| {
        let parts: Vec<&str> = text.split(&sign.repeat(2)).collect();
        assert!(parts.iter().all(|part| !part.contains(sign)), "`{sign}` would be filled in: {text}");
        parts.join(sign)
    };
    let known = |text: String| text.replace("${CREDENTIALS_DIRECTORY}", "/run/credentials");
    words.into_iter().map(|word| doubled(&doubled(&known(word), "%"), "$")).collect()
}

/// A document of YAML.
fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Values that each format has something against.
fn value() -> impl Strategy<Value = String> {
    let nasty = [
        "%", "\\", "$", "\"", "'", "${{", "}}", "$(", "${HOME}", "$$", " ", "%%", "\\%", "`id`", "#", ";",
        "-", "=", ":", "&&", "*", "~", "ä", "€", "a", "\\n", "!", "{}",
    ];
    proptest::collection::vec(proptest::sample::select(nasty.to_vec()), 0..9).prop_map(|parts| parts.concat())
}

/// A profile that refers to a variable where nearly any value is fine: in an argument of a hook.
fn with_variable() -> String {
    format!("{DNS}hooks: {{ delivered: [[sh, \"${{X:-none}}\"]] }}\n")
}

fn with_value(value: &str) -> Vec<String> {
    ["rotate", "dns.yaml", "--set", &format!("X={value}"), "--due"].map(str::to_owned).to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_of_a_variable_reaches_rotate_as_it_was_given(value in value()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::outside_git(TestWorld::new(), |_| {});
            scene.world.put("dns.yaml", with_variable());
            let program = echo(&scene);
            let set = format!("X={value}");
            let print = async |format: &str| {
                let arguments =
                    ["schedule", format, "dns.yaml", "--set", &set, "--program", &program, "--json"];
                files(&scene.run_with(&arguments).await.ends_with(0))
            };

            let text = &print("--cron").await[0].1;
            let line = text.lines().find(|line| !line.starts_with('#')).unwrap();
            let command = line.splitn(6, ' ').nth(5).unwrap();
            let mut expected = with_value(&value);
            expected.extend(["--quiet", "--bootstrap-file", "/home/you/.config/cfmint/bootstrap"].map(str::to_owned));
            assert_eq!(run(&scene, &as_cron_reads(command)), expected);

            let text = &print("--systemd").await[0].1;
            let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
            let mut expected = vec![program.clone()];
            expected.extend(with_value(&value));
            expected.extend(["--bootstrap-file", "/run/credentials/bootstrap"].map(str::to_owned));
            assert_eq!(as_systemd_reads(line), expected);

            let text = &print("--github-actions").await[0].1;
            let steps = yaml(text)["jobs"]["rotate"]["steps"].clone();
            let script = steps.as_array().unwrap().last().unwrap()["run"].as_str().unwrap().to_owned();
            let script = script.split("${{ '${{' }}").inspect(|part| {
                assert!(!part.contains("${{"), "an expression: {script}");
            });
            assert_eq!(run(&scene, &script.collect::<Vec<_>>().join("${{")), with_value(&value));

            let text = &print("--kubernetes").await[0].1;
            let pod = yaml(text)["spec"]["jobTemplate"]["spec"]["template"]["spec"].clone();
            let words = pod["containers"][0]["args"].as_array().unwrap().clone();
            let words = words.iter().map(|word| {
                let parts: Vec<&str> = word.as_str().unwrap().split("$$").collect();
                assert!(parts.iter().all(|part| !part.contains('$')), "would be filled in: {word}");
                parts.join("$")
            });
            let mut expected = with_value(&value);
            "/profiles/dns.yaml".clone_into(&mut expected[1]);
            assert_eq!(words.collect::<Vec<_>>(), expected);
        });
    }
}

#[tokio::test(start_paused = true)]
#[allow(clippy::print_stderr, reason = "a test that skips itself says so")]
async fn units_are_what_systemd_takes() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        eprintln!("skipped: there is no systemd-analyze here");
        return;
    };
    assert!(version.status.success());
    let scene = Scene::new();
    scene.world.put("dns.yaml", with_variable());
    scene
        .world
        .put("hooked.yaml", dns_but("name: shop-dns", "name: hooked\nhooks: { delivered: [[\"true\"]] }"));
    let folder = scene.world.path("units");
    std::fs::create_dir(&folder).unwrap();
    let cfmint = env!("CARGO_BIN_EXE_cfmint");
    for options in [
        vec!["dns.yaml"],
        vec!["dns.yaml", "--set", "X=%n $HOME \"'\\", "--state-dir", "/var/lib/a state", "--splay", "2h"],
        vec!["hooked.yaml", "--bootstrap-command", "op read 'op://vault/my item'"],
        vec![
            "dns.yaml",
            "--bootstrap-file",
            "my %i/boot strap",
            "--api-url",
            "https://api.example.com/client/v4",
        ],
    ] {
        let arguments: Vec<&str> =
            ["schedule", "--systemd", "--json", "--program", cfmint].into_iter().chain(options).collect();
        let units = files(&scene.run_with(&arguments).await.ends_with(0));
        let names: Vec<String> =
            units.iter().map(|(path, _)| path.rsplit('/').next().unwrap().to_owned()).collect();
        for (name, (_, text)) in names.iter().zip(&units) {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let mut verify = Command::new("systemd-analyze");
        let output = verify.args(["verify", "--man=no"]).args(&names).current_dir(&folder).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !said.contains("cfmint-rotate"), "{said}\n{units:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_workflow_runs_alone_with_few_rights_and_pinned_steps() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    let ran = scene.run("schedule --github-actions dns.yaml --json").await.ends_with(0);
    let workflow = yaml(&files(&ran)[0].1);
    assert_eq!(workflow["permissions"], serde_json::json!({ "contents": "read" }));
    assert_eq!(workflow["concurrency"]["cancel-in-progress"], false);
    assert_eq!(workflow["concurrency"]["group"], "cfmint-rotate-dns");
    let job = &workflow["jobs"]["rotate"];
    assert_eq!(job["timeout-minutes"], 50, "with the time to build it");
    for step in job["steps"].as_array().unwrap() {
        let Some(uses) = step["uses"].as_str() else { continue };
        let (_, commit) = uses.split_once('@').unwrap();
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
    }
    let last = job["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(
        last["env"]["CLOUDFLARE_BOOTSTRAP_TOKEN"], "${{ secrets.CLOUDFLARE_BOOTSTRAP_TOKEN }}",
        "the one step that needs it"
    );
    let notes = ran.json()["results"][0]["notes"][0].as_str().unwrap().to_owned();
    assert!(notes.contains(".env would be lost"), "{notes}");
}

#[tokio::test(start_paused = true)]
async fn a_cron_job_runs_alone_without_rights_and_keeps_nothing() {
    let scene = Scene::new();
    scene.world.put("all/dns.yaml", DNS);
    scene.world.put("all/web.yaml", dns_but("shop-dns", "shop-web").replace(".env", ".env.web"));
    let ran = scene
        .run("schedule --kubernetes all --name rotate --image registry.internal/cfmint:1 --json")
        .await
        .ends_with(0);
    let job = yaml(&files(&ran)[0].1);
    let spec = &job["spec"];
    assert_eq!(spec["concurrencyPolicy"], "Forbid");
    assert!(spec["startingDeadlineSeconds"].as_i64().unwrap() >= 10);
    let job = &spec["jobTemplate"]["spec"];
    assert!(job["backoffLimit"].is_i64() && job["activeDeadlineSeconds"].is_i64());
    let pod = &job["template"]["spec"];
    assert_eq!(pod["restartPolicy"], "Never");
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    let container = &pod["containers"][0];
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(container["env"][0]["valueFrom"]["secretKeyRef"]["key"], "bootstrap");
    let volumes = pod["volumes"].as_array().unwrap();
    let items = serde_json::json!([
        { "key": "dns.yaml", "path": "all/dns.yaml" },
        { "key": "web.yaml", "path": "all/web.yaml" },
    ]);
    assert_eq!(volumes[0]["configMap"]["items"], items);
    let mounts = container["volumeMounts"].as_array().unwrap();
    let names = |list: &[Value]| -> Vec<String> {
        list.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (names(mounts), names(volumes)),
        (names(volumes), ["profiles", "work"].map(str::to_owned).to_vec())
    );
    assert_eq!(container["image"], "registry.internal/cfmint:1");
    assert!(volumes.iter().all(|volume| volume["persistentVolumeClaim"].is_null()), "nothing lasts");
    assert_eq!(mounts[1]["mountPath"], container["workingDir"], "there the state folder is made");
}

#[tokio::test(start_paused = true)]
async fn a_cron_job_makes_its_state_folder_below_the_mount_that_is_named() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    for (named, mount) in [("/state", "/state"), ("kept", "/work/kept")] {
        let ran = scene
            .run(&format!("schedule --kubernetes dns.yaml --state-dir {named} --json"))
            .await
            .ends_with(0);
        let pod = yaml(&files(&ran)[0].1)["spec"]["jobTemplate"]["spec"]["template"]["spec"].clone();
        let container = &pod["containers"][0];
        let volume = pod["volumes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|volume| volume["name"] == "state")
            .unwrap()
            .clone();
        assert!(volume["emptyDir"].is_object(), "{volume}");
        let mounts = container["volumeMounts"].as_array().unwrap();
        let state = mounts.iter().find(|mount| mount["name"] == "state").unwrap();
        assert_eq!(state["mountPath"], mount);
        // The mount itself is root's, and its group may write to it.
        let folder = container["args"].as_array().unwrap().last().unwrap();
        assert_eq!(folder.as_str(), Some(&*format!("{mount}/cfmint")));
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_scheduled_is_said() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", with_variable());
    scene.world.put("short.yaml", dns_but("ttl: 30d", "ttl: 1h"));
    scene.world.put("quarter.yaml", dns_but("ttl: 30d", "ttl: 6h"));
    scene.world.put("a\nb.yaml", DNS);
    let cases: [(&[&str], &str); 13] = [
        (&["--cron", "short.yaml"], "must be renewed within 20m, which is too short for cron"),
        (&["--github-actions", "quarter.yaml"], "too short for GitHub Actions"),
        (&["--cron", "dns.yaml", "--set", "X=a\nb"], "holds a control character"),
        (&["--kubernetes", "a\nb.yaml"], "holds a control character"),
        (&["--systemd", "dns.yaml", "--state-dir", "a\u{2028}b"], "holds a control character"),
        (&["--cron", "dns.yaml", "--program", "/a\n* * * * * id"], "holds a control character"),
        (&["--systemd", "dns.yaml", "--program", "/bin/$cfmint"], "a unit cannot start `/bin/$cfmint`"),
        (&["--github-actions", "dns.yaml", "--bootstrap-command", "a\u{85}b"], "holds a control character"),
        (&["--github-actions", "dns.yaml", "--api-url", "https://a.example\n"], "holds a control character"),
        (&["--kubernetes", "dns.yaml", "--name", "a\nb"], "cannot name a schedule"),
        (&["--systemd", "dns.yaml", "--bootstrap-file", "-"], "nobody types the bootstrap"),
        (&["--systemd", "dns.yaml", "--name", "My Job"], "cannot name a schedule"),
        (
            &["--cron", "dns.yaml", "--bootstrap-command", "echo cfut_FAKE-fake-FAKE-fake-FAKE"],
            "looks like a secret",
        ),
    ];
    for (arguments, words) in cases {
        let arguments: Vec<&str> = ["schedule"].iter().chain(arguments).copied().collect();
        let ran = scene.run_with(&arguments).await.ends_with(2);
        let ran = ran.says(&["error[usage.schedule]", words]);
        assert_eq!(ran.out, "", "{words}");
    }
    scene.run("schedule --cron quarter.yaml").await.ends_with(0).says(&["25,55 * * * * cd "]);
}

#[tokio::test(start_paused = true)]
async fn a_profile_writes_no_extra_line_into_a_schedule() {
    let scene = Scene::on(TestWorld::new().starting_in("a ${{ github.token }}"), |_| {});
    let hooked = |program: &str| {
        dns_but("name: shop-dns", &format!("name: shop-dns\nhooks: {{ delivered: [[{program}]] }}"))
    };
    for format in ["--systemd", "--cron", "--github-actions", "--kubernetes"] {
        let mut printed = Vec::new();
        for program in ["\"true\"", "\"true\\nExecStartPre=+/bin/touch /root/owned\""] {
            scene.world.put("a ${{ github.token }}/dns.yaml", hooked(program));
            let ran = scene.run_with(&["schedule", format, "dns.yaml"]).await.ends_with(0);
            printed.push(ran.out);
        }
        assert_eq!(printed[0].lines().count(), printed[1].lines().count(), "{}", printed[1]);
        assert!(printed[1].lines().all(|line| !line.starts_with("ExecStartPre")), "{}", printed[1]);
    }
    let ran = scene.run("schedule --github-actions dns.yaml --json").await.ends_with(0);
    let steps = yaml(&files(&ran)[0].1)["jobs"]["rotate"]["steps"].clone();
    let step = steps.as_array().unwrap().last().unwrap();
    assert_eq!(step["working-directory"], "a ${{ '${{' }} github.token }}", "GitHub's way to write `${{`");
}

#[tokio::test(start_paused = true)]
async fn profiles_without_named_environments_are_left_out_of_their_folder() {
    let scene = Scene::new();
    let with = |name: &str, environments: &str| {
        format!("{}environments: {environments}\n", dns_but("shop-dns", &format!("{name}-${{environment}}")))
            .replace("env_file: .env", "env_file: \".env.${environment}\"")
    };
    scene.world.put("all/dns.yaml", with("dns", "{ dev: {}, \"pr-*\": {} }"));
    scene.world.put("all/preview.yaml", with("preview", "{ \"pr-*\": {} }"));
    let ran = scene.run("schedule --cron all --program /bin/cfmint").await.ends_with(0);
    ran.says(&[
        "rotate all/dns.yaml --all-envs --due",
        "all/preview.yaml: the environments of pr-* are not scheduled",
    ]);
    scene.run("schedule --cron all/preview.yaml").await.ends_with(2).says(&["usage.environment", "-e pr-1"]);
    let ran = scene.run("schedule --cron all/preview.yaml -e pr-1 --program /bin/cfmint").await.ends_with(0);
    ran.says(&["rotate all/preview.yaml -e pr-1 --due"]);
}

#[tokio::test(start_paused = true)]
async fn the_superusers_unit_runs_as_whoever_owns_the_work_tree() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    let root = scene.world.path("");
    // Only the superuser can give a folder away; whoever else runs this test owns it already.
    std::os::unix::fs::chown(&root, Some(4711), None).ok();
    let owner = std::fs::metadata(&root).unwrap().uid();
    let line = format!("\nUser={owner}\n");
    let arguments = ["schedule", "--systemd", "dns.yaml", "--program", "./bin/cfmint"];
    let ran = scene.run_with(&arguments).await.ends_with(0);
    let program = format!("ExecStart={}/bin/cfmint rotate", scene.world.folder().display());
    ran.says(&[&line, "# The owner of the folder", &program]);
}
