//! A file that a program left -> what it asked for.

use std::io;
use std::path::Path;

use super::Learned;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::options::RelayArgs;
use crate::cli::session::context::Context;
use crate::cli::session::relay::base;
use crate::cli::session::standard_input::{standard_input, text_of};
use crate::doctor::learn::{LONGEST, Recording, read_log, read_plan};
use crate::world::World;

/// What a log can be.
const LOGS: &str = "cfmint reads an HTTP archive (HAR), the output of `WRANGLER_LOG=debug wrangler …`, and the output of \
    `TF_LOG=debug terraform …`, each with what goes to standard error";

/// What to do where all requests of a log went elsewhere.
const FOREIGN: &str = "if the API is reached by that host, name it with --api-url";

/// What a plan can be.
const PLANS: &str =
    "make it with: terraform plan -out plan.out, then terraform show -json plan.out > plan.json";

/// Reads a log.
pub(super) fn log(context: &Context<'_>, file: &Path, way: &RelayArgs) -> Result<Learned, Failure> {
    let text = text(&**context.world, file, LOGS)?;
    let base = base(&**context.world, way)?;
    let recording = read_log(&text, Some(&base.host())).unwrap_or_default();
    if recording.is_empty() {
        let (why, hint) = match recording.uncounted() {
            Some(uncounted) => (format!(": {uncounted}"), FOREIGN),
            None => (String::new(), LOGS),
        };
        let message = format!("{} has no request to Cloudflare's API{why}", shown(file));
        return Err(Problem::new(Code::UsageLog, message, hint).in_file(shown(file)).into());
    }
    Ok(learned(recording, called("log", file)))
}

/// Reads a plan or a state of Terraform.
pub(super) fn plan(context: &Context<'_>, file: &Path) -> Result<Learned, Failure> {
    let text = text(&**context.world, file, PLANS)?;
    let recording = read_plan(&text).ok_or_else(|| {
        let message = format!("{} is not what `terraform show -json` prints", shown(file));
        Problem::new(Code::UsageLog, message, PLANS).in_file(shown(file))
    })?;
    Ok(learned(recording, called("Terraform plan", file)))
}

fn learned(recording: Recording, what: String) -> Learned {
    Learned { recording, what, doubt: None, failed: None }
}

fn is_standard(file: &Path) -> bool {
    file == Path::new("-")
}

fn shown(file: &Path) -> String {
    if is_standard(file) { "standard input".to_owned() } else { file.display().to_string() }
}

/// What was learned from, as sentences have it.
fn called(what: &str, file: &Path) -> String {
    let on = if is_standard(file) { "on " } else { "" };
    format!("the {what} {on}{}", shown(file))
}

fn text(world: &dyn World, file: &Path, hint: &str) -> Result<String, Problem> {
    let read = if is_standard(file) {
        standard_input(world, LONGEST)
    } else {
        world.read(&world.folder().join(file), LONGEST).map(text_of)
    };
    read.map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::FileTooLarge => format!("it is longer than {} MiB", LONGEST / 1024 / 1024),
            _ => error.to_string(),
        };
        Problem::new(Code::UsageLog, format!("{} cannot be read: {why}", shown(file)), hint)
            .in_file(shown(file))
    })
}
