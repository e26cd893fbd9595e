//! A step in a few words, so that a table of them can be read.

use super::*;

pub(super) fn of(step: &Step) -> String {
    match step {
        Step::Nothing => "nothing".to_owned(),
        Step::Create(create) => {
            let why: Vec<&str> = create.why.iter().map(reason).collect();
            listed(format!("make: {}", why.join(", ")), ends(&create.retire))
        }
        Step::Roll { id, renew: None } => format!("roll {id}"),
        Step::Roll { id, renew: Some(changes) } => format!("roll {id}, {} changes", changes.len()),
        Step::Keep(keep) => kept(keep),
        Step::Refuse(refused) => format!("refuse: {}", refusal(refused)),
    }
}

fn reason(why: &Why) -> &'static str {
    match why {
        Why::NoneInForce => "none in force",
        Why::Asked => "asked",
        Why::UnfinishedRun { .. } => "unfinished",
        Why::NotHeld { .. } => "not held",
        Why::SeveralInForce => "several in force",
    }
}

fn kept(keep: &Keep) -> String {
    let mut also = Vec::new();
    if !keep.changes.is_empty() {
        also.push(format!("{} changes", keep.changes.len()));
    }
    if !keep.deliver.is_empty() {
        also.push(match keep.source {
            Some(source) => format!("copy to {:?} from {source}", keep.deliver),
            None => format!("write {:?} again", keep.deliver),
        });
    }
    if keep.hooks {
        also.push("hooks".to_owned());
    }
    also.extend(ends(&keep.retire));
    listed(format!("keep {}", keep.id), also)
}

fn ends(retirements: &[Retirement]) -> Vec<String> {
    let word = |ends| match ends {
        Ends::AfterOverlap => "retire",
        Ends::Now => "delete",
    };
    retirements.iter().map(|retirement| format!("{} {}", word(retirement.ends), retirement.id)).collect()
}

fn listed(step: String, also: Vec<String>) -> String {
    [vec![step], also].concat().join("; ")
}

fn refusal(refused: &Refused) -> String {
    match refused {
        Refused::Foreign { id, name, .. } => format!("holds {id} {}", name.as_deref().unwrap_or("?")),
        Refused::Adoptable { id, .. } => format!("could adopt {id}"),
        Refused::ForeignShutOut { .. } => "shut out".to_owned(),
        Refused::MayBeYoung { name, .. } => format!("may be {name}"),
        Refused::Unanswered { reason, .. } => format!("unanswered, {reason}"),
        Refused::Protected { what, .. } => format!("{what:?}"),
        Refused::NotHeld { .. } => "not held".to_owned(),
        Refused::AnotherRun { name, .. } => format!("another run, {name}"),
        Refused::TooManyPending { names } => format!("{} pending", names.len()),
        Refused::ListCutOff { .. } => "cut off".to_owned(),
        Refused::Unreadable { name } => format!("unreadable {name}"),
        Refused::ClocksApart { .. } => "clocks apart".to_owned(),
        Refused::NothingToRoll => "nothing to roll".to_owned(),
        Refused::NotTheOwners { id } => format!("no {id}"),
        Refused::Dead { id, status, .. } => format!("{id} is {status}"),
        Refused::HasGeneration { generation } => format!("has {generation}"),
    }
}
