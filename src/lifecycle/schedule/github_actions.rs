//! A workflow. Each run has a fresh machine: there is no state folder, and no env file survives it.

use super::quote::{name, sh, workflow, yaml};
use super::{Bootstrap, Printed, Schedule, comments};

/// GitHub's own checkout, by the commit of a release.
const CHECKOUT: &str = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0";

pub(super) fn print(schedule: &Schedule) -> Printed {
    let path = format!(".github/workflows/{}.yaml", schedule.name);
    let mut lines = vec![
        path.clone(),
        String::new(),
        schedule.title(),
        String::new(),
        "Needs the repository variables CFMINT_URL and CFMINT_SHA256: where cfmint's binary is, and its checksum.".to_owned(),
    ];
    if schedule.bootstrap == Bootstrap::Unsaid {
        lines.push("Needs the secret:  gh secret set CLOUDFLARE_BOOTSTRAP_TOKEN".to_owned());
    }
    if !schedule.env_files.is_empty() {
        lines.push(format!(
            "WARNING: the runner is gone after the run, and with it {}:",
            schedule.env_files.join(", ")
        ));
        lines.push(
            "hand the secret on with a sink such as  command: [gh, secret, set, CLOUDFLARE_API_TOKEN]."
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
    if !variables.is_empty() {
        variables.insert_str(0, "        env:\n");
    }
    let folder = match schedule.within.as_str() {
        "" => String::new(),
        folder => format!("        working-directory: {}\n", yaml(&workflow(folder))),
    };
    let text = format!(
        "{}\
name: {name}
on:
  schedule:
    - cron: {}
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: {name}
  cancel-in-progress: false
jobs:
  rotate:
    runs-on: ubuntu-24.04
    timeout-minutes: {}
    steps:
      - uses: {CHECKOUT}
        with:
          persist-credentials: false
      - name: Install cfmint
        env:
          CFMINT_URL: ${{{{ vars.CFMINT_URL }}}}
          CFMINT_SHA256: ${{{{ vars.CFMINT_SHA256 }}}}
        run: |
          curl --fail --silent --show-error --location --output \"$RUNNER_TEMP/cfmint\" \"$CFMINT_URL\"
          echo \"$CFMINT_SHA256  $RUNNER_TEMP/cfmint\" | sha256sum --check
          install -D -m 755 \"$RUNNER_TEMP/cfmint\" \"$HOME/.local/bin/cfmint\"
          echo \"$HOME/.local/bin\" >> \"$GITHUB_PATH\"
      - name: Rotate what is due
{folder}{variables}\
\x20       run: |
          cfmint {}
",
        comments(&lines),
        yaml(&schedule.times().cron()),
        schedule.limit() / 60,
        command.join(" "),
        name = name(&schedule.name),
    );
    Printed { path, text }
}
