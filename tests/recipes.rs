//! The README's recipes for sinks: each is run, against programs that write down their arguments and what they read.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test stops where it fails"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The programs that recipes run; none of the real ones is.
const PROGRAMS: [&str; 10] = ["gh", "glab", "kubectl", "aws", "gcloud", "az", "doppler", "npx", "sops", "op"];

/// Keeps what it reads, and prints it when it reads nothing.
const FAKE: &str = r#"#!/bin/sh
printf '%s\n' "$(basename "$0") $*" >> "$FAKES/arguments"
env >> "$FAKES/environment"
cat > "$FAKES/read"
if [ -s "$FAKES/read" ]; then
  cp "$FAKES/read" "$FAKES/kept"
  echo run >> "$FAKES/runs"
  case "$*" in *"--output cloudflare.enc.yaml") echo encrypted > cloudflare.enc.yaml ;; esac
elif [ -e "$FAKES/kept" ]; then
  cat "$FAKES/kept"
else
  cat "$FAKES/initial"
fi
"#;

/// The program of 1Password knows whole items.
const OP: &str = r#"#!/bin/sh
printf '%s\n' "op $*" >> "$FAKES/arguments"
env >> "$FAKES/environment"
[ -e "$FAKES/item" ] || printf '{"fields":[{"id":"username","value":"me"},{"id":"password","value":"changeme"}]}' > "$FAKES/item"
case "$1 $2" in
  "item get") cat "$FAKES/item" ;;
  "item edit") cat > "$FAKES/edited"; mv "$FAKES/edited" "$FAKES/item"; echo run >> "$FAKES/runs"
    jq -j '.fields[] | select(.id == "password").value' "$FAKES/item" > "$FAKES/kept" ;;
  *) jq -j '.fields[] | select(.id == "password").value' "$FAKES/item" ;;
esac
"#;

/// Every recipe: the text of its one sink.
fn recipes() -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let section = readme
        .split_once("\n## Where a secret can go\n")
        .unwrap()
        .1
        .split_once("\n## ")
        .unwrap()
        .0
        .to_owned();
    let mut recipes = Vec::new();
    for block in section.split("```yaml\n").skip(1).map(|rest| rest.split_once("```").unwrap().0) {
        for line in block.lines() {
            if line.starts_with("- ") {
                recipes.push(String::new());
            }
            let recipe = recipes.last_mut().unwrap();
            recipe.push_str(line);
            recipe.push('\n');
        }
    }
    recipes
}

/// A folder with the programs and a profile that has one recipe.
struct Kitchen {
    folder: tempfile::TempDir,
}

impl Kitchen {
    fn new(recipe: &str) -> Self {
        let kitchen = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(kitchen.path("bin")).unwrap();
        for program in PROGRAMS {
            let path = kitchen.path("bin").join(program);
            std::fs::write(&path, if program == "op" { OP } else { FAKE }).unwrap();
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o700)).unwrap();
        }
        let is_document = recipe.contains("format:");
        std::fs::write(
            kitchen.path("initial"),
            match (recipe.contains("--ignore-not-found"), is_document) {
                (true, _) => "",
                (false, true) => "{}",
                (false, false) => "changeme\n",
            },
        )
        .unwrap();
        let sinks = recipe.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
        let profile = format!(
            "version: 1\nname: shop\npermissions: {{ zone: {{ DNS: edit }} }}\n\
             resources: {{ accounts: [Emulator Account], zones: [example.com] }}\nttl: 30d\nsinks:\n{sinks}\n"
        );
        std::fs::write(kitchen.path("shop.yaml"), profile).unwrap();
        kitchen
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn cfmint(&self, arguments: &[&str]) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_cfmint"));
        command.args(arguments).args(["shop.yaml", "--emulator"]).current_dir(self.folder.path());
        for name in ["VAULT_ADDR", "VAULT_TOKEN", "GITHUB_ACTIONS", "GITHUB_ENV", "CLOUDFLARE_BASE_URL"] {
            command.env_remove(name);
        }
        command.env("PATH", path).env("FAKES", self.folder.path()).output().unwrap()
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.cfmint(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}\n{}\n{}", self.text("arguments"), self.text("shop.yaml"));
        said
    }
}

