//! What the permissions apply to: each section has its resource, and each resource its section.

use super::Resolver;
use super::permissions::RequestedPermissions;
use crate::profile::codes;
use crate::profile::decode::Field;
use crate::profile::diagnostic::{Span, Spanned};
use crate::profile::layer::{AccountChoice, BucketChoice, BucketKeys, Layer, ResourceLists, ZoneChoice};
use crate::profile::model::{Accounts, Bucket, Jurisdiction, Owner, Reference, Resources, Section, Zones};
use crate::profile::scalar::Templated;
use crate::profile::scalars::{BucketName, ResourceName};
use crate::profile::sink::SinkValue;

impl Resolver<'_> {
    /// The resources of a profile; `None` where a part of them is not known.
    pub(super) fn resources(
        &mut self,
        layer: &Layer,
        owner: Option<&Owner>,
        asked: &RequestedPermissions,
    ) -> Option<Resources> {
        if layer.resources.is_invalid() {
            return None;
        }
        let nothing = ResourceLists::default();
        let lists = layer.resources.get().unwrap_or(&nothing);
        let was_whole = std::mem::replace(&mut self.is_whole, true);
        let accounts = self.accounts(&lists.accounts, owner);
        let zones = self.zones(&lists.zones);
        let buckets = accounts.as_ref().and_then(|accounts| self.buckets(&lists.buckets, accounts));
        let is_known = std::mem::replace(&mut self.is_whole, was_whole) && owner.is_some();
        self.is_whole &= is_known;
        let resources = Resources { accounts: accounts?, zones: zones?, buckets: buckets? };
        if !is_known {
            return None;
        }
        if let Some(Owner::Account(account)) = owner {
            self.stays_with_owner(account, &resources, lists, asked);
        }
        self.has_what_it_needs(&resources, lists, asked);
        if matches!(owner, Some(Owner::User)) {
            self.is_not_too_wide(lists);
        }
        self.uses_what_it_has(&resources, lists, layer, asked);
        Some(resources)
    }

    fn accounts(&mut self, slot: &Field<AccountChoice>, owner: Option<&Owner>) -> Option<Accounts> {
        let named = match slot {
            Field::Invalid => return None,
            Field::Absent => Vec::new(),
            Field::Set(AccountChoice::All(_)) => return Some(Accounts::All),
            Field::Set(AccountChoice::Named(list)) => self.references(list),
        };
        match owner {
            Some(Owner::Account(account)) if named.is_empty() => Some(Accounts::Named(vec![account.clone()])),
            _ => Some(Accounts::Named(named)),
        }
    }

    fn zones(&mut self, slot: &Field<ZoneChoice>) -> Option<Zones> {
        match slot {
            Field::Invalid => None,
            Field::Absent => Some(Zones::Named(Vec::new())),
            Field::Set(ZoneChoice::OfAccounts(_)) => Some(Zones::OfAccounts),
            Field::Set(ZoneChoice::AllAccounts(_)) => Some(Zones::AllAccounts),
            Field::Set(ZoneChoice::Named(list)) => Some(Zones::Named(self.references(list))),
        }
    }

    /// Names and ids, each once.
    fn references(&mut self, list: &[Templated<ResourceName>]) -> Vec<Spanned<Reference>> {
        let mut references: Vec<Spanned<Reference>> = Vec::new();
        for name in self.values(list) {
            if !references.iter().any(|earlier| earlier.value == name.value.0) {
                references.push(name.map(|name| name.0));
            }
        }
        references
    }

    fn buckets(&mut self, slot: &Field<BucketChoice>, accounts: &Accounts) -> Option<Vec<Spanned<Bucket>>> {
        match slot {
            Field::Invalid => None,
            Field::Absent => Some(Vec::new()),
            Field::Set(BucketChoice::All(span)) => {
                let Accounts::Named(named) = accounts else {
                    self.missing(
                        *span,
                        "`buckets: all` means every bucket of named accounts, not of all",
                        ACCOUNTS_HINT,
                    );
                    return Some(Vec::new());
                };
                if named.is_empty() {
                    self.missing(
                        *span,
                        "`buckets: all` means every bucket of the accounts, and none is named",
                        ACCOUNTS_HINT,
                    );
                }
                let every = |account: &Spanned<Reference>| Bucket {
                    account: account.clone(),
                    name: None,
                    jurisdiction: Jurisdiction::Default,
                };
                Some(named.iter().map(|account| Spanned::new(every(account), *span)).collect())
            }
            Field::Set(BucketChoice::Named(list)) => {
                let mut buckets: Vec<Spanned<Bucket>> = Vec::new();
                for keys in list {
                    let bucket = self.bucket(keys, accounts);
                    self.is_whole &= bucket.is_some();
                    if let Some(bucket) = bucket
                        && !buckets.iter().any(|earlier| earlier.value == bucket.value)
                    {
                        buckets.push(bucket);
                    }
                }
                Some(buckets)
            }
        }
    }

    fn bucket(&mut self, keys: &BucketKeys, accounts: &Accounts) -> Option<Spanned<Bucket>> {
        let name = self.optional(&keys.name)?;
        let jurisdiction = match &keys.jurisdiction {
            Field::Absent => Jurisdiction::Default,
            slot => self.optional(slot)?.value,
        };
        let account = match (&keys.account, accounts) {
            (Field::Absent, Accounts::Named(named)) if named.len() == 1 => named.first()?.clone(),
            (Field::Absent, _) => {
                self.problems
                    .error(codes::MISSING_KEY, name.span, "the bucket does not say which account it is in")
                    .hint("write `account: Acme Production` beside its name, or name one account under `accounts`");
                return None;
            }
            (slot, _) => self.optional(slot)?.map(|name| name.0),
        };
        let bucket = |name| Bucket { account, name, jurisdiction };
        Some(name.map(|name| match name {
            BucketName::One(name) => bucket(Some(name)),
            BucketName::All => bucket(None),
        }))
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
                    codes::USER_PERMISSION,
                    *span,
                    "a token that belongs to an account cannot have user permissions",
                )
                .also(owner.span, "the owner")
                .hint("write `owner: user`, or leave the `user` section out");
        }
        let mut beyond = |span: Span, message: &str, hint: &str| {
            self.problems.error(codes::BEYOND_OWNER, span, message).also(owner.span, "the owner").hint(hint);
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
        let mut reported = Vec::new();
        for account in named.iter().chain(of_buckets) {
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
        resources: &Resources,
        lists: &ResourceLists,
        asked: &RequestedPermissions,
    ) {
        let has_accounts = !matches!(&resources.accounts, Accounts::Named(named) if named.is_empty());
        if let Some(span) = asked.sections.get(&Section::Account)
            && !has_accounts
        {
            self.missing(*span, "a permission on accounts, and the profile names no account", ACCOUNTS_HINT);
        }
        match (&resources.zones, lists.zones.get(), asked.sections.get(&Section::Zone)) {
            (Zones::Named(named), _, Some(span)) if named.is_empty() => {
                let message = "a permission on zones, and the profile names no zone";
                self.missing(*span, message, "write `zones: [example.com]` under `resources:`");
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
            let message = "a permission on buckets, and the profile names no bucket";
            self.missing(
                *span,
                message,
                "write `buckets: [{ account: Acme Production, name: assets }]` under `resources:`",
            );
        }
    }

    fn missing(&mut self, span: Span, message: &str, hint: &str) {
        self.problems.error(codes::MISSING_RESOURCE, span, message).hint(hint);
    }

    /// A token of the user reaches no more than it must; one of an account cannot.
    fn is_not_too_wide(&mut self, lists: &ResourceLists) {
        const HINT: &str = "name the ones it needs: a leak then costs no more than those";
        if let Some(AccountChoice::All(span)) = lists.accounts.get() {
            let message = "the token reaches every account of the user";
            self.problems.warning(codes::ALL_ACCOUNTS, *span, message).hint(HINT);
        }
        if let Some(ZoneChoice::AllAccounts(span)) = lists.zones.get() {
            let message = "the token reaches every zone of every account";
            self.problems.warning(codes::ALL_ACCOUNTS, *span, message).hint(HINT);
        }
    }

    /// Each resource has something that applies to it.
    fn uses_what_it_has(
        &mut self,
        resources: &Resources,
        lists: &ResourceLists,
        layer: &Layer,
        asked: &RequestedPermissions,
    ) {
        let is_asked = |section| asked.sections.contains_key(&section) || asked.perhaps.contains(&section);
        let is_sent = |value| sends(layer, value);
        let span_of = |list: &[Templated<ResourceName>]| list.first().map(Templated::span);
        let unused_account = match lists.accounts.get() {
            Some(AccountChoice::Named(list)) => span_of(list),
            Some(AccountChoice::All(span)) => Some(*span),
            None => None,
        };
        let zones_are_nested = matches!(resources.zones, Zones::OfAccounts);
        let accounts_serve = is_asked(Section::Account)
            || zones_are_nested
            || !resources.buckets.is_empty()
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
        for (span, serves, noun, section) in [
            (unused_account, accounts_serve, "account", Section::Account),
            (unused_zone, zones_serve, "zone", Section::Zone),
            (unused_bucket, buckets_serve, "bucket", Section::R2),
        ] {
            if let (Some(span), false) = (span, serves) {
                self.problems
                    .warning(codes::UNUSED_RESOURCE, span, format!("no permission applies to this {noun}"))
                    .hint(format!(
                        "leave it out, or ask for a permission in the `{}` section",
                        section.key()
                    ));
            }
        }
    }
}

const ACCOUNTS_HINT: &str = "write `accounts: [Acme Production]` under `resources:`";

/// Whether two references are certainly two accounts: two ids, or two names.
fn is_another(one: &Reference, other: &Reference) -> bool {
    match (one, other) {
        (Reference::Id(one), Reference::Id(other)) => one != other,
        (Reference::Name(one), Reference::Name(other)) => !one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

/// Whether a sink receives a value, or may.
fn sends(layer: &Layer, value: SinkValue) -> bool {
    let is_it = |written: &Templated<SinkValue>| match written {
        Templated::Known(known) => known.value == value,
        Templated::Template(_) => true,
    };
    layer.sinks.is_invalid()
        || layer.sinks.get().into_iter().flatten().any(|sink| {
            sink.input.get().is_some_and(is_it)
                || sink
                    .variables
                    .get()
                    .is_some_and(|named| named.entries.iter().any(|(_, value)| is_it(value)))
        })
}
