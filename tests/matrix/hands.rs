//! Others take a hand: somebody renames a token amid a run, and Cloudflare refuses to end one.

use cfmint::plan::{MarkedName, Phase};

use crate::acts::{ACTS, Act, Ends, ROTATE};
use crate::case::{Case, Next, runtime};
use crate::stage::Stage;
use crate::support::Mishap;
use crate::support::Seen;
use crate::support::sample;
use crate::trouble::requests;

/// What somebody calls a pending token.
#[derive(Debug, Clone, Copy)]
enum Called {
    /// A name of no profile.
    Otherwise,
    /// As if it were in force.
    InForce,
    /// As if it were on its way out.
    Retiring,
}

impl Called {
    fn name(self, marked: &MarkedName) -> String {
        match self {
            Self::Otherwise => "renamed by hand".to_owned(),
            Self::InForce => marked.in_phase(Phase::InForce).to_string(),
            Self::Retiring => marked.in_phase(Phase::Retiring).to_string(),
        }
    }
}

/// Somebody renames what is pending just before a request; a clean run follows that may overwrite what it does not know.
fn renamed(act: &Act, (nth, request): (usize, &str), called: Called) -> Vec<String> {
    runtime().block_on(async {
        let stage = Stage::new(act).await;
        let line = stage.line();
        let (emulator, mut count) = (stage.scene().emulator.clone(), 0);
        stage.scene().world.hook(request, move || {
            count += 1;
            let tokens = emulator.tokens().into_iter().filter(|_| count == nth);
            for token in tokens.map(|owned| owned.token) {
                let marked = MarkedName::parse(&token.name);
                if let Some(marked) = marked.filter(|one| one.name == "shop-deploy" && one.phase.is_pending())
                {
                    assert!(emulator.change_token(&token.id, |token| token.name = called.name(&marked)));
                }
            }
            Ok(())
        });
        let mut wrong = Vec::new();
        let first = stage.troubled(&line, &mut wrong).await;
        let second = stage.settle(0, &format!("{line} --replace"), &Next::same(act), &mut wrong).await;
        stage.tell(wrong, &[first, second])
    })
}

#[test]
fn a_pending_token_that_somebody_renames_is_no_harm() {
    let mut case = Case::new("a renamed token");
    let makes = |act: &&Act| act.ends == Ends::InForce && act.writes() && !act.command.starts_with("recover");
    for (number, act) in ACTS.iter().filter(makes).enumerate() {
        if act.command.contains("--adopt") {
            continue;
        }
        let story = Case::story(act);
        let made = story.iter().position(|effect| effect.starts_with("POST "));
        let Some(made) = made else { continue };
        let before = requests(&story[..=made]).len();
        for called in [Called::Otherwise, Called::InForce, Called::Retiring] {
            for (nth, request) in sample(5, number, requests(&story).split_off(before)) {
                let label = format!("{number} {} × before {request} ({nth}) × {called:?}", act.command);
                case.check(&label, &renamed(act, (nth, &request), called));
            }
        }
    }
    case.end(20);
}

#[test]
fn no_command_that_makes_or_keeps_a_token_fails_because_none_may_be_deleted() {
    let mut case = Case::new("refused deletions");
    let keeps = |act: &&Act| act.ends == Ends::InForce && !act.command.starts_with("recover");
    for act in ACTS.iter().filter(keeps) {
        let wrong = runtime().block_on(async {
            let stage = Stage::new(act).await;
            let line = stage.line();
            stage.scene().transport.fail_all("DELETE ", Mishap::before(Seen::Refused));
            let mut wrong = Vec::new();
            let ran = stage.settle(0, &line, &Next::same(act), &mut wrong).await;
            stage.tell(wrong, &[ran])
        });
        case.check(act.command, &wrong);
    }
    case.end(20);
}

#[test]
fn a_predecessor_that_cannot_be_retired_is_retired_by_a_later_run() {
    runtime().block_on(async {
        let stage = Stage::new(&ROTATE).await;
        let old =
            stage.scene().tokens().into_iter().find(|token| token.name.starts_with("shop-deploy@")).unwrap();
        stage
            .scene()
            .transport
            .fail_all(&format!("PUT /user/tokens/{}", old.id), Mishap::before(Seen::Refused));
        let ran = stage.go(0, "rotate shop.yaml").await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.err.contains(&old.name), "{}", ran.err);
        assert_eq!(stage.lost(), [""; 0]);
        stage.calm();
        let mut wrong = Vec::new();
        stage.settle(0, "apply shop.yaml", &Next::same(&ROTATE), &mut wrong).await;
        assert_eq!(wrong, [""; 0]);
    });
}
