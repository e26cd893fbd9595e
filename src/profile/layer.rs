//! The keys of a profile, of its features and of its environments: what each layer may say.
//!
//! Layers are typed and partial. Laid over one another, maps merge key by key, and lists and scalars
//! replace what lies below. Permissions are maps in this sense, label by label.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::codes::DiagnosticCode;
use super::decode::{Decode, Field, Merge, unknown_word};
use super::diagnostic::{Span, Spanned};
use super::document_scalars::{FormatWord, KeyName, KubernetesName};
use super::environment::{EnvironmentKey, FeatureKey, FeatureName};
use super::keys::{Keys, With, decode_keys, keys};
use super::lifetime::{Lifetime, Start, Strategy};
use super::model::{Jurisdiction, Section};
use super::named_map::NamedMap;
use super::problems::Problems;
use super::programs::Programs;
use super::resource_scalars::{BucketName, ResourceName, WorkerName};
use super::scalar::Templated;
use super::scalars::{Cidr, FormatVersion, Sentence, TokenName};
use super::section::SectionPermissions;
use super::sink::SinkValue;
use super::sink_scalars::{Argument, FileMode, SinkPath, True, VaultPath};
use super::text_or_map::TextOrMap;
use super::times::Length;
use super::tree::{Node, NodeContent};

/// A whole file.
pub(super) type File = With<FileKeys, Layer>;

/// An environment's layer.
pub(super) type EnvironmentLayer = With<EnvironmentKeys, Layer>;

decode_keys!(File);
decode_keys!(EnvironmentLayer);

