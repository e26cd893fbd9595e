//! Requests whose answers are lost and that take effect late, and lists that are behind.

use cfmint::profile::YOUNG;

use crate::acts::{ACTS, Act};
use crate::case::{Case, Next, runtime};
use crate::stage::Stage;
use crate::support::sample;
use crate::trouble::{Trouble, lags, late};

/// When a late request takes effect.
#[derive(Debug, Clone, Copy)]
enum Arrival {
    OnceItHasFailed,
    AfterACleanRun,
    /// Once every token that was pending then has ended.
    OnceItsLifeIsOver,
}

/// How long a pending token lives, and a little more.
const LIFE: std::time::Duration = std::time::Duration::from_secs(25 * 3600);

/// A late request arrives, and one clean run comes after it.
fn arriving(act: &Act, trouble: &Trouble, arrival: Arrival) -> Vec<String> {
    runtime().block_on(async {
        let stage = Stage::new(act).await;
        let line = stage.line();
        trouble.arrange(stage.scene());
        let mut wrong = Vec::new();
        let mut ran = vec![stage.troubled(&line, &mut wrong).await];
        let next = Next::same(act);
        if !matches!(arrival, Arrival::OnceItHasFailed) {
            ran.push(stage.settle(0, &line, &next, &mut wrong).await);
        }
        if matches!(arrival, Arrival::OnceItsLifeIsOver) {
            tokio::time::sleep(LIFE).await;
        }
        if stage.scene().transport.late().is_empty() {
            wrong.push("nothing was late".to_owned());
        }
        stage.scene().transport.deliver_late().await;
        wrong.extend(stage.lost().into_iter().map(|what| format!("once it had arrived {what}")));
        ran.push(stage.settle(0, &line, &next, &mut wrong).await);
        stage.tell(wrong, &ran)
    })
}

#[test]
fn a_request_that_takes_effect_late_harms_nothing() {
    assert_eq!(YOUNG.num_minutes(), 15, "the window that is waited for");
    let mut case = Case::new("a late request");
    for (number, act) in ACTS.iter().enumerate().filter(|(_, act)| act.writes()) {
        let story = Case::story(act);
        for arrival in [Arrival::OnceItHasFailed, Arrival::AfterACleanRun, Arrival::OnceItsLifeIsOver] {
            for trouble in sample(2, number, late(&story)) {
                let label = format!("{number} {} × {trouble} × {arrival:?}", act.command);
                case.check(&label, &arriving(act, &trouble, arrival));
            }
        }
    }
    case.end(50);
}

#[test]
fn a_list_that_is_behind_harms_nothing() {
    let mut case = Case::new("a list that is behind");
    for (number, act) in ACTS.iter().enumerate() {
        let story = Case::story(act);
        for trouble in lags(&story) {
            let label = format!("{number} {} × {trouble}", act.command);
            case.check(&label, &crate::case::once(act, &trouble, &Next::same(act)));
        }
    }
    case.end(50);
}
