//! `cfmint plan`: what `apply` would do, and why, as a diff by names.

use std::collections::BTreeSet;

use super::adopt;
use super::args::PlanArgs;
use super::context::Context;
use super::exit;
use super::problem;
use super::report::{Row, TokenRow};
use super::session::{Intent, Wish, arguments_of, open, sink_rows};
use super::words::{self, Names};
use crate::custody::{CustodyError, Job, Located, Purpose, Survey};
use crate::plan::{Change, Plan, Replace, Step, Wanted};
use crate::sink::FixGitignore;

pub(super) async fn run(context: &mut Context<'_>, arguments: &PlanArgs) -> u8 {
    let adopted = match adopt::adopted(context, arguments.adopt.as_deref(), &arguments.profiles) {
        Ok(adopted) => adopted,
        Err(code) => return code,
    };
    let wish = Wish { purpose: Purpose::Make, fix: FixGitignore::Refuse, intent: Intent::Read };
    let session = match open(context, &arguments.profiles, &arguments.connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let replace = if arguments.replace { Replace::Foreign } else { Replace::Never };
    let now = context.world.now();
    let mut todo = false;
    let mut text = String::new();
    for job in &session.survey.jobs {
        let plan = match &adopted {
            None => Ok(session.survey.plan_apply(job, replace, now)),
            Some(id) => adopt::planned(context, &session, job, id, replace, now).await,
        };
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                let problem = problem::custody(&error, &arguments_of(job));
                context.report.problem(problem.with_flags(&context.flags));
                continue;
            }
        };
        let again = format!("{}{}", arguments_of(job), context.flags);
        let lines = Lines::new(&session.survey, job, &plan, &again, now);
        todo |= lines.action != "unchanged";
        text.push_str(&lines.text(job));
        if let Step::Refuse(refused) = &plan.step {
            let error = CustodyError::Refused(refused.clone());
            let problem = problem::custody(&error, &arguments_of(job));
            context.report.problem(problem.with_flags(&context.flags));
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

/// A plan in words.
struct Lines {
    action: &'static str,
    why: String,
    changes: Vec<String>,
    notes: Vec<String>,
}

impl Lines {
    fn new(survey: &Survey, job: &Job, plan: &Plan, again: &str, now: chrono::DateTime<chrono::Utc>) -> Self {
        let names = Names::of(survey, job);
        let (action, why, changes) = match &plan.step {
            Step::Create => {
                let mut lines = whole(&names, &job.wanted, now);
                lines.extend(job.subject.located.iter().map(delivery));
                ("create", "no live token has this name".to_owned(), lines)
            }
            Step::Converge { changes, deliver, .. } => {
                let mut lines: Vec<String> = changes.iter().map(|change| names.change(change)).collect();
                let is_renamed = |change: &Change| matches!(change, Change::Rename { .. });
                let why = match (changes.is_empty(), deliver.is_empty()) {
                    _ if changes.iter().any(is_renamed) => "it is taken over, with the secret it has",
                    (true, true) => "all is as it should be",
                    (true, false) => "an env file does not hold what it should",
                    (false, _) => "the live token differs from the profile",
                };
                lines.extend(deliveries(job, deliver));
                (if lines.is_empty() { "unchanged" } else { "update" }, why.to_owned(), lines)
            }
            Step::Rotate { .. } => ("rotate", "a successor was asked for".to_owned(), Vec::new()),
            Step::Renew { .. } => {
                ("rotate", "a new secret and a new end were asked for".to_owned(), Vec::new())
            }
            Step::Roll { .. } => ("roll", "a new secret was asked for".to_owned(), Vec::new()),
            Step::Refuse(refused) => {
                ("failed", CustodyError::Refused(refused.clone()).to_string(), Vec::new())
            }
        };
        Self { action, why, changes, notes: plan.notes.iter().map(|note| words::note(note, again)).collect() }
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
            Step::Converge { id, .. } | Step::Roll { id } | Step::Renew { id, .. } => Some(id),
            Step::Create | Step::Rotate { .. } | Step::Refuse(_) => None,
        };
        let live =
            id.and_then(|id| survey.owners.get(&job.subject.owner)?.live.iter().find(|live| live.id == *id));
        Row {
            profile: Some(job.profile.source.path.clone()),
            environment: job.profile.environment.clone(),
            action: self.action,
            token: live.map(|live| TokenRow::new(&job.subject.owner, live)),
            sinks: sink_rows(job),
            changes: self.changes,
            notes: self.notes,
            ..Row::default()
        }
    }
}

/// Everything a new token gets.
fn whole(names: &Names<'_>, wanted: &Wanted, now: chrono::DateTime<chrono::Utc>) -> Vec<String> {
    let mut lines: Vec<String> =
        wanted.policies.iter().map(|policy| format!("+ {}", names.policy(policy))).collect();
    if let Some(addresses) = &wanted.addresses {
        lines.push(format!("+ may be used from {addresses}"));
    }
    lines.push(format!("+ {}", words::end_and_rest(wanted.expiry(now), now)));
    lines
}

/// The sinks that get the current secret, each once.
fn deliveries(job: &Job, places: &[usize]) -> Vec<String> {
    let sinks: BTreeSet<usize> =
        places.iter().filter_map(|position| job.places.get(*position)).map(|place| place.sink).collect();
    let located = sinks.iter().filter_map(|sink| job.subject.located.get(*sink));
    located.map(delivery).collect()
}

fn delivery(sink: &Located) -> String {
    match sink {
        Located::EnvFile { .. } => format!("> {} stored in {}", sink.variables().join(", "), sink.shown()),
        Located::Command { .. } => format!("> the secret delivered to {}", sink.shown()),
    }
}
