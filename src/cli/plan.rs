//! `cfmint plan`: what `apply` would do, and why, as a diff by names; with `--due`, what `rotate --due` would do.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::adopt;
use super::args::PlanArgs;
use super::context::Context;
use super::due::Dueness;
use super::exit;
use super::problem;
use super::report::{Row, TokenRow};
use super::session::{self, Session, Wish, arguments_of, open, sink_rows};
use super::words::{self, Names};
use crate::cloudflare::wire::Token;
use crate::custody::{CustodyError, Intent, Job, Located, Purpose, Survey, Work};
use crate::plan::{Change, MarkedName, Plan, Replace, Step, Wanted};
use crate::sink::{FixGitignore, SinkError};
use crate::world::World;

pub(super) async fn run(context: &mut Context<'_>, arguments: &PlanArgs) -> u8 {
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
    let now = session.now(&**context.world);
    let mut todo = false;
    let mut text = String::new();
    for job in &session.survey.jobs {
        let survey = &session.survey;
        let planned = match &adopted {
            Some(id) => {
                adopt::planned(context, &session, job, id, replace, now).await.map(|plan| (plan, None))
            }
            None if arguments.due => match Dueness::of(survey, job, arguments.splay, replace, now) {
                Dueness::Due { plan, why } | Dueness::NotDue { plan, why } => Ok((plan, Some(why))),
            },
            None => Ok((survey.plan_apply(job, replace, now), None)),
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
        let lines = match (left_open(&session, job, now), why) {
            (Some(open), _) => lines.after(open),
            (None, Some(why)) => lines.because(why),
            (None, None) => lines,
        };
        todo |= !matches!(lines.action, "unchanged" | "skipped");
        text.push_str(&lines.text(job));
        if let (Step::Refuse(refused), false) = (&plan.step, lines.action == RECOVER) {
            let error = CustodyError::Refused(refused.clone());
            let problem = problem::custody(&error, &arguments_of(job));
            context.report.problem(problem.with_flags(&context.flags));
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

/// The action of a plan where something else comes first.
const RECOVER: &str = "recover";

/// What an interrupted run left open about a job's token: the next writing run comes to that first.
fn left_open<'a>(session: &'a Session, job: &Job, now: DateTime<Utc>) -> Option<&'a Intent> {
    let here = session.client.base().as_str();
    let current = session.survey.current(job, now);
    let is_hook = |open: &&Intent| matches!(open.work, Work::Hook { .. });
    let is_awaited =
        |open: &&Intent| !is_hook(open) || current.is_some_and(|current| current.name == open.name);
    let open = session.open.iter().filter(|open| {
        open.api == here
            && open.owner() == job.subject.owner
            && MarkedName::parse(&open.name).is_some_and(|marked| marked.name == job.wanted.name)
    });
    // Hooks come after all else.
    open.filter(is_awaited).min_by_key(is_hook)
}

/// The programs that would take a secret and are not here.
fn missing_programs(world: &dyn World, job: &Job, plan: &Plan) -> Vec<SinkError> {
    let programs = job.subject.located.iter().filter_map(|sink| match sink {
        Located::Command { command, .. } if plan.step.delivers() => command.prove(world).err(),
        Located::Command { .. } | Located::EnvFile { .. } => None,
    });
    programs.collect()
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

    /// The same, where an interrupted run left something open. After that has been settled all may look different.
    fn after(self, open: &Intent) -> Self {
        let why = words::open(open);
        match (&open.work, self.action) {
            // Hooks come last, and change nothing about the token.
            (Work::Hook { .. }, "unchanged") => Self { action: "update", why, tells_why: true, ..self },
            (Work::Hook { .. }, _) => self,
            _ => Self { action: RECOVER, why, tells_why: true, changes: Vec::new(), notes: Vec::new() },
        }
    }

    fn new(survey: &Survey, job: &Job, plan: &Plan, again: &str, now: DateTime<Utc>) -> Self {
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
                    (true, false) => "an env file is not as it should be",
                    (false, _) => "the live token differs from the profile",
                };
                lines.extend(deliveries(job, deliver));
                (if lines.is_empty() { "unchanged" } else { "update" }, why.to_owned(), lines)
            }
            Step::Rotate { predecessors, expired } => {
                let mut lines = whole(&names, &job.wanted, now);
                lines.extend(job.subject.located.iter().map(delivery));
                let token = |id: &String| survey.token(&job.subject.owner, id);
                lines.extend(
                    predecessors.iter().filter_map(token).filter_map(|old| retirement(job, old, now)),
                );
                lines
                    .extend(expired.iter().filter_map(token).map(|old| format!("- {} is deleted", old.name)));
                ("rotate", "a successor was asked for".to_owned(), lines)
            }
            Step::Finish { predecessors, .. } => {
                let token = |id: &String| survey.token(&job.subject.owner, id);
                let lines = predecessors.iter().filter_map(token).filter_map(|old| retirement(job, old, now));
                ("rotate", words::UNFINISHED.to_owned(), lines.collect())
            }
            Step::Renew { changes, .. } => {
                let mut lines: Vec<String> = changes.iter().map(|change| names.change(change)).collect();
                lines.push("~ a new secret; the old one dies at once".to_owned());
                lines.extend(job.subject.located.iter().map(delivery));
                ("rotate", "a new secret and a new end were asked for".to_owned(), lines)
            }
            Step::Roll { .. } => ("roll", "a new secret was asked for".to_owned(), Vec::new()),
            Step::Refuse(refused) => {
                ("failed", CustodyError::Refused(refused.clone()).to_string(), Vec::new())
            }
        };
        let notes = plan.notes.iter().map(|note| words::note(note, again)).collect();
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
            Step::Converge { id, .. }
            | Step::Roll { id }
            | Step::Renew { id, .. }
            | Step::Finish { id, .. } => Some(id),
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
    lines.push(format!("+ {}", words::end_and_rest(wanted.expiry(now), now)));
    lines
}

/// What becomes of a predecessor; nothing where it ends by itself before the overlap is over.
fn retirement(job: &Job, old: &Token, now: DateTime<Utc>) -> Option<String> {
    let overlap = job.profile.overlap();
    let end = now.checked_add_signed(overlap).unwrap_or(now);
    old.expires_on.is_none_or(|own| own > end).then(|| {
        if overlap.is_zero() {
            format!("- {}, the predecessor, is deleted", old.name)
        } else {
            format!("- {}, the predecessor, {}", old.name, words::end_and_rest(Some(end), now))
        }
    })
}

/// The sinks that get the current secret, each once.
fn deliveries(job: &Job, places: &[usize]) -> Vec<String> {
    let sinks: BTreeSet<usize> = places
        .iter()
        .filter_map(|position| job.subject.places.get(*position))
        .map(|place| place.sink)
        .collect();
    let located = sinks.iter().filter_map(|sink| job.subject.located.get(*sink));
    located.map(delivery).collect()
}

fn delivery(sink: &Located) -> String {
    match sink {
        Located::EnvFile { .. } => format!("> {} stored in {}", sink.variables().join(", "), sink.shown()),
        Located::Command { .. } => format!("> the secret delivered to {}", sink.shown()),
    }
}
