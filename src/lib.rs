//! cfmint makes, rotates and retires scoped Cloudflare API tokens from YAML profiles, and never loses a secret.
//!
//! # The house
//!
//! The rooms stand in the order in which a profile walks through them:
//!
//! | room | in → out | effects |
//! |---|---|---|
//! | [`profile`] | YAML text → a valid profile, every value knowing where it was written | none |
//! | [`catalogue`] | names of permissions, requests → permission groups, scopes, resource keys | none |
//! | [`plan`] | what should be × what is, now → a step, with its reasons | none |
//! | [`survey`] | what is: tokens, names, and whose secret each sink holds | reads only |
//! | [`custody`] | steps → done, in the one order that loses no secret | Cloudflare, sinks, the state folder |
//! | [`sink`] | a secret → an env file or a program, guarded by git | files, children |
//!
//! Beside the way stand [`lifecycle`], which knows from the pictures of live tokens and the time alone what is due,
//! unused or wrong, and how a token reads as a profile; [`doctor`], which finds out why a token does not do what it should;
//! [`cloudflare`], the typed client of the API; [`emulator`], the same API served in process; and [`cli`], which turns
//! arguments into all of this and the outcome into a screen or JSON.
//!
//! Arrows go one way: `cli` → `lifecycle`, `custody` → `survey` → `plan` → `catalogue` → `profile`, and `custody`,
//! `survey` → `sink`, `cloudflare`. Nobody imports `cli`. The emulator shares the wire types with the client, and reads the
//! catalogue's table of operations; nothing else.
//!
//! Two doors lead out. Everything that is done to the machine passes through a [`World`](world::World), everything
//! that is done to Cloudflare through a [`Transport`](cloudflare::Transport); tests bring their own of both. A secret
//! lives in a [`Secret`](secret::Secret) from the socket to the sink: it has no `Debug`, no `Display` and no
//! `Serialize`. What others wrote passes [`text`] before anybody reads it: names, messages, paths.
//!
//! # An example
//!
//! The first two rooms are pure, so that a profile can be checked without files or network:
//!
//! ```
//! use cfmint::catalogue::{Catalogue, resolve_all};
//! use cfmint::profile::{ResolveOptions, ProfileFile, Unset};
//!
//! let text = "\
//! version: 1
//! name: shop-${environment}
//! permissions: { zone: { DNS: edit } }
//! resources: { zones: [example.com] }
//! ttl: 90d
//! sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]
//! environments: { dev: { ttl: 7d } }
//! ";
//! let file = ProfileFile::from_bytes("shop.yaml", text.into()).expect("it is a profile");
//! let resolved = file.resolve(&ResolveOptions {
//!     environment: Some("dev"),
//!     features: &[],
//!     variables: &|_| None,
//!     now: "2027-01-15T12:00:00Z".parse().expect("it is a time"),
//!     unset: Unset::Error,
//! });
//! let profile = resolved.profile.expect("it has no mistakes");
//! assert_eq!(profile.name.value, "shop-dev");
//!
//! let found = resolve_all(Catalogue::embedded(), &profile.source, &profile.rights.permissions, &profile.owner);
//! assert!(found.diagnostics.is_empty());
//! assert_eq!(found.granted[0].name, "DNS Write");
//! ```

pub mod catalogue;
pub mod cli;
pub mod cloudflare;
pub mod custody;
pub mod doctor;
pub mod emulator;
pub mod http;
pub mod lifecycle;
pub mod plan;
pub mod profile;
pub mod secret;
pub mod sink;
pub mod survey;
pub mod text;
pub mod world;
