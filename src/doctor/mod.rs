//! Why Cloudflare said no, whether a token does what it should, what a program needs, and what to do about each.
//!
//! In: codes, requests, or what another program printed; the form of a secret, what Cloudflare says of it, and what a
//! profile asks for. Out: causes in plain words, each with the next step; verdicts on the token; the least rights. What is
//! here judges, but for two small files that ask: `verify` whose secret it is, `ask` what it may read; and for the proxy
//! of `learn`, which passes a program's requests on. Nothing is ever changed by cfmint itself.

mod account;
mod address;
mod ask;
mod check;
mod compare;
pub mod explain;
mod form;
pub mod learn;
mod life;
mod paste;
mod read;
mod verify;
pub mod wrangler;
mod zone;

pub use account::{AccountVerdict, judge_account};
pub use address::{admits, denying, told_address};
pub use ask::may_read;
pub use check::{CheckCode, CheckStatus};
pub use compare::{GrantVerdict, Standing, compare};
pub use form::{Unfit, fit_token, odd_length};
pub use life::{LifeVerdict, judge_life};
pub use paste::diagnose_paste;
pub use read::{HarmlessRead, ReadAnswer, ReadVerdict};
pub use verify::{Verified, verify};
pub use zone::{ZoneVerdict, judge_zone};
