//! An emulator that is served inside the test: its clock can be moved, and every token looked at.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cfmint::cloudflare::wire::Token;
use cfmint::emulator::{Emulator, Settings};
use cfmint::plan::{MarkedName, Phase};
use cfmint::secret::Secret;
use chrono::{DateTime, TimeDelta, Utc};

/// How long a pending token of these profiles lives, and how long a predecessor.
const PENDING: TimeDelta = TimeDelta::days(1);
const OVERLAP: TimeDelta = TimeDelta::hours(1);
/// What a run itself takes.
const RUN: TimeDelta = TimeDelta::minutes(5);

/// A small Cloudflare on its own port.
pub(super) struct Cloud {
    emulator: Emulator,
    base: String,
    /// Seconds that its clock is ahead.
    ahead: Arc<AtomicI64>,
}

impl Cloud {
    /// Serves it until the test process ends; every answer takes this long.
    pub(super) fn new(latency: Duration) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&ahead);
        let now = move || Utc::now() + TimeDelta::seconds(clock.load(Ordering::SeqCst));
        let random = |bytes: &mut [u8]| {
            use std::io::Read as _;
            std::fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
        };
        let settings = Settings { latency, ..Settings::new(Arc::new(now), Arc::new(random)) };
        let emulator = Emulator::new(settings);
        // Hundreds of runs within minutes are no matter here.
        emulator.switch(|switches| switches.rate_limit = None);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}/client/v4", listener.local_addr().unwrap());
        let served = emulator.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                served.serve(listener, std::future::pending()).await.unwrap();
            });
        });
        Self { emulator, base, ahead }
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Moves its clock.
    pub(super) fn pass(&self, time: TimeDelta) {
        self.ahead.fetch_add(time.num_seconds(), Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(self.ahead.load(Ordering::SeqCst))
    }

    /// The token that a secret belongs to, if it works.
    pub(super) fn owner(&self, secret: &str) -> Option<Token> {
        let owned = self.emulator.token_of(&Secret::new(secret.to_owned()));
        owned.map(|owned| owned.token).filter(|token| token.status == "active")
    }

    /// The living generations of a profile.
    pub(super) fn living(&self, name: &str) -> Vec<(Phase, Token)> {
        let alive = self.emulator.tokens().into_iter().map(|owned| owned.token);
        let alive = alive.filter(|token| token.status == "active");
        let marked = alive.filter_map(|token| Some((MarkedName::parse(&token.name)?, token)));
        marked
            .filter(|(marked, _)| marked.name == name)
            .map(|(marked, token)| (marked.phase, token))
            .collect()
    }

    /// Every token that is listed, dead ones too.
    pub(super) fn all(&self) -> Vec<Token> {
        self.emulator.tokens().into_iter().map(|owned| owned.token).collect()
    }

    /// The living tokens of commands of a profile.
    pub(super) fn of_commands(&self, name: &str) -> Vec<Token> {
        let living = self.living(name).into_iter().filter(|(phase, _)| *phase == Phase::Exec);
        living.map(|(_, token)| token).collect()
    }

    /// The token of a profile that is in force, where there is one and no other.
    pub(super) fn in_force(&self, name: &str) -> Option<Token> {
        let mut in_force = self.living(name).into_iter().filter(|(phase, _)| phase.is_in_force());
        let (_, only) = in_force.next()?;
        in_force.next().is_none().then_some(only)
    }

    /// The living generations of a profile that are not in force and do not end as soon as they must.
    pub(super) fn strays(&self, name: &str) -> Vec<String> {
        let lives_on = |(phase, token): &(Phase, Token)| {
            let most = match phase {
                Phase::InForce | Phase::HooksDue => return false,
                Phase::Pending | Phase::StandIn => token.issued_on.unwrap() + PENDING + RUN,
                Phase::Retiring => self.now() + OVERLAP,
                Phase::Exec => self.now(),
            };
            token.expires_on.is_none_or(|end| end > most)
        };
        let strays = self.living(name).into_iter().filter(lives_on);
        strays.map(|(_, token)| format!("{} until {:?}", token.name, token.expires_on)).collect()
    }
}
