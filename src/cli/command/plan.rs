//! `cfmint plan`: what `apply` would do, and why, as a diff by names; with `--due`, what `rotate --due` would do.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::cli::failure::exit;
use crate::cli::failure::problem::{self, refusal_code};
use crate::cli::options::PlanArgs;
use crate::cli::output::describe::{self, Names, Tense};
use crate::cli::output::report::{Row, TokenRow};
use crate::cli::session::adopt;
use crate::cli::session::context::Context;
use crate::cli::session::due::Dueness;
use crate::cli::session::{self, Wish, arguments_of, open, sink_rows};
use crate::custody::CustodyError;
use crate::plan::{Change, Create, Ends, Goal, Keep, Plan, Replace, Retirement, Step, Wanted};
use crate::sink::{FixGitignore, Sink, SinkError};
use crate::survey::{Job, Purpose, Survey};
use crate::world::World;

pub(in crate::cli) async fn run(context: &mut Context<'_>, arguments: &PlanArgs) -> u8 {
    let adopted = match adopt::adopted(context, arguments.adopt.as_deref(), &arguments.profiles) {
        Ok(adopted) => adopted,
        Err(code) => return code,
    };
    let wish = Wish { purpose: Purpose::Make, fix: FixGitignore::Refuse, intent: session::Intent::Read };
    let session = match open(context, &arguments.profiles, &arguments.connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let replace = if arguments.replace { Replace::Foreign } else { Replace::Never };
    let now = session.survey.clock.now;
    let mut todo = false;
    let mut text = String::new();
    for job in &session.survey.jobs {
        let survey = &session.survey;
        let planned = match &adopted {
            Some(id) => adopt::planned(context, &session, job, id, replace).await.map(|plan| (plan, None)),
            None if arguments.due => match Dueness::of(survey, job, arguments.splay, replace, &session.own) {
                Dueness::Due { plan, why } | Dueness::NotDue { plan, why } => Ok((plan, Some(why))),
            },
            None => Ok((survey.plan(Goal::Converge, job, replace, &session.own), None)),
        };
        let (plan, why) = match planned {
            Ok(planned) => planned,
            Err(error) => {
                let problem = problem::custody(&error, &arguments_of(job));
                context.report.problem(problem.with_flags(&context.flags));
                continue;
            }
        };
        let again = format!("{}{}", arguments_of(job), context.flags);
        let lines = Lines::new(survey, job, &plan, &again, now);
        let lines = match why {
            Some(why) => lines.because(why),
            None => lines,
        };
        todo |= !matches!(lines.action, "unchanged" | "skipped");
        text.push_str(&lines.text(job));
        if let Step::Refuse(refused) = &plan.step {
            let error = CustodyError::Refused(refused.clone());
            let mut problem = problem::custody(&error, &arguments_of(job)).with_flags(&context.flags);
            problem.whose = (session.survey.jobs.len() > 1).then(|| arguments_of(job));
            context.report.problem(problem);
        }
        for missing in missing_programs(&**context.world, job, &plan) {
            context.report.problem(&missing);
        }
        context.report.row(lines.row(&session.survey, job, &plan));
    }
    if !context.json {
        context.screen.result(&text);
    }
    match context.report.exit_code() {
        exit::DONE if todo && arguments.exit_code => exit::FINDINGS,
        code => code,
    }
}

/// The programs that would take a secret and are not here.
fn missing_programs(world: &dyn World, job: &Job, plan: &Plan) -> Vec<SinkError> {
    if !plan.step.delivers() {
        return Vec::new();
    }
    let missing = job.context.sinks.iter().filter_map(|seen| seen.sink.check(world).err());
    missing.collect()
}

/// A plan in words.
struct Lines {
    action: &'static str,
    why: String,
    /// Whether the reason is said in JSON too: what is due is a matter of time, and no change tells it.
    tells_why: bool,
    changes: Vec<String>,
    notes: Vec<String>,
}

impl Lines {
    /// The same, where a schedule gives the reason; what it leaves as it is, is skipped.
    fn because(self, why: String) -> Self {
        let action = match self.action {
            "failed" => return self,
            "unchanged" => "skipped",
            action => action,
        };
        Self { action, why, tells_why: true, ..self }
    }

    fn new(survey: &Survey, job: &Job, plan: &Plan, again: &str, now: DateTime<Utc>) -> Self {
        let names = Names::of(survey, job);
        let (action, why, changes) = match &plan.step {
            Step::Nothing => ("unchanged", "there is nothing to do".to_owned(), Vec::new()),
            Step::Create(create) => {
                let action = if create.predecessor.is_some() { "rotate" } else { "create" };
                (action, reasons(create), whole_life(&names, job, create, now))
            }
            Step::Keep(keep) => {
                let mut lines: Vec<String> =
                    keep.changes.iter().map(|change| names.change(change, Tense::Ahead)).collect();
                let why = why_kept(keep);
                lines.extend(deliveries(job, &keep.deliver));
                lines.extend(keep.hooks.then(|| "> the `delivered` hooks run".to_owned()));
                lines.extend(keep.retire.iter().map(|old| end_of(job, old, now)));
                (if keep.is_idle() { "unchanged" } else { "update" }, why.to_owned(), lines)
            }
            Step::Roll { renew, .. } => {
                let changes = renew.iter().flatten();
                let mut lines: Vec<String> =
                    changes.map(|change| names.change(change, Tense::Ahead)).collect();
                lines.push("~ a new secret; the old one dies at once".to_owned());
                lines.extend(job.context.sinks.iter().map(|seen| delivery(&*seen.sink)));
                match renew {
                    Some(_) => ("rotate", "a new secret and a new end were asked for".to_owned(), lines),
                    None => ("roll", "a new secret was asked for".to_owned(), lines),
                }
            }
            // The error says why.
            Step::Refuse(refused) => ("failed", format!("see error[{}]", refusal_code(refused)), Vec::new()),
        };
        let notes = describe::notes(plan.notes.iter(), again, Tense::Ahead);
        Self { action, why, tells_why: false, changes, notes }
    }

    fn text(&self, job: &Job) -> String {
        let environment =
            job.profile.environment.as_ref().map(|name| format!(" -e {name}")).unwrap_or_default();
        let word = if self.action == "failed" { "refused" } else { self.action };
        let title = format!("{} ({}{environment})", job.wanted.name, job.profile.source.path);
        let verdict = format!("  {word}: {}", self.why);
        let changes = self.changes.iter().map(|line| format!("    {line}"));
        let notes = self.notes.iter().map(|note| format!("  note: {note}"));
        [title, verdict].into_iter().chain(changes).chain(notes).map(|line| line + "\n").collect()
    }

    fn row(self, survey: &Survey, job: &Job, plan: &Plan) -> Row {
        let id = match &plan.step {
            Step::Keep(Keep { id, .. }) | Step::Roll { id, .. } => Some(id),
            Step::Create(_) | Step::Nothing | Step::Refuse(_) => None,
        };
        let live =
            id.and_then(|id| survey.owners.get(&job.context.owner)?.live.iter().find(|live| live.id == *id));
        Row {
            profile: Some(job.profile.source.path.clone()),
            environment: job.profile.environment.clone(),
            action: self.action,
            token: live.map(|live| TokenRow::new(&job.context.owner, live)),
            sinks: sink_rows(job),
            changes: self.changes,
            notes: self.tells_why.then_some(self.why).into_iter().chain(self.notes).collect(),
            ..Row::default()
        }
    }
}

/// Everything a new token gets.
fn whole(names: &Names<'_>, wanted: &Wanted, now: DateTime<Utc>) -> Vec<String> {
    let mut lines: Vec<String> =
        wanted.policies.iter().map(|policy| format!("+ {}", names.policy(policy))).collect();
    if let Some(addresses) = &wanted.addresses {
        lines.push(format!("+ may be used from {addresses}"));
    }
    lines.push(format!("+ {}", describe::end_and_rest(wanted.expiry(now), now)));
    lines
}

/// Why a fresh generation is made, in a line.
fn reasons(create: &Create) -> String {
    let why: Vec<String> = create.why.iter().map(describe::why).collect();
    why.join("; ")
}

/// Everything that making a fresh generation does.
fn whole_life(names: &Names<'_>, job: &Job, create: &Create, now: DateTime<Utc>) -> Vec<String> {
    let mut lines = whole(names, &job.wanted, now);
    lines.extend(job.context.sinks.iter().map(|seen| delivery(&*seen.sink)));
    lines.extend(create.retire.iter().map(|old| end_of(job, old, now)));
    lines
}

fn why_kept(keep: &Keep) -> &'static str {
    let is_renamed = |change: &Change| matches!(change, Change::Rename { .. });
    match (keep.changes.is_empty(), keep.deliver.is_empty()) {
        _ if keep.changes.iter().any(is_renamed) => "it is taken over, with the secret it has",
        (false, _) => "the live token differs from the profile",
        (true, false) => "a sink is not as it should be",
        (true, true) if keep.hooks => "its hooks have not run",
        (true, true) if !keep.retire.is_empty() => "older tokens of this name are still there",
        (true, true) => "all is as it should be",
    }
}

/// What becomes of another generation.
fn end_of(job: &Job, old: &Retirement, now: DateTime<Utc>) -> String {
    let end = now.checked_add_signed(job.profile.overlap()).unwrap_or(now);
    match old.ends {
        Ends::Now => format!("- {} is deleted", old.name),
        Ends::AfterOverlap => {
            format!("- {} {} at the latest", old.name, describe::end_and_rest(Some(end), now))
        }
    }
}

/// The sinks that get the current secret, each once.
fn deliveries(job: &Job, places: &[usize]) -> Vec<String> {
    let sinks: BTreeSet<usize> = places
        .iter()
        .filter_map(|position| job.context.places.get(*position))
        .map(|place| place.sink)
        .collect();
    let seen = sinks.iter().filter_map(|sink| job.context.sinks.get(*sink));
    seen.map(|seen| delivery(&*seen.sink)).collect()
}

fn delivery(sink: &dyn Sink) -> String {
    let record = sink.record();
    if record.variables.is_empty() {
        format!("> the secret delivered to {}", record.path)
    } else {
        format!("> {} stored in {}", record.variables.join(", "), record.path)
    }
}
