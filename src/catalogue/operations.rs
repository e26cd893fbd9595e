//! What Cloudflare's API and its Terraform provider ask for: operations -> the permission groups of which one is enough.
//!
//! In: `operations.tsv`, `inferred.tsv`, `terraform.tsv` and `accepted.tsv`, embedded, and read once. Out: an [`Operation`] for a method
//! and a path, a [`TerraformEntry`] for an address, and the groups of either, the narrowest first. A row that cannot be
//! read is left out here; a test makes sure that there is none. What the tables lack is unknown, never allowed.

mod accepted;
mod find;
mod page;
mod phase;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::embedded::{Catalogue, rows};
use super::group::Scope;

pub use accepted::{AcceptedGroup, Reach};
pub use find::FoundOperation;
pub use phase::{Accepted, known_phase};

/// Of each path, its methods with the numbers of their lists.
pub(super) const OPERATIONS: &str = include_str!("operations.tsv");
/// The same, of operations that have no documented groups, with the path from which theirs are inferred.
pub(super) const INFERRED: &str = include_str!("inferred.tsv");
/// Of each name, the numbers of the lists of the resource and of the data source.
pub(super) const TERRAFORM: &str = include_str!("terraform.tsv");
/// The lists: number, groups.
pub(super) const ACCEPTED: &str = include_str!("accepted.tsv");

/// The methods that operations have; `HEAD` is what `GET` is.
pub const METHODS: [&str; 6] = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

/// Where a path names an account.
const ACCOUNT: &str = "{account_id}";
/// Where a path names a zone.
const ZONE: &str = "{zone_id}";

/// An operation of Cloudflare's API.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The method, in capitals.
    pub method: &'static str,
    /// The path behind `/client/v4`: `{account_id}` and `{zone_id}` are what they say, `{}` is any other value.
    pub path: &'static str,
    /// The API's names of the groups of which one is enough, in the order of the alphabet.
    pub groups: Arc<[String]>,
    /// The documented path from whose groups these are inferred; `None` where Cloudflare documents them.
    pub inferred_from: Option<&'static str>,
}

/// A resource or a data source of Cloudflare's Terraform provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerraformEntry {
    /// Which of the two.
    pub kind: TerraformKind,
    /// The name behind `cloudflare_`.
    pub name: &'static str,
    /// The API's names of the groups that the provider's documentation lists, in the order of the alphabet.
    pub groups: Arc<[String]>,
}

/// What Terraform does with a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerraformKind {
    /// It makes and changes it.
    Resource,
    /// It only reads it.
    DataSource,
}

impl Operation {
    /// What the path is about: an account, a zone or the user; `None` where it names nothing, as in `/zones`.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        let mut segments = self.path.split('/').skip(1);
        if segments.clone().any(|segment| segment == ZONE) {
            return Some(Scope::Zone);
        }
        if segments.clone().any(|segment| segment == ACCOUNT) {
            return Some(Scope::Account);
        }
        segments.next().filter(|first| ["user", "memberships"].contains(first)).map(|_| Scope::User)
    }
}

impl TerraformEntry {
    /// The name as Terraform has it, `data.` in front of a data source.
    #[must_use]
    pub fn address(&self) -> String {
        let kind = if self.kind == TerraformKind::DataSource { "data." } else { "" };
        format!("{kind}cloudflare_{}", self.name)
    }
}

/// The tables, read.
struct Tables {
    operations: Vec<Operation>,
    terraform: Vec<TerraformEntry>,
    /// For how many documented operations each group is enough.
    uses: HashMap<String, usize>,
}

/// The tables; they are read once.
fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);
    &TABLES
}

impl Tables {
    fn read() -> Self {
        let lists = lists();
        let both = rows(OPERATIONS).chain(rows(INFERRED));
        let mut operations: Vec<Operation> =
            both.filter_map(|row| read_operations(row, &lists)).flatten().collect();
        operations.sort_by_key(|one| (one.path, one.method));
        let terraform = rows(TERRAFORM).filter_map(|row| read_terraform(row, &lists)).flatten().collect();
        let mut uses = HashMap::new();
        let documented = operations.iter().filter(|operation| operation.inferred_from.is_none());
        for name in documented.flat_map(|operation| operation.groups.iter()) {
            *uses.entry(name.clone()).or_default() += 1;
        }
        Self { operations, terraform, uses }
    }
}

impl Catalogue {
    /// Every operation for which the groups are known, in the order of the paths.
    pub fn operations() -> impl Iterator<Item = &'static Operation> {
        tables().operations.iter()
    }

    /// Every resource and data source of Terraform for which the groups are known, in the order of the names.
    pub fn terraform_entries() -> impl Iterator<Item = &'static TerraformEntry> {
        tables().terraform.iter()
    }
}

/// The lists of groups, by their numbers.
pub(super) fn lists() -> HashMap<u16, Arc<[String]>> {
    rows(ACCEPTED).filter_map(read_list).collect()
}

/// Reads a list: its number, and its names. `Label *` stands for the two groups of a label, one to read and one to write.
fn read_list(row: &str) -> Option<(u16, Arc<[String]>)> {
    let (number, names) = row.split_once('\t')?;
    let names = names.split("; ").flat_map(|name| match name.strip_suffix(" *") {
        Some(label) => vec![format!("{label} Read"), format!("{label} Write")],
        None => vec![name.to_owned()],
    });
    let names: Vec<String> = names.collect();
    let is_whole = names.iter().all(|name| !name.is_empty() && !name.contains('\t'));
    Some((number.parse().ok()?, names.into())).filter(|_| is_whole)
}

/// Reads the operations of a path; nothing where a single one of them cannot be read.
pub(super) fn read_operations(
    row: &'static str,
    lists: &HashMap<u16, Arc<[String]>>,
) -> Option<Vec<Operation>> {
    let mut columns = row.split('\t');
    let (path, methods, inferred_from) = (columns.next()?, columns.next()?, columns.next());
    let words: Vec<&'static str> = methods.split(' ').collect();
    let operation = |pair: &[&'static str]| {
        let [method, list] = *pair else { return None };
        let groups = Arc::clone(lists.get(&list.parse().ok()?)?);
        Some(Operation { method, path, groups, inferred_from })
    };
    let is_whole = path.starts_with('/') && columns.next().is_none();
    words.chunks(2).map(operation).collect::<Option<_>>().filter(|_| is_whole)
}

/// Reads the resource and the data source of a name, as far as there are both; nothing where one cannot be read.
pub(super) fn read_terraform(
    row: &'static str,
    lists: &HashMap<u16, Arc<[String]>>,
) -> Option<Vec<TerraformEntry>> {
    let mut columns = row.split('\t');
    let [name, resource, data] = std::array::from_fn(|_| columns.next());
    let name = name.filter(|name| !name.is_empty())?;
    let mut entries = Vec::new();
    for (kind, list) in [(TerraformKind::Resource, resource?), (TerraformKind::DataSource, data?)] {
        if list != "-" {
            let groups = Arc::clone(lists.get(&list.parse().ok()?)?);
            entries.push(TerraformEntry { kind, name, groups });
        }
    }
    columns.next().is_none().then_some(entries)
}