/// The secret that stands in a text.
#[track_caller]
fn secret(text: &str) -> String {
    let from = text.find("cfut_").unwrap_or_else(|| panic!("no secret in {text}"));
    text[from..].chars().take_while(|one| one.is_ascii_alphanumeric() || matches!(one, '_' | '-')).collect()
}

/// What a program kept, as the text that the secret stands in.
fn kept(kitchen: &Kitchen, recipe: &str) -> String {
    let text = kitchen.text("kept");
    if !recipe.contains("format: kubernetes") {
        return text;
    }
    let manifest: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(
        (&manifest["kind"], &manifest["metadata"]["namespace"]),
        (&Value::from("Secret"), &Value::from("shop"))
    );
    let decode = |data: &Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.decode(data.as_str().unwrap()).unwrap()
    };
    let data = manifest["data"].as_object().unwrap();
    data.values().map(|data| String::from_utf8(decode(data)).unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_recipe_brings_the_secret_to_standard_input_and_nowhere_else() {
    let recipes = recipes();
    let of_programs: Vec<&String> = recipes
        .iter()
        .filter(|recipe| !recipe.contains("github_env:") && !recipe.contains("- vault:"))
        .collect();
    assert_eq!((recipes.len(), of_programs.len()), (16, 14), "a recipe was added or went: count it here");
    let has_jq = Command::new("jq").arg("--version").output().is_ok();
    for recipe in of_programs {
        if recipe.contains("jq ") && !has_jq {
            continue;
        }
        let kitchen = Kitchen::new(recipe);
        kitchen.succeeds(&["apply"]);
        let first = secret(&kept(&kitchen, recipe));
        // One value is the whole of it.
        if recipe.contains("format:") {
            assert!(kept(&kitchen, recipe).contains("e0000000000000000000000000000001"), "{recipe}");
        } else {
            assert_eq!(kitchen.text("kept"), first, "{recipe}");
        }
        // What can be read back is found in order.
        let runs = kitchen.text("runs");
        let said = kitchen.succeeds(&["apply"]);
        assert!(said.contains("Unchanged") && kitchen.text("runs") == runs, "{recipe}\n{said}");
        kitchen.succeeds(&["rotate"]);
        let second = secret(&kept(&kitchen, recipe));
        assert_ne!(first, second, "{recipe}");
        for seen in ["arguments", "environment"] {
            let text = kitchen.text(seen);
            assert!(
                !text.is_empty() && !text.contains(&first) && !text.contains(&second),
                "{seen} of {recipe}"
            );
        }
    }
}

#[test]
fn a_store_that_tells_new_values_from_others_is_told_which_it_is() {
    let recipe = recipes().into_iter().find(|recipe| recipe.contains("create:")).unwrap();
    let kitchen = Kitchen::new(&recipe);
    std::fs::write(kitchen.path("initial"), "").unwrap();
    kitchen.succeeds(&["apply"]);
    kitchen.succeeds(&["rotate"]);
    let arguments = kitchen.text("arguments");
    let writes: Vec<&str> = arguments.lines().filter(|line| line.contains("file:///dev/stdin")).collect();
    assert!(writes[0].contains("create-secret") && writes[1].contains("put-secret-value"), "{writes:?}");
}

#[test]
fn a_later_step_gets_the_secret_and_the_runner_hides_it() {
    let recipe = recipes().into_iter().find(|recipe| recipe.contains("github_env:")).unwrap();
    // A program before it leaves its line without an end: the runner knows a command at the beginning of a line only.
    let unfinished = "- { command: [sh, -c, 'cat > taken; printf unfinished'], input: token_id }\n";
    let kitchen = Kitchen::new(&(unfinished.to_owned() + &recipe));
    let file = kitchen.path("github-env");
    std::fs::write(&file, "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cfmint"));
    command.args(["apply", "shop.yaml", "--emulator", "--json"]).current_dir(kitchen.folder.path());
    let output = command.env("GITHUB_ACTIONS", "true").env("GITHUB_ENV", &file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let secret = secret(&kitchen.text("github-env"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.matches(&secret).count(), 1, "{said}");
    assert!(said.lines().any(|line| line == format!("::add-mask::{secret}")), "{said}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["results"][0]["sinks"][1]["kind"], "github_env");
}
