//! `cfmint explain`: why Cloudflare said no, and which permissions a request needs. Talks to nobody.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use clap::Args;

use super::{Outcome, RunCommand};
use crate::catalogue::{Accepted, Catalogue, METHODS};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::output::explanation;
use crate::cli::output::explanation::ExplanationRow;
use crate::cli::session::context::Context;
use crate::cli::session::standard_input::standard_input;
use crate::doctor::explain::{self, Request, group_of_key};
use crate::world::World;

/// Explain an error of Cloudflare's, and the permissions that a request needs
#[derive(Debug, Args)]
#[command(
    after_help = "Takes a code, a message, a request (METHOD and path or URL), a Terraform address, or the key of a \
    permission; without arguments, what another program printed, on standard input. Talks to nobody, and keeps nothing \
    of what it reads.\n\n\
    Examples:\n  cfmint explain 9109\n  cfmint explain PUT /accounts/ID/workers/scripts/api\n  \
    cfmint explain cloudflare_dns_record\n  wrangler deploy 2>&1 | cfmint explain"
)]
pub(in crate::cli) struct ExplainArgs {
    /// What to explain [default: standard input]
    #[arg(value_name = "WHAT")]
    what: Vec<String>,
}

/// The longest log that is read, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

impl RunCommand for ExplainArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let rows = match self.what.as_slice() {
            [] => of_log(&log(&**context.world)?)?,
            [only] if only == "-" => of_log(&log(&**context.world)?)?,
            typed => of_words(&typed.join(" ")).map_err(|problem| or_file(context, typed, problem))?,
        };
        if !context.json {
            let texts: Vec<String> = rows.iter().map(explanation::text).collect();
            context.screen.result(&texts.join("\n"));
        }
        context.report.explanations(rows);
        Ok(Outcome::Reported)
    }
}

/// A file that is named is not read: it is sent.
fn or_file(context: &Context<'_>, typed: &[String], problem: Problem) -> Problem {
    let [only] = typed else { return problem };
    let world = &**context.world;
    if !matches!(world.look(&world.folder().join(only)), Ok(Some(_))) {
        return problem;
    }
    let send = CommandLine::on_path("cfmint explain <", Path::new(only));
    Problem::new(
        Code::UsageExplain,
        "that is a file, and a log comes on standard input",
        Hint::run("send it", send),
    )
}

/// What another program printed.
fn log(world: &dyn World) -> Result<String, Problem> {
    if world.can_ask() {
        let hint = "name a code, a request or a message, or send a log: PROGRAM 2>&1 | cfmint explain";
        return Err(Problem::new(Code::UsageExplain, "there is nothing to explain", hint));
    }
    let unreadable = |why: &dyn std::fmt::Display| {
        let message = format!("standard input cannot be read: {why}");
        Problem::new(Code::UsageExplain, message, "send the part of the log that has the error, as text")
    };
    standard_input(world, LONGEST).map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => {
            unreadable(&format!("it is longer than {} MiB", LONGEST / 1024 / 1024))
        }
        _ => unreadable(&error),
    })
}

/// The failures of a log, each kind once.
fn of_log(log: &str) -> Result<Vec<ExplanationRow>, Problem> {
    if log.trim().is_empty() {
        let hint = "send what the program printed: PROGRAM 2>&1 | cfmint explain";
        return Err(Problem::new(Code::UsageExplain, "standard input is empty", hint));
    }
    let mut rows: Vec<ExplanationRow> = Vec::new();
    let (mut failures, mut told) = (HashSet::new(), HashSet::new());
    for failure in explain::read(log) {
        let line = failure.line;
        let failure = explain::Failure { line: 0, ..failure };
        if failures.contains(&failure) {
            continue;
        }
        let mut row =
            ExplanationRow { codes: failure.codes.iter().copied().collect(), ..of_failure(&failure) };
        row.set_causes(explain::causes_of(&failure));
        failures.insert(failure);
        if told.insert(row.clone()) {
            rows.push(ExplanationRow { line: Some(line), ..row });
        }
    }
    if rows.is_empty() {
        let hint = "send the whole output, with the lines around the error: PROGRAM 2>&1 | cfmint explain";
        return Err(Problem::new(
            Code::UsageExplain,
            "the log has no error of Cloudflare's that is known",
            hint,
        ));
    }
    Ok(rows)
}

/// What was typed.
fn of_words(typed: &str) -> Result<Vec<ExplanationRow>, Problem> {
    // A number among other words may be anything, such as a status.
    let is_alone = !typed.trim().contains(char::is_whitespace);
    let is_code = |code: &i64| is_alone || !explain::causes_of_code(*code).is_empty();
    let codes = typed.split_whitespace().filter_map(|word| word.parse().ok()).filter(is_code);
    let codes: BTreeSet<i64> = codes.collect();
    let request = explain::request(typed);
    let mut failure = explain::read(typed).into_iter().next().unwrap_or_default();
    failure.codes.extend(&codes);
    failure.request = failure.request.or_else(|| request.clone());
    failure.documented = explain::documented(typed);
    let mut row = of_failure(&failure);
    row.codes = failure.codes.iter().copied().collect();
    let is_code_alone = failure.words.is_empty() && request.is_none();
    row.set_subject(typed.trim());
    row.set_causes(if is_code_alone {
        failure.codes.iter().flat_map(|code| explain::causes_of_code(*code)).collect()
    } else {
        explain::causes_of(&failure)
    });
    if row.causes.is_empty() && row.permissions.is_empty() {
        return Err(unknown(typed, &row));
    }
    Ok(vec![row])
}

