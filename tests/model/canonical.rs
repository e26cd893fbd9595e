//! Which worlds are the same: forgets what can no longer matter, and gives a world its fingerprint.
//!
//! Deleted tokens that nothing names go, tokens are counted again, epochs and marks keep their order alone, and two late
//! effects in either order are one world. Two worlds with the same fingerprint count as one; with 64 bits and 45 million
//! worlds, a mistake is as likely as one in 20 000.

use crate::event::Kind;
use crate::places::{Budget, Place};
use crate::rules::Rule;
use crate::run::state::Run;
use crate::token::{Effect, Listing, Row, TOKENS, Token, Value};
use crate::world::{NO_MARK, World};

/// Brings a world into its canonical form.
pub(crate) fn canonical(world: &mut World, place: &Place) {
    world.order_late();
    if place.lags() {
        if world.budget.lags == 0 {
            world.replica = world.tokens;
        }
        if world.replica != world.tokens {
            return; // A replica behind names tokens, too. Every tick brings it up to date.
        }
    } else {
        world.replica = [Token::default(); TOKENS];
    }
    if world.is_idle() {
        count_tokens_anew(world, place);
        count_epochs_anew(world, place);
    }
    count_marks_anew(world);
    if place.lags() {
        world.replica = world.tokens;
    }
    if world.late[1].is_some() && world.late[0] > world.late[1] {
        world.late.swap(0, 1);
    }
}

/// Drops deleted tokens that nothing names any more.
fn count_tokens_anew(world: &mut World, place: &Place) {
    let mut used = [false; TOKENS];
    let named = world.late.iter().flatten().filter_map(|effect| effect.names());
    for token in named.chain(world.sinks.iter().flatten().map(|value| value.token)) {
        used[usize::from(token)] = true;
    }
    let consumers = world.consumers.iter().fold(0, |all, set| all | set);
    let mut numbers = [None; TOKENS];
    let (mut kept, old) = (0, world.tokens);
    for token in 0..world.made {
        let index = usize::from(token);
        let listed = matches!(old[index].listing, Listing::Live | Listing::Expired);
        if listed || used[index] || consumers & Value::all_of(token) != 0 {
            numbers[index] = Some(kept);
            kept += 1;
        }
    }
    if kept < world.made {
        world.tokens = [Token::default(); TOKENS];
        for (token, number) in old.iter().zip(numbers) {
            if let Some(number) = number {
                world.tokens[usize::from(number)] = *token;
            }
        }
        world.made = kept;
        renumber(world, place, &numbers);
    }
    for token in &mut world.tokens {
        if token.listing == Listing::Deleted {
            *token = Token { listing: Listing::Deleted, ..Token::default() };
        }
    }
}

/// Gives every name of a token its new number. Nothing names a token that was dropped.
fn renumber(world: &mut World, place: &Place, numbers: &[Option<u8>; TOKENS]) {
    let number = |token: u8| numbers[usize::from(token)].unwrap_or_default();
    for sink in 0..usize::from(place.sinks) {
        if let Some(value) = &mut world.sinks[sink] {
            value.token = number(value.token);
        }
        world.consumers[sink] = Value::members(world.consumers[sink])
            .map(|value| Value { token: number(value.token), ..value }.bit())
            .fold(0, |all, bit| all | bit);
    }
    for effect in world.late.iter_mut().flatten() {
        match effect {
            Effect::Put { token, .. } | Effect::Delete { token } | Effect::Roll { token, .. } => {
                *token = number(*token);
            }
            Effect::Store { value, .. } => value.token = number(value.token),
            Effect::Post { .. } => {}
        }
    }
}

/// Of epochs only the order counts, and whether the present one is among them.
fn count_epochs_anew(world: &mut World, place: &Place) {
    let made = usize::from(world.made);
    let mut epochs: u64 = 0;
    for token in &world.tokens[..made] {
        epochs |= 1 << token.announced;
    }
    let rank = |epoch: u8| count(epochs & ((1 << epoch) - 1));
    let mut now = None;
    for token in &mut world.tokens[..made] {
        token.announced = rank(token.announced);
        if token.young {
            now = now.max(Some(token.announced));
        }
    }
    let all = count(epochs);
    world.epoch = if place.rules.keep(Rule::UnorderedWithinW) { now.unwrap_or(all) } else { all };
}

/// Marks: those of tokens in order, then those of requests under way, then those of runs; no others.
fn count_marks_anew(world: &mut World) {
    let made = usize::from(world.made);
    let mut numbers = [NO_MARK; 32];
    let mut known = 1;
    let mut keep = |mark: u8| {
        let number = &mut numbers[usize::from(mark)];
        if mark != NO_MARK && *number == NO_MARK {
            *number = known;
            known += 1;
        }
        *number
    };
    for token in &mut world.tokens[..made] {
        token.mark = keep(token.mark);
    }
    for effect in world.late.iter_mut().flatten() {
        if let Effect::Post { mark, .. } = effect {
            *mark = keep(*mark);
        }
    }
    for run in world.runs.iter_mut().filter(|run| !run.is_idle()) {
        run.mark = keep(run.mark);
    }
    for note in &mut world.notes {
        let mut left = *note;
        *note = 0;
        while left != 0 {
            let number = numbers[left.trailing_zeros() as usize];
            if number != NO_MARK {
                *note |= 1 << number;
            }
            left &= left - 1;
        }
    }
    world.marks = known;
}

