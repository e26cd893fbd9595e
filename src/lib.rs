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
//! | [`sink`] | a secret → a file that git ignores, a program, a store of secrets | files, children, stores |
//!
//! Beside the way stand [`lifecycle`], which knows from the pictures of live tokens and the time alone what is due,
//! unused or wrong, and how a token reads as a profile; [`doctor`], which finds out why a token does not do what it should;
//! [`http`], one request and its answer; [`cloudflare`], the typed client of the API; [`emulator`], the same API served in process; and [`cli`], which turns
//! arguments into all of this and the outcome into a screen or JSON.
//!
//! Arrows go one way: `cli` → `lifecycle`, `custody` → `survey` → `plan` → `catalogue` → `profile`, and `custody`,
//! `survey` → `sink`, `cloudflare` → `http`. Nobody imports `cli`. The emulator shares the wire types with the client, and reads the
//! catalogue's table of operations; nothing else.
//!
//! Two doors lead out. Everything that is done to the machine passes through a [`World`](world::World), everything
//! that is done to Cloudflare through a [`Transport`](cloudflare::Transport); tests bring their own of both. A secret
//! lives in a [`Secret`](secret::Secret) from the socket to the sink: it has no `Debug`, no `Display` and no
//! `Serialize`. What others wrote passes [`text`] before anybody reads it: names, messages, paths.
//!
//! # An example
//!
//! The main job, from a text to a token whose secret stands in an env file, here against the emulator:
//!
//! ```
//! use std::sync::Arc;
//!
//! use cfmint::cloudflare::{ApiBase, Client, Credential, Https};
//! use cfmint::custody::{Action, Custody, StateFolder};
//! use cfmint::emulator::{Emulator, Settings, world::BOOTSTRAP};
//! use cfmint::plan::{Goal, Replace};
//! use cfmint::profile::{ProfileFile, ResolveOptions, Unset};
//! use cfmint::secret::Secret;
//! use cfmint::sink::{FixGitignore, Root};
//! use cfmint::survey::{Purpose, Surveyor, Trial};
//! use cfmint::world::{Machine, World};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let temporary = tempfile::tempdir()?;
//! # let folder = temporary.path().canonicalize()?;
//! # let emulator = Emulator::new(Settings::new(Arc::new(chrono::Utc::now), Arc::new(|bytes| bytes.fill(7))));
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! # let address = format!("http://{}/client/v4", listener.local_addr()?);
//! # tokio::spawn(async move { emulator.serve(listener, std::future::pending()).await });
//! // What should be: pure, so that a profile can be checked without files or network.
//! let text = "\
//! version: 1
//! name: shop-${environment}
//! permissions: { zone: { DNS: edit } }
//! resources: { zones: [example.com] }
//! ttl: 90d
//! sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]
//! environments: { dev: { ttl: 7d } }
//! ";
//! let world: Arc<dyn World> = Arc::new(Machine::new()?);
//! let file = ProfileFile::from_bytes("shop.yaml", text.into()).expect("it is a profile");
//! let resolved = file.resolve(&ResolveOptions {
//!     environment: Some("dev"),
//!     features: &[],
//!     variables: &|_| None,
//!     now: world.now(),
//!     unset: Unset::Error,
//! });
//! let profile = resolved.profile.expect("it has no mistakes");
//!
//! // One lock for the run, taken before the first look.
//! let base = ApiBase::parse(&address)?;
//! let credential = Credential::Token(Secret::new(BOOTSTRAP.to_owned()));
//! let client = Client::new(Arc::new(Https::new(&base)?), base, credential);
//! let state = StateFolder::open(&*world, &folder.join(".cfmint")).expect("it is a folder of ours");
//! let lock = state.lock(&*world).await.expect("no other run holds it");
//! let mut custody = Custody::open(Arc::clone(&world), client.clone(), Trial::Yes, &state, lock)?;
//!
//! // What is, and what must be done.
//! let surveyor = Surveyor {
//!     world: &*world,
//!     client: &client,
//!     root: &Root { folder: folder.clone(), work_tree: false },
//!     state_folder: &folder.join(".cfmint"),
//!     trial: Trial::Yes,
//!     fix: FixGitignore::Refuse,
//!     purpose: Purpose::Make,
//! };
//! let survey = surveyor.survey(vec![profile]).await.expect("all names lead somewhere");
//! custody.enter(&survey);
//! let job = Arc::clone(&survey.jobs[0]);
//! let plan = survey.plan(Goal::Converge, &job, Replace::Never, &custody.own_marks());
//!
//! // Nothing is carried out whose sinks were not tried.
//! let proven = custody.prove(vec![(job, plan)]).expect("the sink can be written");
//! let done = custody.execute(&survey, &proven[0]).await.expect("the token is in force");
//! assert_eq!(done.action, Action::Created);
//! assert!(std::fs::read_to_string(folder.join(".env"))?.starts_with("CLOUDFLARE_API_TOKEN=cfut_EMULATOR"));
//! # Ok(())
//! # }
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
