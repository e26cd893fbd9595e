//! Two things go wrong: both in one run, or one in a run and one in the next.

use crate::acts::{Act, ROLL, ROTATE};
use crate::case::{Case, Next, runtime};
use crate::stage::Stage;
use crate::support::sample;
use crate::trouble::{Trouble, telling};

/// Which run each of two troubles is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runs {
    One,
    Two,
}

/// The effects of the run in which the second trouble is to be.
fn story(act: &Act, first: &Trouble, runs: Runs) -> Vec<String> {
    runtime().block_on(async {
        let stage = Stage::new(act).await;
        let line = stage.line();
        first.arrange(stage.scene());
        stage.go(0, &line).await;
        if runs == Runs::Two {
            stage.calm();
            stage.scene().world.forget_effects();
            stage.go(0, &line).await;
        }
        stage.scene().world.effects()
    })
}

/// Both happen, what is late arrives, and a clean run follows.
fn both(act: &Act, [first, second]: [&Trouble; 2], runs: Runs) -> Vec<String> {
    runtime().block_on(async {
        let stage = Stage::new(act).await;
        let line = stage.line();
        let mut wrong = Vec::new();
        let mut ran = Vec::new();
        first.arrange(stage.scene());
        if runs == Runs::Two {
            ran.push(stage.troubled(&line, &mut wrong).await);
            stage.scene().world.forget_effects();
        }
        second.arrange(stage.scene());
        ran.push(stage.troubled(&line, &mut wrong).await);
        stage.scene().transport.deliver_late().await;
        ran.push(stage.settle(0, &line, &Next::same(act), &mut wrong).await);
        stage.tell(wrong, &ran)
    })
}

fn pairs(act: &Act, runs: Runs) {
    let mut case = Case::new("two troubles");
    let firsts =
        telling(&Case::story(act)).into_iter().filter(|first| runs == Runs::Two || first.is_survived());
    for (number, first) in sample(3, 0, firsts).into_iter().enumerate() {
        let story = story(act, &first, runs);
        let seconds =
            telling(&story).into_iter().filter(|second| runs == Runs::Two || second.place > first.place);
        for second in sample(7, number, seconds) {
            case.check(&format!("{} × {first} × {second}", act.command), &both(act, [&first, &second], runs));
        }
    }
    case.end(10);
}

#[test]
fn two_troubles_in_one_rotation_harm_nothing() {
    pairs(&ROTATE, Runs::One);
}

#[test]
fn a_trouble_in_each_of_two_rotations_harms_nothing() {
    pairs(&ROTATE, Runs::Two);
}

#[test]
fn two_troubles_in_one_roll_harm_nothing() {
    pairs(&ROLL, Runs::One);
}

#[test]
fn a_trouble_in_each_of_two_rolls_harms_nothing() {
    pairs(&ROLL, Runs::Two);
}