fn count(set: u64) -> u8 {
    u8::try_from(set.count_ones()).unwrap_or(u8::MAX)
}

/// A fingerprint under construction: words are folded in by one wide multiplication each.
struct Fingerprint(u64);

impl Fingerprint {
    fn add(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ 0x9e37_79b9_7f4a_7c15)
            .wrapping_mul(0xa076_1d64_78bd_642f_e703_7ed1_a0b4_28db);
        let bytes = wide.to_le_bytes();
        let (low, high) = bytes.split_at(8);
        self.0 = word_of(low) ^ word_of(high);
    }

    fn finish(&self) -> u64 {
        let mut hash = self.0;
        hash ^= hash >> 32;
        hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
        hash ^= hash >> 29;
        hash = hash.wrapping_mul(0x9fb2_1c65_1e98_df25);
        hash ^ hash >> 32
    }
}

/// Up to eight bytes as one word.
fn word_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn word<const N: usize>(bytes: [u8; N]) -> u64 {
    const { assert!(N <= 8) };
    word_of(&bytes)
}

fn row_word(row: Row) -> u64 {
    let parts = row.listing as u8 | (row.phase as u8) << 2 | (row.end as u8) << 5 | u8::from(row.young) << 7;
    u64::from(parts) | u64::from(row.announced) << 8
}

fn token_word(token: Token) -> u64 {
    row_word(token.row()) | u64::from(token.version) << 16 | u64::from(token.mark) << 24
}

/// A secret as a number; 255 is none.
fn value_byte(value: Option<Value>) -> u8 {
    value.map_or(u8::MAX, |value| value.token * crate::token::VERSIONS + value.version)
}

/// The fingerprint of a world.
pub(crate) fn fingerprint(world: &World, place: &Place) -> u64 {
    let mut print = Fingerprint(0);
    let made = usize::from(world.made);
    let [s0, s1, s2] = world.sinks.map(value_byte);
    print.add(word([world.made, s0, s1, s2, world.excused, world.marks, world.epoch]));
    for token in &world.tokens[..made] {
        print.add(token_word(*token));
    }
    if place.lags() {
        for token in &world.replica[..made] {
            print.add(token_word(*token));
        }
    }
    for consumers in &world.consumers[..usize::from(place.sinks)] {
        print.add(*consumers);
    }
    print.add(u64::from(world.notes[0]) << 32 | u64::from(world.notes[1]));
    add_budget(&mut print, &world.budget);
    for run in &world.runs[..place.machines] {
        add_run(&mut print, run, made);
    }
    for effect in world.late.iter().flatten() {
        print.add(effect_word(*effect));
    }
    print.finish()
}

fn add_budget(print: &mut Fingerprint, budget: &Budget) {
    let Budget { starts, rotations, rolls, deaths, losses, .. } = *budget;
    let Budget { hook_failures, sink_failures, sleeps, lags, notes_lost, drifts, .. } = *budget;
    print.add(word([starts[0], starts[1], rotations, rolls, deaths, losses]));
    print.add(word([hook_failures, sink_failures, sleeps, lags, notes_lost, drifts]));
}

fn add_run(print: &mut Fingerprint, run: &Run, made: usize) {
    if run.is_idle() {
        return print.add(0);
    }
    let flags = u8::from(run.was_held)
        | u8::from(run.hooks_failed) << 1
        | u8::from(run.goes_on) << 2
        | u8::from(run.is_stale) << 3;
    let kind = match run.kind {
        Kind::Apply => 0,
        Kind::Rotate => 1,
        Kind::Roll => 2,
    };
    let token = run.token.map_or(u8::MAX, |token| token);
    let rolls = run.rolls.map_or(u8::MAX, |token| token);
    print.add(word([run.step as u8, kind, flags, token, rolls, run.mark, run.version, run.delivered]));
    let [r0, r1, r2] = run.read.map(value_byte);
    let [p0, p1, p2] = run.previous.map(value_byte);
    print.add(word([r0, r1, r2, p0, p1, p2, run.wrote]));
    print.add(u64::from(run.retires));
    for rows in run.first[..made].chunks(4) {
        print.add(rows.iter().fold(0, |word, row| word << 16 | row_word(*row)));
    }
}

fn effect_word(effect: Effect) -> u64 {
    match effect {
        Effect::Post { mark, phase } => word([1, mark, phase as u8]),
        Effect::Put { token, phase, end } => word([2, token, phase as u8, end as u8]),
        Effect::Delete { token } => word([3, token]),
        Effect::Roll { token, up_to } => word([4, token, up_to]),
        Effect::Store { sink, value, machine } => word([5, sink, value_byte(Some(value)), machine]),
    }
}
