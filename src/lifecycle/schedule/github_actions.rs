//! A workflow. Each run has a fresh machine: there is no state folder, and no env file survives it.

use super::quote::{name, sh, workflow, yaml};
use super::source::{Source, VERSION};
use super::template::fill;
use super::{Bootstrap, Printed, Schedule, comments};

/// The archive of a release for the machine that the workflow runs on.
const ARCHIVE: &str = "cfmint-x86_64-unknown-linux-musl";

/// What logs in to Vault or OpenBao.
const VAULT: &str = "          VAULT_ADDR: ${{ vars.VAULT_ADDR }}
          VAULT_ROLE_ID: ${{ vars.VAULT_ROLE_ID }}
          VAULT_SECRET_ID: ${{ secrets.VAULT_SECRET_ID }}
";

pub(super) fn print(schedule: &Schedule) -> Printed {
    let path = format!(".github/workflows/{}.yaml", schedule.name);
    let mut lines = vec![path.clone(), String::new(), schedule.title(), String::new()];
    if schedule.bootstrap == Bootstrap::Unsaid {
        lines.push("Needs the secret:  gh secret set CLOUDFLARE_BOOTSTRAP_TOKEN".to_owned());
    }
    if schedule.logs_in_to_vault {
        lines.push("Needs the variables VAULT_ADDR and VAULT_ROLE_ID, and the secret VAULT_SECRET_ID, to log in to the store.".to_owned());
    }
    if !schedule.env_files.is_empty() {
        lines.push(format!(
            "WARNING: the runner is deleted after the run, together with {}:",
            schedule.env_files.join(", ")
        ));
        lines.push(
            "pass the secret on with a sink such as  command: [gh, secret, set, CLOUDFLARE_API_TOKEN]."
                .to_owned(),
        );
    }
    let uses_gh = schedule.programs.iter().any(|program| program == "gh");
    if uses_gh {
        lines.push(
            "Needs the secret CFMINT_GH_TOKEN: `gh secret set` may not use the workflow's own token."
                .to_owned(),
        );
    }
    lines
        .push("GitHub stops the schedules of a public repository after 60 days without activity.".to_owned());

    let mut arguments = schedule.arguments(&schedule.profiles, schedule.state.as_deref());
    arguments.extend(schedule.bootstrap.options());
    let command: Vec<String> = arguments.iter().map(|text| workflow(&sh(text))).collect();
    let mut variables = String::new();
    if schedule.bootstrap == Bootstrap::Unsaid {
        variables
            .push_str("          CLOUDFLARE_BOOTSTRAP_TOKEN: ${{ secrets.CLOUDFLARE_BOOTSTRAP_TOKEN }}\n");
    }
    if uses_gh {
        variables.push_str("          GH_TOKEN: ${{ secrets.CFMINT_GH_TOKEN }}\n");
    }
    if schedule.logs_in_to_vault {
        variables.push_str(VAULT);
    }
    if !variables.is_empty() {
        variables.insert_str(0, "        env:\n");
    }
    let folder = match schedule.within.as_str() {
        "" => String::new(),
        folder => format!("        working-directory: {}\n", yaml(&workflow(folder))),
    };
    let values = [
        ("head", &*comments(&lines)),
        ("name", &*name(&schedule.name)),
        ("times", &*yaml(&schedule.times().cron())),
        ("limit", &*((schedule.limit() + schedule.source.delay()) / 60).to_string()),
        ("install", &*install(&schedule.source)),
        ("folder", &*folder),
        ("variables", &*variables),
        ("command", &*command.join(" ")),
    ];
    let text = fill(include_str!("templates/github-actions.yaml"), &values);
    Printed { path, text }
}

/// The step that brings cfmint to the machine. A release is checked against what GitHub attests of its build.
fn install(source: &Source) -> String {
    match source {
        Source::Release(repository) => {
            let (repository, tag) = (workflow(&sh(repository)), format!("v{VERSION}"));
            format!(
                r#"      - name: Install cfmint
        env:
          GH_TOKEN: ${{{{ github.token }}}}
        run: |
          cd "$RUNNER_TEMP"
          gh release download {tag} --repo {repository} --pattern {ARCHIVE}.tar.gz
          gh attestation verify {ARCHIVE}.tar.gz --repo {repository}
          tar -xzf {ARCHIVE}.tar.gz
          install -D -m 755 {ARCHIVE}/cfmint "$HOME/.local/bin/cfmint"
          echo "$HOME/.local/bin" >> "$GITHUB_PATH"
"#
            )
        }
        // An image is for containers. The runner has the Rust toolchain; a cache would be a place from which another
        // workflow could bring a program to the bootstrap.
        Source::Crates | Source::Image(_) => format!(
            "      - name: Install cfmint
        run: cargo install cfmint --version {VERSION} --locked
"
        ),
    }
}
