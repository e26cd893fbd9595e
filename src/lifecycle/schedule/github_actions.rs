//! A workflow. Each run has a fresh machine: there is no state folder, and no env file survives it.

use super::quote::{name, sh, workflow, yaml};
use super::template::fill;
use super::{Bootstrap, Printed, Schedule, comments};

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
        ("limit", &*(schedule.limit() / 60).to_string()),
        ("folder", &*folder),
        ("variables", &*variables),
        ("command", &*command.join(" ")),
    ];
    let text = fill(include_str!("templates/github-actions.yaml"), &values);
    Printed { path, text }
}
