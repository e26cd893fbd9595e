//! What the permissions apply to: accounts, zones, buckets and Workers, each by a name or an id.

use super::Resolver;
use super::permissions::RequestedPermissions;
use super::reach::ACCOUNTS_HINT;
use super::rights::WrittenRights;
use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Field;
use crate::profile::diagnostic::{Span, Spanned};
use crate::profile::layer::{AccountChoice, BucketChoice, BucketKeys, ResourceLists, WorkerKeys, ZoneChoice};
use crate::profile::model::{Accounts, Bucket, Jurisdiction, Owner, Reference, Resources, Worker, Zones};
use crate::profile::resource_scalars::{BucketName, ResourceName};
use crate::profile::scalar::Templated;

impl Resolver<'_> {
    /// The resources that some permissions apply to; `None` where a part of them is not known.
    pub(super) fn resources(
        &mut self,
        written: &WrittenRights<'_>,
        owner: Option<&Owner>,
        asked: &RequestedPermissions,
    ) -> Option<Resources> {
        if written.resources.is_invalid() {
            return None;
        }
        let nothing = ResourceLists::default();
        let lists = written.resources.get().unwrap_or(&nothing);
        let was_whole = std::mem::replace(&mut self.is_whole, true);
        let accounts = self.accounts(&lists.accounts, owner);
        let zones = self.zones(&lists.zones);
        let buckets = accounts.as_ref().and_then(|accounts| self.buckets(&lists.buckets, accounts));
        let workers = accounts.as_ref().and_then(|accounts| self.workers(&lists.workers, accounts));
        let is_known = std::mem::replace(&mut self.is_whole, was_whole) && owner.is_some();
        self.is_whole &= is_known;
        let resources =
            Resources { accounts: accounts?, zones: zones?, buckets: buckets?, workers: workers? };
        if !is_known {
            return None;
        }
        self.check_reach(written, lists, &resources, owner, asked);
        Some(resources)
    }

    fn accounts(&mut self, field: &Field<AccountChoice>, owner: Option<&Owner>) -> Option<Accounts> {
        let named = match field {
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

    fn zones(&mut self, field: &Field<ZoneChoice>) -> Option<Zones> {
        match field {
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

    fn buckets(&mut self, field: &Field<BucketChoice>, accounts: &Accounts) -> Option<Vec<Spanned<Bucket>>> {
        match field {
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
            field => self.optional(field)?.value,
        };
        let account = self.home(&keys.account, accounts, name.span, "bucket")?;
        if let (BucketName::All, Jurisdiction::Eu | Jurisdiction::Us | Jurisdiction::Fedramp) =
            (&name.value, jurisdiction)
        {
            self.problems
                .error(
                    DiagnosticCode::Contradiction,
                    name.span,
                    "every bucket of an account is meant wherever its data lies, so `all` has no jurisdiction",
                )
                .hint("leave `jurisdiction` out, or name the buckets");
        }
        let bucket = |name| Bucket { account, name, jurisdiction };
        Some(name.map(|name| match name {
            BucketName::One(name) => bucket(Some(name)),
            BucketName::All => bucket(None),
        }))
    }

    fn workers(
        &mut self,
        field: &Field<Vec<WorkerKeys>>,
        accounts: &Accounts,
    ) -> Option<Vec<Spanned<Worker>>> {
        if field.is_invalid() {
            return None;
        }
        let mut workers: Vec<Spanned<Worker>> = Vec::new();
        for keys in field.get().into_iter().flatten() {
            let worker = self.worker(keys, accounts);
            self.is_whole &= worker.is_some();
            if let Some(worker) = worker
                && !workers.iter().any(|earlier| earlier.value == worker.value)
            {
                workers.push(worker);
            }
        }
        Some(workers)
    }

    fn worker(&mut self, keys: &WorkerKeys, accounts: &Accounts) -> Option<Spanned<Worker>> {
        let name = self.optional(&keys.name)?;
        let account = self.home(&keys.account, accounts, name.span, "Worker")?;
        Some(name.map(|name| Worker { account, name: Reference::new(&name.0) }))
    }

    /// The account that a bucket or a Worker is in: its own, or the only one that is named.
    fn home(
        &mut self,
        own: &Field<Templated<ResourceName>>,
        accounts: &Accounts,
        place: Span,
        noun: &str,
    ) -> Option<Spanned<Reference>> {
        match (own, accounts) {
            (Field::Absent, Accounts::Named(named)) if named.len() == 1 => named.first().cloned(),
            (Field::Absent, _) => {
                let message = format!("the {noun} does not say which account it is in");
                self.problems.error(DiagnosticCode::MissingKey, place, message).hint(
                    "write `account: Acme Production` beside its name, or name one account under `accounts`",
                );
                None
            }
            (own, _) => Some(self.optional(own)?.map(|name| name.0)),
        }
    }
}
