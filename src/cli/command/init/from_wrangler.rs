//! `init --from`: Wrangler's configuration, read from its file, as a new profile.

use std::collections::BTreeSet;
use std::path::Path;

use super::NewProfile;
use super::use_case::Values;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::session::load::lexical;
use crate::cli::session::workspace::find_root;
use crate::doctor::wrangler::{
    Choices, ConfigError, ConfigForm, WranglerConfig, deployments, draft, misshapen,
};
use crate::text::{one_line, whole_line};
use crate::world::World;

/// The longest configuration that is read, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Reads a configuration, and drafts the profile for what it deploys.
pub(super) fn read(
    world: &dyn World,
    file: &Path,
    name: Option<&str>,
    values: &Values<'_>,
) -> Result<NewProfile, Problem> {
    let shown = file.display().to_string();
    let form = ConfigForm::of(&shown).ok_or_else(|| {
        let hint = "name a wrangler.toml, a wrangler.json or a wrangler.jsonc";
        Problem::new(Code::UsageWrangler, format!("{shown} is no configuration of Wrangler's"), hint)
    })?;
    let path = world.folder().join(file);
    let unreadable = |why: &dyn std::fmt::Display| {
        let hint = "name the file with which `wrangler deploy` works";
        Problem::new(Code::UsageWrangler, format!("{shown} cannot be read: {why}"), hint)
            .in_file(shown.clone())
    };
    let bytes = world.read(&path, LONGEST).map_err(|error| unreadable(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable(&"it is no text in UTF-8"))?;
    let config = WranglerConfig::read(form, &text).map_err(|error| mistake(&shown, &error))?;
    let deployments = deployments(&config);
    let choices = Choices {
        name: name.map(str::to_owned),
        account: values.account.map(str::to_owned),
        zones: values.zones.to_vec(),
        config: shown,
        folder: folder(world, &path)?,
    };
    let mut remarks: Vec<String> = deployments.iter().flat_map(|one| one.notes.clone()).collect();
    if choices.zones.is_empty() {
        let mut told = BTreeSet::new();
        let zones = deployments.iter().flat_map(|one| &one.zones).filter_map(|(zone, reasons)| {
            let guessed = reasons.iter().find(|reason| reason.starts_with("guessed"))?;
            told.insert(zone.to_ascii_lowercase()).then(|| format!("the zone {zone} is {guessed}"))
        });
        remarks.extend(zones);
    }
    if choices.account.is_none() && deployments.iter().any(|one| one.account.is_none()) {
        remarks.push(
            "no account_id is given: write your account in place of Emulator Account, or set CLOUDFLARE_ACCOUNT_ID"
                .to_owned(),
        );
    }
    let mut seen = BTreeSet::new();
    let remarks = remarks.iter().map(|remark| whole_line(remark));
    let remarks = remarks.filter(|remark| seen.insert(remark.clone())).collect();
    let warnings = misshapen(&config).iter().map(|warning| whole_line(warning)).collect();
    Ok(NewProfile { text: draft(&deployments, &choices).text(), remarks, warnings })
}

/// The folder of the configuration, where wrangler looks for env files, from the root that a profile's paths start at.
fn folder(world: &dyn World, config: &Path) -> Result<String, Problem> {
    let root = find_root(world)?;
    let real = config.parent().map(|folder| world.real_path(folder).unwrap_or_else(|_| lexical(folder)));
    let within = real.as_deref().and_then(|folder| folder.strip_prefix(&root.folder).ok());
    let within = within.and_then(Path::to_str).unwrap_or_default();
    Ok(if within.is_empty() { String::new() } else { format!("{within}/") })
}

fn mistake(shown: &str, error: &ConfigError) -> Problem {
    let place = error.position.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
    let mut problem = Problem::new(
        Code::UsageWrangler,
        format!("{shown}{place}: {}", one_line(&error.message)),
        "correct it, so that wrangler can read it too",
    )
    .in_file(shown);
    problem.location.position = error.position;
    problem
}
