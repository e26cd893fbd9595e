//! One case: a command with a trouble in it, then one without, and what does not hold.

use crate::acts::{Act, Ends};
use crate::stage::{Stage, WINDOW};
use crate::support::Ran;
use crate::trouble::Trouble;

/// The run that comes after one with a failure, in which all goes well.
#[derive(Clone, Copy)]
pub(crate) struct Next {
    /// Its command; `None` for the same once more.
    pub(crate) line: Option<&'static str>,
    /// What must come after it for a token to be in force, since it does not make one itself.
    pub(crate) after: &'static [&'static str],
    pub(crate) ends: Ends,
    /// The code that it may end with instead, where there is nothing left for it to do.
    pub(crate) may_refuse: &'static str,
}

impl Next {
    /// The same command.
    pub(crate) fn same(act: &Act) -> Self {
        // What was named by its id may be gone already.
        let may_refuse = if act.ends == Ends::GoneById { "custody.no-such-token" } else { "" };
        Self { line: None, after: act.after, ends: act.ends, may_refuse }
    }
}

/// Runs an act with a trouble, and then the next command without.
pub(crate) fn once(act: &Act, trouble: &Trouble, next: &Next) -> Vec<String> {
    runtime().block_on(async {
        let stage = Stage::new(act).await;
        let line = stage.line();
        trouble.arrange(stage.scene());
        let mut wrong = Vec::new();
        let first = stage.troubled(&line, &mut wrong).await;
        let second = stage.settle(0, next.line.unwrap_or(&line), next, &mut wrong).await;
        stage.tell(wrong, &[first, second])
    })
}

impl Stage {
    /// A run in which something goes wrong; what must hold at any time holds after it.
    pub(crate) async fn troubled(&self, line: &str, wrong: &mut Vec<String>) -> Ran {
        let ran = self.go(0, line).await;
        self.calm();
        wrong.extend(self.lost().into_iter().map(|what| format!("after the first run {what}")));
        ran
    }

    /// A run in which nothing goes wrong, and what must hold after it.
    pub(crate) async fn settle(
        &self,
        machine: usize,
        line: &str,
        next: &Next,
        wrong: &mut Vec<String>,
    ) -> Ran {
        let mut ran = self.go(machine, line).await;
        if ran.err.contains("custody.another-run") && self.may_wait() {
            tokio::time::sleep(WINDOW).await;
            ran = self.go(machine, line).await;
        }
        let is_refused = !next.may_refuse.is_empty() && ran.err.contains(next.may_refuse);
        if ran.code != 0 && !is_refused {
            wrong.push(format!("the clean run ended with {}", ran.code));
        }
        for line in next.after {
            let after = self.go(machine, line).await;
            if after.code != 0 {
                wrong.push(format!("after it, {line} ended with {}: {}", after.code, after.err));
            }
        }
        // Where no token is to go, the sinks are left alone.
        let is_idle = ran.err.contains("meets these rules");
        let ends = if is_idle { Ends::GoneById } else { next.ends };
        wrong.extend(self.unsettled(ends, &ran.err));
        if !is_idle {
            wrong.extend(self.leftovers(machine));
        }
        wrong.extend(self.harm());
        ran
    }

    /// What does not hold, with how it came to that.
    pub(crate) fn tell(&self, mut wrong: Vec<String>, ran: &[Ran]) -> Vec<String> {
        if !wrong.is_empty() {
            for (number, ran) in ran.iter().enumerate() {
                wrong.push(format!("run {} ended with {}: {}", number + 1, ran.code, ran.err));
            }
            for machine in &self.machines {
                wrong.push(format!("its story: {:#?}", machine.story()));
            }
        }
        wrong
    }
}

/// Counts the cases of one kind, and keeps what does not hold.
pub(crate) struct Case {
    what: &'static str,
    cases: usize,
    wrong: Vec<String>,
}

impl Case {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, cases: 0, wrong: Vec::new() }
    }

    /// The effects that an act has when all goes well.
    pub(crate) fn story(act: &Act) -> Vec<String> {
        runtime().block_on(Stage::story(act))
    }

    pub(crate) fn check(&mut self, label: &str, wrong: &[String]) {
        self.cases += 1;
        if !wrong.is_empty() {
            self.wrong.push(format!("{label}\n  {}", wrong.join("\n  ")));
        }
    }

    /// Nothing did not hold, in at least so many cases.
    pub(crate) fn end(self, least: usize) {
        let Self { what, cases, wrong } = self;
        println!("{cases} cases of {what}, {} violations", wrong.len());
        let shown: usize = std::env::var("SHOWN").ok().and_then(|shown| shown.parse().ok()).unwrap_or(4);
        let all: Vec<&str> = wrong.iter().map(|wrong| wrong.lines().next().unwrap_or_default()).collect();
        let told = wrong.iter().take(shown).cloned().collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{}\n\n{told}", all.join("\n"));
        assert!(cases >= least, "only {cases} cases");
    }
}

/// A runtime whose clock begins again, and moves only where everybody waits.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}
