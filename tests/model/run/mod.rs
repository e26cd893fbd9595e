//! The protocol's atomic steps: from a world and a machine to every world that its run's next action may lead to.
//!
//! Each step is one request, or one read or write of something that others may change. `state` is what a run
//! remembers, `turn` how an action becomes worlds, the others are the steps in the order of a run.

mod commit;
mod create;
mod decide;
mod deliver;
mod roll;
pub(crate) mod state;
mod turn;

use turn::Turn;
pub(crate) use turn::{Next, end};

use crate::event::Step;
use crate::places::Place;
use crate::world::World;

/// Everything that the next action of the run on a machine may lead to.
pub(crate) fn step(place: &Place, world: &World, machine: usize, next: &mut Vec<Next>) {
    let mut turn = Turn { place, world, machine, next };
    match turn.run().step {
        Step::Idle => {}
        Step::Look => turn.look(),
        Step::Decide => turn.decide(),
        Step::Create => turn.create(),
        Step::FindLost => turn.find_lost(),
        Step::DeleteLost => turn.delete_lost(),
        Step::Announce => turn.announce(),
        Step::Deliver => turn.deliver(),
        Step::PutBack => turn.put_back(),
        Step::Undo => turn.undo(),
        Step::LookAgain => turn.look_again(),
        Step::RunHooks => turn.run_hooks(),
        Step::Commit => turn.commit(),
        Step::Retire => turn.retire(),
        Step::Finish => turn.finish(),
        Step::NameRoll => turn.name_roll(),
        Step::LookBeforeRoll => turn.look_before_roll(),
        Step::Roll => turn.roll(),
        Step::NameBack => turn.name_back(),
        Step::DeleteStandIn => turn.delete_stand_in(),
        Step::LookBeforeUpdate => turn.look_before_update(),
        Step::Update => turn.update(),
    }
}