keys! {
    /// What one Cloudflare API token should be and where its secret goes.
    struct FileKeys {
        /// The version of this format: 1.
        version: Templated<FormatVersion>,
        /// Parts that only some deployments need, turned on by `use` or `--feature`.
        features: NamedMap<FeatureKey, Feature>,
        /// What differs from environment to environment. A name with `*` stands for every environment of that
        /// shape.
        environments: NamedMap<EnvironmentKey, EnvironmentLayer>,
    }

    /// What one environment says differently.
    struct EnvironmentKeys {
        /// The features it turns on.
        r#use: Vec<FeatureName>,
    }

    /// What a profile and each of its environments may say.
    struct Layer {
        /// The token's name, recommended as {project}-{purpose}-{environment}. At most 105 characters, no `@`.
        name: Templated<TokenName>,
        /// What the token is for.
        description: Templated<Sentence>,
        /// Whose token it is: the user's, or an account's.
        owner: OwnerChoice,
        /// What the token may do, by the kind of resource it applies to.
        permissions: Permissions,
        /// What the permissions apply to.
        resources: ResourceLists,
        /// Further rights, for permissions that differ from resource to resource.
        grants: Vec<Spanned<GrantKeys>>,
        /// From which addresses the token may be used; `any` takes a rule away.
        ip: IpChoice,
        /// How long the token lives: a duration such as `90d`, a time, or `never`.
        ttl: Templated<Lifetime>,
        /// When the token begins to work; `now` takes away a beginning that lies ahead.
        not_before: Templated<Start>,
        /// How the token is renewed.
        rotation: RotationKeys,
        /// What runs after a delivery or a retirement.
        hooks: HookLists,
        /// Where the secret goes.
        sinks: Vec<SinkKeys>,
    }

    /// A part that only some deployments need.
    struct Feature {
        /// What the token may do besides.
        permissions: Permissions,
        /// What it may do it on.
        resources: ResourceLists,
        /// Further rights instead.
        grants: Vec<Spanned<GrantKeys>>,
        /// Where the secret goes instead.
        sinks: Vec<SinkKeys>,
    }

    /// Permissions with resources of their own.
    struct GrantKeys listed in "grants" {
        /// What the token may do.
        permissions: Permissions,
        /// What it may do it on.
        resources: ResourceLists,
    }

    /// What the token may do: in each section a map of labels and levels, or a list of API names and ids.
    struct Permissions in "permissions" short for "{ account: […] }" {
        /// Permissions on accounts.
        account: SectionPermissions,
        /// Permissions on zones.
        zone: SectionPermissions,
        /// Permissions on the user.
        user: SectionPermissions,
        /// Permissions on the objects of R2 buckets.
        r2: SectionPermissions,
        /// Permissions on single Workers; for a token of an account only.
        worker: SectionPermissions,
    }

    /// What the permissions apply to.
    struct ResourceLists in "resources" {
        /// Accounts by name or id, or `all`.
        accounts: AccountChoice,
        /// Zones by name or id; `all` for every zone of the accounts; `all-accounts` for every zone there is.
        zones: ZoneChoice,
        /// R2 buckets, or `all` for every bucket of the account.
        buckets: BucketChoice,
        /// Single Workers, deployed already.
        workers: Vec<WorkerKeys>,
    }

    /// An R2 bucket.
    struct BucketKeys listed in "buckets" short for "{ name: … }" {
        /// The account it is in; the profile's account, where there is one.
        account: Templated<ResourceName>,
        /// Its name, or `all`.
        name: Templated<BucketName>,
        /// Where its data may lie.
        jurisdiction: Templated<Jurisdiction>,
    }

    /// A Worker.
    struct WorkerKeys listed in "workers" short for "{ name: … }" {
        /// The account it is in; the profile's account, where there is one.
        account: Templated<ResourceName>,
        /// Its name.
        name: Templated<WorkerName>,
    }

    /// From which addresses the token may be used: addresses or CIDR blocks.
    struct IpLists in "ip" short for "{ allow: […] }" {
        /// From these only.
        allow: Vec<Templated<Cidr>>,
        /// But not from these.
        deny: Vec<Templated<Cidr>>,
    }

    /// How the token is renewed.
    struct RotationKeys in "rotation" short for "{ every: … }" {
        /// How old a token may grow.
        every: Templated<Length>,
        /// How long the old token lives on beside the new one; 1h unless said otherwise.
        overlap: Templated<Length>,
        /// How much life must be left; a third of the TTL unless said otherwise.
        renew_before: Templated<Length>,
        /// `rotate` for a new token and an overlap, `roll` for a new secret at once.
        strategy: Templated<Strategy>,
    }

    /// Programs that run after a delivery or a retirement, each a list of its arguments.
    struct HookLists in "hooks" {
        /// After a secret was delivered and verified.
        delivered: Programs,
        /// After an old token was retired.
        retired: Programs,
    }

    /// A place that receives the secret: a file with its variables, or a program with its input.
    struct SinkKeys listed in "sinks" short for "{ env_file: …, variables: { CLOUDFLARE_API_TOKEN: token } }" {
        /// The path of an env file that git ignores.
        env_file: Templated<SinkPath>,
        /// The path of a JSON file that git ignores.
        json_file: Templated<SinkPath>,
        /// The variables of the file and what each receives; in JSON, `cloudflare.token` is a key within an object.
        variables: NamedMap<KeyName, Templated<SinkValue>>,
        /// The mode of the file, such as `0640` for readers of its group; 0600 unless said otherwise.
        mode: Templated<FileMode>,
        /// `true` for variables of the later steps of a job in GitHub Actions.
        github_env: Templated<True>,
        /// The path of a secret in Vault or OpenBao, such as `secret/data/shop/cloudflare`.
        vault: Templated<VaultPath>,
        /// A program and its arguments.
        command: Spanned<Vec<Templated<Argument>>>,
        /// In place of `command`: the program for a store that holds nothing yet.
        create: Spanned<Vec<Templated<Argument>>>,
        /// In place of `command`: the program for a store that holds a value.
        update: Spanned<Vec<Templated<Argument>>>,
        /// What the program reads on standard input: one value, or a document of several.
        input: TextOrMap<Templated<SinkValue>, Spanned<DocumentKeys>>,
        /// A program whose standard output is what the command's store holds now, and its arguments.
        read: Spanned<Vec<Templated<Argument>>>,
    }

    /// Several values in one document.
    struct DocumentKeys in "input" {
        /// How it is written: json, env, yaml, kubernetes or tfvars.
        format: Templated<FormatWord>,
        /// The names in the document and what each receives.
        variables: NamedMap<KeyName, Templated<SinkValue>>,
        /// The name of the Secret, for kubernetes.
        name: Templated<KubernetesName>,
        /// The namespace of the Secret, for kubernetes.
        namespace: Templated<KubernetesName>,
    }

    /// The account that owns the token.
    struct OwnerKeys in "owner" short for "{ account: … }" {
        /// Its name or id.
        account: Templated<ResourceName>,
    }
}

impl From<Feature> for Layer {
    fn from(feature: Feature) -> Self {
        let Feature { permissions, resources, grants, sinks } = feature;
        Self { permissions, resources, grants, sinks, ..Self::default() }
    }
}

impl Permissions {
    /// Whether a section could not be read.
    pub(super) fn any_invalid(&self) -> bool {
        Section::ALL.iter().any(|section| self.section(*section).is_invalid())
    }

