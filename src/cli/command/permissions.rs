//! `cfmint permissions`: searches the catalogue by words, or by what needs a permission; offline, unless asked to compare.

use clap::Args;

use super::{Outcome, RunCommand};
use crate::catalogue::{Accepted, Catalogue, Difference, METHODS, Matched, SearchHit, TerraformKind};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::ConnectionArgs;
use crate::cli::output::permission_table;
use crate::cli::output::permission_table::{PermissionRow, PermissionRows};
use crate::cli::session::context::Context;
use crate::cli::session::owner::owner;
use crate::cli::session::workspace::Workspace;
use crate::profile::Section;
use crate::survey::{ListedGroups, listed_groups};
use crate::text::one_line;

/// Where Cloudflare documents what an operation needs.
const REFERENCE: &str = "https://developers.cloudflare.com/api/";

/// Find permissions by their names, or by what needs them
#[derive(Debug, Args)]
#[command(after_help = "Offline: searches what cfmint knows of Cloudflare's permission groups.\n\n\
    Examples:\n  cfmint permissions workers edit\n  cfmint permissions PUT /accounts/ACCOUNT/workers/scripts/NAME\n  \
    cfmint permissions cloudflare_dns_record.www")]
pub(in crate::cli) struct PermissionsArgs {
    /// Words of a name, or the first 8 digits of an id; or a request: a method, and a path or URL; or a Terraform address
    /// [default: everything]
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Ask Cloudflare for its own list, and show how it differs
    #[arg(long)]
    live: bool,
    /// The account whose list it is, by name or id [default: your user's]
    #[arg(long, value_name = "ACCOUNT", requires = "live")]
    account: Option<String>,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// What is asked.
enum Question<'a> {
    /// Which groups go by these words.
    Words,
    /// What a request needs.
    Request { method: Option<&'a str>, address: &'a str },
    /// What a resource or a data source needs.
    Terraform(&'a str),
}

/// The groups that answer a question, and what they are for.
struct Answer {
    title: Option<String>,
    rows: Vec<PermissionRow>,
}

impl RunCommand for PermissionsArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let listed = if self.live { Some(self.ask(context).await?) } else { None };
        if !self.live {
            self.is_offline()?;
        }
        let catalogue = listed.as_ref().map_or_else(|| Catalogue::embedded(), |listed| &listed.catalogue);
        let answers = match &listed {
            Some(_) if self.words.is_empty() => Vec::new(),
            _ => self.answers(catalogue)?,
        };
        let differences = listed.as_ref().filter(|_| self.words.is_empty()).map(told);
        if !context.json {
            for (index, answer) in answers.iter().enumerate() {
                let gap = if index > 0 { "\n" } else { "" };
                let title = answer.title.as_ref().map(|title| format!("{title}\n")).unwrap_or_default();
                let lines = permission_table::lines(&answer.rows, context.screen.width());
                context.screen.result(&format!("{gap}{title}{lines}"));
            }
            if let (Some(listed), Some(differences)) = (&listed, &differences) {
                let lines = differences.join("\n");
                let title = self.title(listed, differences.len());
                let end = if lines.is_empty() { "" } else { "\n" };
                context.screen.result(&format!("{title}\n{lines}{end}"));
            }
        }
        let permissions = answers.into_iter().flat_map(|answer| answer.rows).collect();
        context.report.permissions(PermissionRows { permissions, differences });
        Ok(Outcome::Reported)
    }
}

impl PermissionsArgs {
    /// Refuses what only leads to Cloudflare where nobody goes there.
    fn is_offline(&self) -> Result<(), Problem> {
        let ConnectionArgs {
            emulator,
            api_url,
            bootstrap_file,
            bootstrap_command,
            bootstrap_vault,
            state_dir,
        } = &self.connection;
        let is_given = [
            ("--emulator", *emulator),
            ("--api-url", api_url.is_some()),
            ("--bootstrap-file", bootstrap_file.is_some()),
            ("--bootstrap-command", bootstrap_command.is_some()),
            ("--bootstrap-vault", bootstrap_vault.is_some()),
            ("--state-dir", state_dir.is_some()),
        ];
        let Some((option, _)) = is_given.into_iter().find(|(_, is_given)| *is_given) else { return Ok(()) };
        Err(Problem::new(
            Code::UsageArguments,
            format!("{option} is for --live: without it, the search is offline"),
            Hint::run("to ask Cloudflare for its own list", CommandLine::again("--live")),
        ))
    }

    /// Cloudflare's own list.
    async fn ask(&self, context: &mut Context<'_>) -> Result<ListedGroups, Failure> {
        context.about(self.account.as_ref());
        let workspace = Workspace::open(context, &self.connection).await?;
        let client = &workspace.connection.client;
        let owner = owner(client, self.account.as_deref()).await?;
        Ok(listed_groups(client, &owner).await.map_err(|error| Problem::from(&error))?)
    }

    /// How the embedded catalogue and the list compare, in a line.
    fn title(&self, listed: &ListedGroups, differences: usize) -> String {
        let whose = self.account.as_ref().map_or_else(|| "your user".to_owned(), |name| one_line(name));
        if listed.count == 0 {
            return format!("Cloudflare's list for {whose} is empty: this bootstrap may not read it");
        }
        let differs = match differences {
            0 => "agrees with it".to_owned(),
            1 => "differs in 1 point".to_owned(),
            many => format!("differs in {many} points"),
        };
        format!(
            "Cloudflare's list for {whose} has {} permission groups; cfmint's own catalogue {differs}",
            listed.count
        )
    }

