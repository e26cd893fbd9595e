//! Two machines, one program that keeps the secret where both see it, and no state in common.

use std::time::Duration;

use crate::acts::{Act, Ends, SHARED};
use crate::case::{Case, Next, runtime};
use crate::stage::Stage;
use crate::support::sample;
use crate::trouble::{Trouble, requests, telling};

/// What the other machine does.
const OTHERS: [(&str, Ends, &str); 3] = [
    ("apply shop.yaml", Ends::InForce, ""),
    ("rotate shop.yaml", Ends::InForce, ""),
    ("roll shop.yaml", Ends::Either, "custody.nothing-to-roll"),
];

const LAST: Next = Next { line: None, after: &[], ends: Ends::InForce, may_refuse: "" };

/// One machine has a trouble, the other goes on; what is late arrives; the first goes on.
fn one_after_the_other(act: &Act, trouble: &Trouble, (command, next): (&str, &Next)) -> Vec<String> {
    runtime().block_on(async {
        let stage = Stage::with_two_machines(act).await;
        let line = stage.line();
        let mut wrong = Vec::new();
        trouble.arrange(stage.scene());
        let mut ran = vec![stage.troubled(&line, &mut wrong).await];
        ran.push(stage.settle(1, command, next, &mut wrong).await);
        stage.scene().transport.deliver_late().await;
        wrong.extend(stage.lost().into_iter().map(|what| format!("once it had arrived {what}")));
        ran.push(stage.settle(0, "apply shop.yaml", &LAST, &mut wrong).await);
        stage.tell(wrong, &ran)
    })
}

#[test]
fn what_one_machine_left_is_finished_by_another() {
    let mut case = Case::new("a second machine");
    for (number, act) in SHARED.iter().enumerate() {
        let story = Case::story(act);
        for (command, ends, may_refuse) in OTHERS {
            for trouble in sample(7, number, telling(&story)) {
                let next = Next { line: None, after: &[], ends, may_refuse };
                let label = format!("{number} {} × {trouble} × {command}", act.command);
                case.check(&label, &one_after_the_other(act, &trouble, (command, &next)));
            }
        }
    }
    case.end(20);
}

/// One machine waits before a request while the other does something whole.
fn amid(act: &Act, (nth, request): (usize, &str), command: &str) -> Vec<String> {
    runtime().block_on(async {
        let stage = Stage::with_two_machines(act).await;
        let line = stage.line();
        let gate = stage.scene().transport.hold_nth(nth, request);
        let meanwhile = async {
            // Without the request, nobody waits.
            tokio::time::timeout(Duration::from_secs(1200), gate.reached()).await.ok();
            let ran = stage.go(1, command).await;
            // The first still does what it was told.
            stage.give_up_for(&line);
            gate.open();
            ran
        };
        let (first, second) = tokio::join!(stage.go(0, &line), meanwhile);
        stage.calm();
        let mut wrong = stage.lost();
        let third = stage.settle(1, "apply shop.yaml", &LAST, &mut wrong).await;
        stage.tell(wrong, &[first, second, third])
    })
}

#[test]
fn two_machines_at_once_end_nothing_that_is_in_use() {
    let mut case = Case::new("two machines at once");
    for (number, act) in SHARED.iter().enumerate() {
        let story = Case::story(act);
        for (command, ..) in OTHERS {
            for (nth, request) in sample(3, number, requests(&story)) {
                let label = format!("{number} {} × amid {request} ({nth}) × {command}", act.command);
                case.check(&label, &amid(act, (nth, &request), command));
            }
        }
    }
    case.end(20);
}
