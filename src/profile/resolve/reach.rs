//! Whether permissions and resources fit: each section has its resource, each resource its section, and an account's
//! token stays in its account.

use super::Resolver;
use super::permissions::RequestedPermissions;
use super::rights::WrittenRights;
use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Field;
use crate::profile::diagnostic::{Span, Spanned};
use crate::profile::layer::{AccountChoice, BucketChoice, ResourceLists, SinkKeys, ZoneChoice};
use crate::profile::model::{Accounts, Owner, Reference, Resources, Section, Zones};
use crate::profile::resource_scalars::ResourceName;
use crate::profile::scalar::Templated;
use crate::profile::sink::SinkValue;
use crate::profile::text_or_map::TextOrMap;
use crate::profile::write::scalar;

impl Resolver<'_> {
    /// Reports permissions and resources that do not fit.
    pub(super) fn check_reach(
        &mut self,
        written: &WrittenRights<'_>,
        lists: &ResourceLists,
        resources: &Resources,
        owner: Option<&Owner>,
        asked: &RequestedPermissions,
    ) {
        match owner {
            Some(Owner::Account(account)) => self.stays_with_owner(account, resources, lists, asked),
            Some(Owner::User) => {
                self.reaches_named_accounts(lists);
                self.has_no_workers(resources, asked);
            }
            None => {}
        }
        self.reaches_named_zones(lists, resources, asked);
        self.has_what_it_needs(written, resources, lists, owner, asked);
        self.uses_what_it_has(written, resources, lists, asked);
    }

    /// A token of an account reaches that account alone, and no user.
    fn stays_with_owner(
        &mut self,
        owner: &Spanned<Reference>,
        resources: &Resources,
        lists: &ResourceLists,
        asked: &RequestedPermissions,
    ) {
        if let Some(span) = asked.sections.get(&Section::User) {
            self.problems
                .error(
                    DiagnosticCode::UserPermission,
                    *span,
                    "a token that belongs to an account cannot have user permissions",
                )
                .also(owner.span, "the owner")
                .hint("write `owner: user`, or leave the `user` section out");
        }
        let mut beyond = |span: Span, message: &str, hint: &str| {
            self.problems
                .error(DiagnosticCode::BeyondOwner, span, message)
                .also(owner.span, "the owner")
                .hint(hint);
        };
        if let Some(AccountChoice::All(span)) = lists.accounts.get() {
            beyond(
                *span,
                "a token that belongs to an account reaches no other",
                "leave `accounts` out, or write `owner: user`",
            );
        }
        if let Some(ZoneChoice::AllAccounts(span)) = lists.zones.get() {
            let message = "a token that belongs to an account reaches the zones of no other";
            beyond(*span, message, "write `zones: all` for every zone of the account, or `owner: user`");
        }
        let named = match &resources.accounts {
            Accounts::Named(named) => named.as_slice(),
            Accounts::All => &[],
        };
        let of_buckets = resources.buckets.iter().map(|bucket| &bucket.value.account);
        let of_workers = resources.workers.iter().map(|worker| &worker.value.account);
        let mut reported = Vec::new();
        for account in named.iter().chain(of_buckets).chain(of_workers) {
            if is_another(&account.value, &owner.value) && !reported.contains(&account.span) {
                reported.push(account.span);
                let message = "a token that belongs to an account reaches no other";
                beyond(account.span, message, "leave the account out, or write `owner: user`");
            }
        }
        // A name and an id may be one account, but two names beside the owner are not.
        if reported.is_empty()
            && let [_, second, ..] = named
        {
            let message = "a token that belongs to an account reaches no other, and this is a second one";
            beyond(second.span, message, "leave `accounts` out, or write `owner: user`");
        }
    }

    /// Each section that asks for something has something to apply to.
    fn has_what_it_needs(
        &mut self,
        written: &WrittenRights<'_>,
        resources: &Resources,
        lists: &ResourceLists,
        owner: Option<&Owner>,
        asked: &RequestedPermissions,
    ) {
        let holder = written.holder;
        let has_accounts = !matches!(&resources.accounts, Accounts::Named(named) if named.is_empty());
        if let Some(span) = asked.sections.get(&Section::Account)
            && !has_accounts
        {
            let message = format!("a permission on accounts, and the {holder} names no account");
            self.missing(*span, &message, ACCOUNTS_HINT);
        }
        match (&resources.zones, lists.zones.get(), asked.sections.get(&Section::Zone)) {
            (Zones::Named(named), _, Some(span)) if named.is_empty() => {
                let message = format!("a permission on zones, and the {holder} names no zone");
                self.missing(*span, &message, "write `zones: [example.com]` under `resources:`");
            }
            (Zones::OfAccounts, Some(ZoneChoice::OfAccounts(span)), _) if !has_accounts => {
                let message = "`zones: all` means every zone of the accounts, and none is named";
                self.missing(*span, message, ACCOUNTS_HINT);
            }
            _ => {}
        }
        let names_no_bucket = matches!(lists.buckets.get(), None | Some(BucketChoice::Named(_)));
        if let Some(span) = asked.sections.get(&Section::R2)
            && resources.buckets.is_empty()
            && names_no_bucket
        {
            let message = format!("a permission on buckets, and the {holder} names no bucket");
            self.missing(
                *span,
                &message,
                "write `buckets: [{ account: Acme Production, name: assets }]` under `resources:`",
            );
        }
        // A token of the user can name none, so it is not told to.
        if let Some(span) = asked.sections.get(&Section::Worker)
            && !matches!(owner, Some(Owner::User))
            && lists.workers.get().is_none_or(Vec::is_empty)
        {
            let message = format!("a permission on Workers, and the {holder} names no Worker");
            self.missing(
                *span,
                &message,
                "write `workers: [{ account: Acme Production, name: api }]` under `resources:`; permissions for \
                 every Worker of an account stand in the section `account`",
            );
        }
    }

    /// Only an account's token can name single Workers.
    /// Source: <https://developers.cloudflare.com/workers/authorization/workers/>.
    fn has_no_workers(&mut self, resources: &Resources, asked: &RequestedPermissions) {
        let Some(span) = asked.sections.get(&Section::Worker) else { return };
        let in_resources = match &resources.accounts {
            Accounts::Named(named) => named.first(),
            Accounts::All => None,
        };
        let account = resources.workers.first().map(|worker| &worker.value.account).or(in_resources);
        let account = account.map_or("Acme Production", |account| account.value.text());
        let workers = match resources.workers.as_slice() {
            [] => " and `workers: [{ name: api }]` under `resources:`",
            _ => "",
        };
        self.problems
            .error(DiagnosticCode::WorkerOfUser, *span, "a token of the user cannot name single Workers")
            .hint(format!(
                "write `owner: {{ account: {} }}`{workers}; or ask for every Worker of an account, in the section \
                 `account`",
                scalar(account)
            ));
    }

    pub(super) fn missing(&mut self, span: Span, message: &str, hint: &str) {
        self.problems.error(DiagnosticCode::MissingResource, span, message).hint(hint);
    }

    /// A token of the user reaches no more than it must; one of an account cannot.
    fn reaches_named_accounts(&mut self, lists: &ResourceLists) {
        if let Some(AccountChoice::All(span)) = lists.accounts.get() {
            let message = "the token reaches every account of the user";
            self.problems.warning(DiagnosticCode::AllAccounts, *span, message).hint(HINT);
        }
        if let Some(ZoneChoice::AllAccounts(span)) = lists.zones.get() {
            let message = "the token reaches every zone of every account";
            self.problems.warning(DiagnosticCode::AllAccounts, *span, message).hint(HINT);
        }
    }

    /// A token reaches the zones that its work is about.
    fn reaches_named_zones(
        &mut self,
        lists: &ResourceLists,
        resources: &Resources,
        asked: &RequestedPermissions,
    ) {
        if let Some(ZoneChoice::OfAccounts(span)) = lists.zones.get()
            && asked.sections.contains_key(&Section::Zone)
            && !matches!(&resources.accounts, Accounts::Named(named) if named.is_empty())
        {
            let message = "the token reaches every zone of the accounts, those that are added later too";
            self.problems.warning(DiagnosticCode::AllZones, *span, message).hint(HINT);
        }
    }

    /// Each resource has something that applies to it.
    fn uses_what_it_has(
        &mut self,
        written: &WrittenRights<'_>,
        resources: &Resources,
        lists: &ResourceLists,
        asked: &RequestedPermissions,
    ) {
        let is_asked = |section| asked.sections.contains_key(&section) || asked.perhaps.contains(&section);
        let is_sent = |value| sends(written.sinks, value);
        let span_of = |list: &[Templated<ResourceName>]| list.first().map(Templated::span);
        let unused_account = match lists.accounts.get() {
            Some(AccountChoice::Named(list)) => span_of(list),
            Some(AccountChoice::All(span)) => Some(*span),
            None => None,
        };
        let zones_are_nested = matches!(resources.zones, Zones::OfAccounts);
        // A zone's name is looked for in the accounts, for several can have a zone of that name.
        let names_a_zone = matches!(&resources.zones, Zones::Named(named)
            if named.iter().any(|zone| matches!(zone.value, Reference::Name(_))));
        let accounts_serve = is_asked(Section::Account)
            || zones_are_nested
            || names_a_zone
            || !resources.buckets.is_empty()
            || !resources.workers.is_empty()
            || is_sent(SinkValue::AccountId)
            || is_sent(SinkValue::R2Endpoint);
        let unused_zone = match lists.zones.get() {
            Some(ZoneChoice::Named(list)) => span_of(list),
            Some(ZoneChoice::OfAccounts(span) | ZoneChoice::AllAccounts(span)) => Some(*span),
            None => None,
        };
        let zones_serve = is_asked(Section::Zone) || is_sent(SinkValue::ZoneId);
        let buckets_serve = is_asked(Section::R2) || is_sent(SinkValue::R2Endpoint);
        let unused_bucket = resources.buckets.first().map(|bucket| bucket.span);
        let unused_worker = resources.workers.first().map(|worker| worker.span);
        for (span, serves, noun, section) in [
            (unused_account, accounts_serve, "account", Section::Account),
            (unused_zone, zones_serve, "zone", Section::Zone),
            (unused_bucket, buckets_serve, "bucket", Section::R2),
            (unused_worker, is_asked(Section::Worker), "Worker", Section::Worker),
        ] {
            if let (Some(span), false) = (span, serves) {
                self.problems
                    .warning(
                        DiagnosticCode::UnusedResource,
                        span,
                        format!("no permission applies to this {noun}"),
                    )
                    .hint(format!(
                        "leave it out, or ask for a permission in the `{}` section",
                        section.key()
                    ));
            }
        }
    }
}