    fn question(&self) -> Question<'_> {
        let is_address = |word: &str| word.contains('/');
        // A whole request may be one argument.
        let words: Vec<&str> = self.words.iter().flat_map(|word| word.split_whitespace()).collect();
        match words.as_slice() {
            [method, address]
                if METHODS.iter().any(|own| own.eq_ignore_ascii_case(method)) && is_address(address) =>
            {
                Question::Request { method: Some(method), address }
            }
            [address] if address.starts_with('/') || address.contains("://") => {
                Question::Request { method: None, address }
            }
            [address] if Catalogue::is_terraform_address(address) => Question::Terraform(address),
            _ => Question::Words,
        }
    }

    fn answers(&self, catalogue: &Catalogue) -> Result<Vec<Answer>, Problem> {
        match self.question() {
            Question::Words => self.by_words(catalogue),
            Question::Request { method, address } => by_request(catalogue, method, address),
            Question::Terraform(address) => by_terraform(catalogue, address),
        }
    }

    fn by_words(&self, catalogue: &Catalogue) -> Result<Vec<Answer>, Problem> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let found = catalogue.search(&words);
        if !found.is_empty() {
            return Ok(vec![Answer { title: None, rows: permission_table::by_section(catalogue, &found) }]);
        }
        let text = words.join(" ");
        let meant = |(section, line): (Section, String)| {
            Hint::text(format!("perhaps, in the section {}: `{line}`", section.key()))
        };
        let mut hints: Vec<Hint> = catalogue.suggestions(&text).into_iter().map(meant).collect();
        let is_method = |word: &str| METHODS.iter().any(|method| method.eq_ignore_ascii_case(word));
        if hints.is_empty() {
            let is_request = words.len() > 1 && is_method(words[0]);
            let hint = if is_request { "a path begins with a slash: GET /zones" } else { "try fewer words" };
            hints.push(Hint::text(hint));
        }
        if !self.live {
            let again = CommandLine::again("--live");
            hints.push(Hint::run("to search Cloudflare's own list", again));
        }
        let message = format!("no permission is found by `{}`", one_line(&text));
        Err(Problem::new(Code::UsagePermission, message, hints))
    }
}

fn by_request(catalogue: &Catalogue, method: Option<&str>, address: &str) -> Result<Vec<Answer>, Problem> {
    let found = match method {
        Some(method) => Catalogue::find_operation(method, address).into_iter().collect(),
        None => Catalogue::find_operations(address),
    };
    let answers = found.iter().map(|found| {
        let operation = format!("{} {}", found.operation.method, found.operation.path);
        let accepted = catalogue.accepted_at(found);
        let enough = match accepted.groups.len() {
            1 => "this is enough".to_owned(),
            _ if accepted.is_by_phase => "one of these is enough, by the phase of the rules".to_owned(),
            _ => "one of these is enough, the narrowest first".to_owned(),
        };
        let enough = match accepted.inferred_from {
            Some(path) => format!("{enough}, as inferred from {path}"),
            None => enough,
        };
        answer(catalogue, &accepted, &operation, &enough)
    });
    let answers: Vec<Answer> = answers.collect();
    if !answers.is_empty() {
        return Ok(answers);
    }
    let others = Catalogue::find_operations(address);
    let methods: Vec<&str> = others.iter().map(|found| found.operation.method).collect();
    let known = (!methods.is_empty()).then(|| format!("known for this path: {}", methods.join(", ")));
    let hints = known.into_iter().chain([format!("see what the operation needs at {REFERENCE}")]);
    let asked = one_line(&method.map_or_else(|| address.to_owned(), |method| format!("{method} {address}")));
    Err(Problem::new(
        Code::UsagePermission,
        format!("cfmint does not know what `{asked}` needs"),
        hints.map(Hint::text).collect::<Vec<_>>(),
    ))
}

fn by_terraform(catalogue: &Catalogue, address: &str) -> Result<Vec<Answer>, Problem> {
    if let Some(entry) = Catalogue::terraform(address) {
        let accepted = catalogue.accepted_by_terraform(entry, None).to_manage(entry.kind);
        let order = match entry.kind {
            _ if accepted.is_by_phase => "one of these is enough, by the phase of the rules",
            _ if accepted.groups.len() == 1 => "the provider's documentation names this one",
            TerraformKind::Resource => {
                "the provider's documentation names these, the likeliest to manage it first"
            }
            TerraformKind::DataSource => "one of these is enough, the narrowest first",
        };
        return Ok(vec![answer(catalogue, &accepted, &entry.address(), order)]);
    }
    let near = Catalogue::near_terraform(address);
    let hint = if near.is_empty() {
        format!("see what the API needs at {REFERENCE}")
    } else {
        format!("perhaps {}", near.join(" or "))
    };
    let message = format!("cfmint does not know what `{}` needs", one_line(address));
    Err(Problem::new(Code::UsagePermission, message, hint))
}

fn answer(catalogue: &Catalogue, accepted: &Accepted<'_>, operation: &str, order: &str) -> Answer {
    let row = |group| PermissionRow {
        operation: Some(operation.to_owned()),
        by_phase: accepted.is_by_phase,
        inferred_from: accepted.inferred_from,
        ..permission_table::row(catalogue, &SearchHit { group, matched: Matched::Name })
    };
    Answer { title: Some(format!("{operation}: {order}")), rows: accepted.known().map(row).collect() }
}

/// The differences, one a line. A group that the catalogue knows by name alone is nothing that the list should have.
fn told(listed: &ListedGroups) -> Vec<String> {
    let is_told = |difference: &&Difference| !matches!(difference, Difference::Gone { id: None, .. });
    listed.differences.iter().filter(is_told).map(|difference| one_line(&difference.to_string())).collect()
}
