//! Ids of a profile that lead to nothing that the bootstrap sees: what is said of them before anything is written.
//!
//! A warning and no error: a bootstrap need not see what it may give away.

use std::sync::Arc;

use super::directory::Directory;
use crate::profile::{Accounts, Diagnostic, DiagnosticCode, Profile, Reference, Severity, Spanned, Zones};
use crate::text::one_line;

/// How many accounts a hint lists.
const MOST_NAMES: usize = 12;

/// Warns of every id that the look-ups found nothing for, once each, at the place where it is written first.
#[must_use]
pub fn unseen(profile: &Profile, directory: &Directory) -> Vec<Diagnostic> {
    let mut told: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    let mut warn = |written: &Spanned<Reference>, code, message: &str, hint: String| {
        found.push(Diagnostic {
            severity: Severity::Warning,
            code,
            message: message.replace("ID", written.value.text()),
            source: Arc::clone(&profile.source),
            place: Some((written.span, String::new())),
            also: None,
            hint,
        });
    };
    for rights in profile.all_rights() {
        let resources = &rights.resources;
        let named: &[Spanned<Reference>] =
            if let Accounts::Named(named) = &resources.accounts { named } else { &[] };
        let of_buckets = resources.buckets.iter().map(|bucket| &bucket.value.account);
        let of_workers = resources.workers.iter().map(|worker| &worker.value.account);
        for account in named.iter().chain(of_buckets).chain(of_workers) {
            if let Some(id) = unseen_id(account, directory)
                && !told.contains(&id)
            {
                told.push(id);
                let message = "no account with the id `ID` is among those that this bootstrap sees";
                warn(account, DiagnosticCode::UnknownAccount, message, accounts_seen(directory));
            }
        }
        let Zones::Named(named) = &resources.zones else { continue };
        for zone in named {
            if let Some(id) = unseen_id(zone, directory)
                && !told.contains(&id)
            {
                told.push(id);
                let message = "no zone with the id `ID` is among those that this bootstrap sees";
                let hint = "compare it with the id on the zone's Overview page, or write the domain instead";
                warn(zone, DiagnosticCode::UnknownZone, message, hint.to_owned());
            }
        }
    }
    found
}

/// The id that is written, if nothing was found for it.
fn unseen_id<'a>(written: &'a Spanned<Reference>, directory: &Directory) -> Option<&'a str> {
    match &written.value {
        Reference::Id(id) if directory.unseen.contains(id) => Some(id),
        Reference::Id(_) | Reference::Name(_) => None,
    }
}

fn accounts_seen(directory: &Directory) -> String {
    let all = &directory.accounts;
    let shown =
        all.iter().take(MOST_NAMES).map(|account| format!("{} ({})", one_line(&account.name), account.id));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(MOST_NAMES) {
        0 => format!("it sees: {shown}"),
        more => format!("it sees: {shown} and {more} more"),
    }
}