impl ExplanationRow {
    /// Tells of what else than a failure can be explained: what Terraform manages, or the key of a permission.
    fn set_subject(&mut self, typed: &str) {
        let catalogue = Catalogue::embedded();
        if let Some(entry) = Catalogue::terraform(typed) {
            self.subject = Some(entry.address());
            self.set_accepted(&catalogue.accepted_by_terraform(entry, None).to_manage(entry.kind));
        } else if let Some(group) = group_of_key(catalogue, typed) {
            self.subject = Some(typed.to_owned());
            self.permissions = vec![explanation::accepted_row(group)];
        }
    }
}

/// What a failure was about: the request, or else the operation on the page that its answer names, or the permission whose
/// key it names.
fn of_failure(failure: &explain::Failure) -> ExplanationRow {
    let row = failure.request.as_ref().map(of_request).unwrap_or_default();
    if !row.permissions.is_empty() {
        return row;
    }
    let catalogue = Catalogue::embedded();
    if let Some(key) = failure.key {
        let groups = group_of_key(catalogue, key).into_iter();
        let permissions = groups.map(explanation::accepted_row).collect();
        return ExplanationRow { subject: Some(key.to_owned()), method: None, permissions, ..row };
    }
    let Some(operation) = failure.documented.first() else { return row };
    let mut row = ExplanationRow {
        method: Some(operation.method.to_owned()),
        subject: Some(operation.path.to_owned()),
        ..row
    };
    let accepted = failure.documented.iter().map(|operation| catalogue.accepted_in(operation, None));
    row.set_accepted(&enough_for_all(accepted));
    row
}

/// What is enough for each of several operations, of which one is meant: the methods of a path, or what a page describes
/// for accounts and for zones.
fn enough_for_all(mut operations: impl Iterator<Item = Accepted<'static>>) -> Accepted<'static> {
    let mut enough = operations.next().unwrap_or_default();
    for other in operations {
        enough.is_by_phase |= other.is_by_phase;
        enough.inferred_from = enough.inferred_from.or(other.inferred_from);
        enough.groups.retain(|one| other.groups.iter().any(|accepted| accepted.group == one.group));
    }
    enough
}

/// A request, with the groups of which one is enough, whatever the method is where it is not known.
fn of_request(request: &Request) -> ExplanationRow {
    let found = match &request.method {
        Some(method) => Catalogue::find_operation(method, &request.path).into_iter().collect(),
        None => Catalogue::find_operations(&request.path),
    };
    let mut row = ExplanationRow {
        method: request.method.clone(),
        subject: Some(request.path.clone()),
        ..ExplanationRow::default()
    };
    let accepted = found.iter().map(|found| Catalogue::embedded().accepted_at(found));
    row.set_accepted(&enough_for_all(accepted));
    row
}

/// Nothing is known, which is said; never guessed.
fn unknown(typed: &str, row: &ExplanationRow) -> Problem {
    let near = Catalogue::near_terraform(typed);
    let (message, hint) = match &row.subject {
        Some(path) if row.method.is_none() => {
            let methods = Catalogue::find_operations(path).into_iter().map(|found| found.operation.method);
            let methods: Vec<&str> = methods.collect();
            if methods.is_empty() {
                (format!("no operation is known at {path}"), NO_OPERATION.to_owned())
            } else {
                (format!("{path} takes several methods"), format!("name one of them: {}", methods.join(", ")))
            }
        }
        Some(path) => {
            let method = row.method.as_deref().unwrap_or_default();
            (format!("no operation is known as {method} {path}"), NO_OPERATION.to_owned())
        }
        None if !near.is_empty() => {
            ("no such Terraform resource is known".to_owned(), format!("did you mean {}?", near.join(" or ")))
        }
        None if Catalogue::is_terraform_address(typed) => {
            ("no permissions are known for this Terraform resource".to_owned(), NO_RESOURCE.to_owned())
        }
        None if METHODS.iter().any(|method| {
            typed.split(' ').next().is_some_and(|first| first.eq_ignore_ascii_case(method))
        }) =>
        {
            ("no path follows the method".to_owned(), "a path begins with a slash: GET /zones".to_owned())
        }
        None if typed.parse().is_ok_and(|status: u16| STATUSES.contains(&status)) => {
            (format!("{typed} is a status of HTTP, and no code of Cloudflare's"), NO_CODE.to_owned())
        }
        None if typed.parse::<i64>().is_ok() => (format!("the code {typed} is not known"), TYPED.to_owned()),
        // What was typed may hold a secret, as a message that was pasted whole does: it is not repeated.
        None => ("cfmint does not know what this is".to_owned(), TYPED.to_owned()),
    };
    Problem::new(Code::UsageExplain, message, hint)
}

/// The numbers that answers of HTTP have for a refusal or a failure.
const STATUSES: std::ops::Range<u16> = 400..600;

/// What to do about one.
const NO_CODE: &str = "name the code in the answer's `errors`, or send the whole answer on standard input";

/// What can be typed.
const TYPED: &str = "name a code, a request such as `GET /zones`, or a Terraform address, or send the whole log on \
    standard input";

/// What to do about a resource that the table lacks.
const NO_RESOURCE: &str = "see which requests it makes, and what they need: TF_LOG=debug terraform plan 2> plan.log, then cfmint learn --from plan.log";

/// What to do about a request that the table lacks.
const NO_OPERATION: &str =
    "look at the operation's page in Cloudflare's documentation: it names the permissions";