/// What to write in place of everything.
const HINT: &str = "name the ones it needs: a leak then costs no more than those";

pub(super) const ACCOUNTS_HINT: &str = "write `accounts: [Acme Production]` under `resources:`";

/// Whether two references are certainly two accounts: two ids, or two names.
fn is_another(one: &Reference, other: &Reference) -> bool {
    match (one, other) {
        (Reference::Id(one), Reference::Id(other)) => one != other,
        (Reference::Name(one), Reference::Name(other)) => !one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

/// Whether a sink receives a value, or may.
fn sends(sinks: &Field<Vec<SinkKeys>>, value: SinkValue) -> bool {
    let is_it = |written: &Templated<SinkValue>| match written {
        Templated::Known(known) => known.value == value,
        Templated::Template(_) => true,
    };
    sinks.is_invalid()
        || sinks.get().into_iter().flatten().any(|sink| {
            let (input, document) = match sink.input.get() {
                Some(TextOrMap::Text(value)) => (Some(value), None),
                Some(TextOrMap::Map(document)) => (None, document.value.variables.get()),
                None => (None, None),
            };
            let named = sink.variables.get().into_iter().chain(document).flat_map(|named| &named.entries);
            input.is_some_and(is_it) || named.into_iter().any(|(_, value)| is_it(value))
        })
}