    /// The grants of a section.
    pub(super) fn section(&self, section: Section) -> &Field<SectionPermissions> {
        match section {
            Section::Account => &self.account,
            Section::Zone => &self.zone,
            Section::User => &self.user,
            Section::R2 => &self.r2,
            Section::Worker => &self.worker,
        }
    }
}

/// Every key that a profile knows anywhere.
pub(super) fn all_keys() -> Vec<&'static str> {
    let mut keys = File::known();
    keys.extend(EnvironmentKeys::known());
    keys.extend(Permissions::known());
    keys.extend(ResourceLists::known());
    keys.extend(BucketKeys::known());
    keys.extend(WorkerKeys::known());
    keys.extend(IpLists::known());
    keys.extend(RotationKeys::known());
    keys.extend(HookLists::known());
    keys.extend(SinkKeys::known());
    keys.extend(DocumentKeys::known());
    keys
}

/// A word with a meaning of its own, which may keep its place, or something with more structure.
macro_rules! word_or {
    (@place $span:ident) => { Span };
    (@of $span:ident $node:ident) => { $node.span };
    ($(
        $(#[doc = $about:literal])+
        enum $name:ident in $key:literal { $( $(#[doc = $doc:literal])+ $word:literal => $variant:ident $(($span:ident))?, )+ else $other:ident($kind:ty), }
        $hint:literal
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub(super) enum $name {
            $( $(#[doc = $doc])+ $variant $((word_or!(@place $span)))?, )+
            /// Something else than a word.
            $other($kind),
        }

        impl Decode for $name {
            fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
                match &node.content {
                    $(NodeContent::Text(text) if text.eq_ignore_ascii_case($word) => Some(Self::$variant $((word_or!(@of $span node)))?),)+
                    NodeContent::Text(text) => {
                        let words = super::problems::listed([$($word),+]);
                        let value = match super::problems::nearest(text, [$($word),+]) {
                            Some(_) => None,
                            None => <$kind>::instead(&node.content),
                        };
                        let hint = value.map_or_else(
                            || $hint.to_owned(),
                            |value| format!("write `{}: {value}`", $key),
                        );
                        unknown_word(node, text, &format!("is not {words}"), &hint, problems);
                        None
                    }
                    NodeContent::Null => {
                        problems.error(DiagnosticCode::EmptyValue, node.span, "a value is missing here").hint($hint);
                        None
                    }
                    _ => <$kind>::decode(node, problems).map(Self::$other),
                }
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let words = super::scalar::any_case_schema(&[$($word),+]);
                json_schema!({ "anyOf": [words, generator.subschema_for::<$kind>()] })
            }
        }
    )+};
}

impl Merge for OwnerChoice {}
impl Merge for AccountChoice {}
impl Merge for ZoneChoice {}
impl Merge for BucketChoice {}

impl Merge for IpChoice {
    /// The lists of addresses merge key by key; the word replaces them.
    fn over(self, lower: Self) -> Self {
        match (self, lower) {
            (Self::Rules(upper), Self::Rules(lower)) => {
                Self::Rules(Spanned::new(upper.value.over(lower.value), upper.span))
            }
            (upper, _) => upper,
        }
    }
}

word_or! {
    /// Whose token it is.
    enum OwnerChoice in "owner" {
        /// The user's.
        "user" => User(span),
        else Account(OwnerKeys),
    }
    "write `owner: user` or `owner: { account: Acme Production }`"

    /// From which addresses.
    enum IpChoice in "ip" {
        /// From any.
        "any" => Any,
        else Rules(Spanned<IpLists>),
    }
    "write `ip: { allow: [203.0.113.0/24] }`, or `ip: any` for no rule"

    /// Which accounts.
    enum AccountChoice in "accounts" {
        /// Every account of the user.
        "all" => All(span),
        else Named(Vec<Templated<ResourceName>>),
    }
    "write a list, as in `accounts: [Acme Production]`, or the word `all`"

    /// Which zones.
    enum ZoneChoice in "zones" {
        /// Every zone of the profile's accounts.
        "all" => OfAccounts(span),
        /// Every zone of every account of the user.
        "all-accounts" => AllAccounts(span),
        else Named(Vec<Templated<ResourceName>>),
    }
    "write a list, as in `zones: [example.com]`, or one of the words `all` and `all-accounts`"

    /// Which buckets.
    enum BucketChoice in "buckets" {
        /// Every bucket of the profile's accounts.
        "all" => All(span),
        else Named(Vec<BucketKeys>),
    }
    "write a list, as in `buckets: [{ name: assets }]`, or the word `all`"
}
