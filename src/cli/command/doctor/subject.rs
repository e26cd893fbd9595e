//! A secret that is looked at, with what stands beside it; that of this process: of a variable, or a line of standard input.

use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::output::checks::Check;
use crate::cli::session::standard_input::first_line;
use crate::doctor::CheckCode;
use crate::secret::Secret;
use crate::world::World;

/// The variable that holds a token where nothing else is said.
pub(super) const TOKEN: &str = "CLOUDFLARE_API_TOKEN";
/// The variable that held it once, and that Wrangler still reads.
const OLD_TOKEN: &str = "CF_API_TOKEN";
/// The variables beside it that name its account: the first that is there counts, as it does for Wrangler.
const ACCOUNT: [&str; 2] = ["CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID"];
/// The variables beside it that name its zone.
const ZONE: [&str; 2] = ["CLOUDFLARE_ZONE_ID", "CF_ZONE_ID"];

/// Names that programs of another time have for the token.
pub(super) const OTHER_NAMES: [&str; 3] = [OLD_TOKEN, "CLOUDFLARE_TOKEN", "CF_TOKEN"];

/// A secret and what stands beside it.
#[derive(Default)]
pub(super) struct Subject {
    /// What a person calls its place.
    pub(super) shown: String,
    /// The sink of the profile that holds it, where it is one: what `rotate` stores goes there.
    pub(super) sink: Option<String>,
    /// The secret.
    pub(super) secret: Option<Secret>,
    /// The id of its token, where S3 credentials stand in its place.
    pub(super) id: Option<String>,
    /// The account's id beside it, with its place.
    pub(super) account: Option<(String, String)>,
    /// Whether there should be one and is none.
    pub(super) lacks_account: bool,
    /// The zone's id beside it, with its place.
    pub(super) zone: Option<(String, String)>,
}

/// What was found, with what there is to say about it.
pub(super) struct Found {
    pub(super) subject: Subject,
    pub(super) checks: Vec<Check>,
}

impl Subject {
    /// A secret, and the ids beside it: what this says of a variable is its place and its value.
    pub(super) fn beside(
        shown: String,
        secret: Option<Secret>,
        variable: impl Fn(&str) -> Option<(String, String)>,
    ) -> Self {
        let first = |names: [&str; 2]| names.into_iter().find_map(&variable);
        let (account, zone) = (first(ACCOUNT), first(ZONE));
        Self { shown, secret, lacks_account: account.is_none(), account, zone, ..Self::default() }
    }

    /// Whether there is anything that tells of a token.
    pub(super) fn is_there(&self) -> bool {
        self.secret.is_some() || self.id.is_some()
    }
}

/// The secret on standard input.
pub(super) fn of_stdin(world: &dyn World) -> Result<Found, Failure> {
    let line = first_line(world).map_err(|why| {
        let message = format!("standard input cannot be read: {why}");
        Problem::new(Code::UsageDoctor, message, "send the token, and nothing else")
    })?;
    let secret = Secret::new(line);
    if secret.is_blank() {
        let hint = "send the token to it: cfmint doctor --token-stdin < FILE";
        return Err(
            Problem::new(Code::UsageDoctor, "standard input is empty: there is no token", hint).into()
        );
    }
    Ok(of_process(world, "standard input".to_owned(), Some(secret)))
}

/// The secret in a variable of this process: the one that is named, else the one that programs look for.
pub(super) fn of_variable(world: &dyn World, named: Option<&str>) -> Found {
    let is_old = named.is_none() && world.variable(TOKEN).is_none() && world.variable(OLD_TOKEN).is_some();
    let variable = named.unwrap_or(if is_old { OLD_TOKEN } else { TOKEN });
    let secret = world.variable(variable).map(Secret::new);
    let mut found = of_process(world, format!("the variable {variable}"), secret);
    if found.subject.secret.is_none() {
        let other = OTHER_NAMES.iter().find(|name| world.variable(name).is_some());
        let hint = match other {
            Some(name) => format!("{name} is set: programs look for {TOKEN}"),
            None => "name a profile, --env-file FILE or --variable NAME\nin CI, pass the secret to this step"
                .to_owned(),
        };
        found.checks.push(Check::unknown(
            CheckCode::Place,
            format!("{variable} is not set: no token is looked at"),
            hint,
        ));
    }
    found
}

fn of_process(world: &dyn World, shown: String, secret: Option<Secret>) -> Found {
    let beside = |name: &str| Some((format!("the variable {name}"), world.variable(name)?));
    Found { subject: Subject::beside(shown, secret, beside), checks: Vec::new() }
}
