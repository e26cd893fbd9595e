//! `cfmint audit`: the inventory of an owner, and what somebody should know about each token.

mod findings;
mod html;
mod sarif;

use std::fmt::Write as _;

use self::findings::{Said, count, severity};
use crate::cli::failure::exit;
use crate::cli::options::AuditArgs;
use crate::cli::output::report::FindingRow;
use crate::cli::session::context::Context;
use crate::cli::session::inventory::{Inventory, Listed, take};
use crate::lifecycle::Role;
use crate::profile::Severity;

pub(in crate::cli) async fn run(context: &mut Context<'_>, arguments: &AuditArgs) -> u8 {
    let inventory = match take(context, &arguments.inventory, arguments.unused_for).await {
        Ok(inventory) => inventory,
        Err(code) => return code,
    };
    let audited = Audited::new(&inventory, &context.flags);
    if arguments.sarif {
        context.screen.result(&sarif::document(&audited));
    } else if !context.json {
        context.screen.result(&audited.text());
    }
    let found = |listed: &Listed| audited.said_of(listed).iter().map(row).collect();
    context.report.inventory(inventory.rows(found));
    if let Some(path) = &arguments.html {
        match html::write(&**context.world, path, &html::page(&audited)) {
            Ok(()) => context.done("Wrote", &path.display().to_string()),
            Err(problem) => {
                let code = problem.exit_code();
                context.report.problem(problem);
                return code;
            }
        }
    }
    match context.report.exit_code() {
        exit::DONE if audited.count_from(Severity::Warning) > 0 => exit::FINDINGS,
        code => code,
    }
}

/// An inventory with everything that was found, in words.
struct Audited<'a> {
    inventory: &'a Inventory,
    /// The tokens, those with the worst findings first, then in the order of the inventory.
    tokens: Vec<(&'a Listed, Vec<Said>)>,
}

impl<'a> Audited<'a> {
    fn new(inventory: &'a Inventory, flags: &str) -> Self {
        let mut tokens: Vec<(&Listed, Vec<Said>)> =
            inventory.tokens.iter().map(|listed| (listed, findings::say(inventory, listed, flags))).collect();
        tokens.sort_by_key(|(_, said)| said.first().map_or(u8::MAX, |first| first.severity as u8));
        Self { inventory, tokens }
    }

    fn said_of(&self, listed: &Listed) -> &[Said] {
        let found = self.tokens.iter().find(|(token, _)| std::ptr::eq(*token, listed));
        found.map_or(&[], |(_, said)| said)
    }

    fn said(&self) -> impl Iterator<Item = &Said> {
        self.tokens.iter().flat_map(|(_, said)| said)
    }

    /// How many findings matter as much as this, or more.
    fn count_from(&self, severity: Severity) -> usize {
        self.said().filter(|said| said.severity <= severity).count()
    }

    /// What was found, for people: token by token, the sum at the end.
    fn text(&self) -> String {
        let mut text = format!("{}\n", self.inventory.title());
        for (listed, said) in self.tokens.iter().filter(|(_, said)| !said.is_empty()) {
            writeln!(text, "\n{}{}", one_line(&listed.live.name), about(listed)).ok();
            for said in said {
                writeln!(text, "  {}[{}]: {}", severity(said.severity), said.code, one_line(&said.message))
                    .ok();
                for (index, line) in said.hint.lines().enumerate() {
                    let lead = if index == 0 { "help: " } else { "      " };
                    writeln!(text, "    {lead}{line}").ok();
                }
            }
        }
        writeln!(text, "\n{}", self.sum()).ok();
        text
    }

    /// How much was found, in a line.
    fn sum(&self) -> String {
        let of = |wanted: Severity| self.said().filter(|said| said.severity == wanted).count();
        let counts = [Severity::Error, Severity::Warning, Severity::Note]
            .into_iter()
            .map(|wanted| (of(wanted), severity(wanted)))
            .filter(|(number, _)| *number > 0)
            .map(|(number, noun)| count(number, noun))
            .collect::<Vec<_>>();
        if counts.is_empty() { "Nothing was found.".to_owned() } else { format!("{}.", counts.join(", ")) }
    }
}

/// What stands behind a token's name: what it is, and where it belongs.
fn about(listed: &Listed) -> String {
    match (&listed.place, listed.role) {
        (Some(place), _) => format!(" ({})", place.named()),
        (None, Role::Bootstrap) => " (the bootstrap)".to_owned(),
        (None, Role::Other) => String::new(),
    }
}

/// Names may hold anything; here they stay in their line.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

fn row(said: &Said) -> FindingRow {
    FindingRow {
        code: said.code,
        severity: severity(said.severity),
        message: said.message.clone(),
        hint: said.hint.clone(),
    }
}
