//! Needs, each with the columns of which one is enough -> the cheapest set of columns that covers every need.
//!
//! In: the needs, and what each column costs. Out: the numbers of the chosen columns, in rising order. The search is
//! exact: no set that covers everything costs less, and of sets that cost the same it is always the same one. A need
//! without any column is left out: nothing covers it.

use std::collections::{BTreeMap, BTreeSet};

/// What a column costs. The first figures that differ decide, so that one figure outweighs all after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Cost(pub(super) [usize; 6]);

impl Cost {
    fn plus(mut self, other: Self) -> Self {
        for (sum, one) in self.0.iter_mut().zip(other.0) {
            *sum += one;
        }
        self
    }
}

/// A need as the columns that cover it.
type Need = BTreeSet<usize>;

/// The cheapest columns that cover every need.
pub(super) fn cheapest(needs: &[Vec<usize>], costs: &[Cost]) -> BTreeSet<usize> {
    let needs: BTreeSet<Need> = needs
        .iter()
        .map(|need| need.iter().copied().filter(|column| *column < costs.len()).collect())
        .filter(|need: &Need| !need.is_empty())
        .collect();
    parts(reduced(needs, costs)).into_iter().flat_map(|part| search(&part, costs)).collect()
}

/// The needs without those that another one implies, and without columns that a cheaper one replaces; until nothing
/// can be left out any more.
fn reduced(mut needs: BTreeSet<Need>, costs: &[Cost]) -> BTreeSet<Need> {
    loop {
        let before = needs.clone();
        // Whatever covers the smaller need covers the larger one.
        needs.retain(|need| !before.iter().any(|other| other != need && other.is_subset(need)));
        let beaten = beaten(&needs, costs);
        needs = needs.into_iter().map(|need| need.difference(&beaten).copied().collect()).collect();
        if needs == before {
            return needs;
        }
    }
}

/// The columns that cover nothing which a cheaper column does not cover too; of equals, all but the first.
fn beaten(needs: &BTreeSet<Need>, costs: &[Cost]) -> BTreeSet<usize> {
    let mut covered: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (number, need) in needs.iter().enumerate() {
        for column in need {
            covered.entry(*column).or_default().insert(number);
        }
    }
    let beats = |(better, more): (&usize, &BTreeSet<usize>), (column, less): (&usize, &BTreeSet<usize>)| {
        (costs[*better], *better) < (costs[*column], *column) && less.is_subset(more)
    };
    covered
        .iter()
        .filter(|column| covered.iter().any(|better| beats(better, *column)))
        .map(|(column, _)| *column)
        .collect()
}

/// The needs in parts that have no column in common: each part is searched by itself.
fn parts(needs: BTreeSet<Need>) -> Vec<Vec<Need>> {
    let mut parts: Vec<(Need, Vec<Need>)> = Vec::new();
    for need in needs {
        let (touching, mut others): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|(columns, _)| !columns.is_disjoint(&need));
        let mut joined = (need.clone(), vec![need]);
        for (columns, needs) in touching {
            joined.0.extend(columns);
            joined.1.extend(needs);
        }
        others.push(joined);
        parts = others;
    }
    parts.into_iter().map(|(_, needs)| needs).collect()
}

/// A choice with its cost.
type Choice = (Cost, BTreeSet<usize>);

/// Tries the columns of the need that leaves the least choice, and goes no way that cannot end below the best so far.
fn search(needs: &[Need], costs: &[Cost]) -> BTreeSet<usize> {
    let mut best: Option<Choice> = None;
    descend(&needs.iter().collect::<Vec<_>>(), costs, &(Cost::default(), BTreeSet::new()), &mut best);
    best.map(|(_, columns)| columns).unwrap_or_default()
}

fn descend(open: &[&Need], costs: &[Cost], chosen: &Choice, best: &mut Option<Choice>) {
    let least = chosen.0.plus(least(open, costs));
    if best.as_ref().is_some_and(|(cost, _)| least >= *cost) {
        return;
    }
    let Some(next) = open.iter().min_by_key(|need| need.len()) else {
        *best = Some(chosen.clone());
        return;
    };
    let mut columns: Vec<usize> = next.iter().copied().collect();
    columns.sort_by_key(|column| (costs[*column], *column));
    for column in columns {
        let rest: Vec<&Need> = open.iter().copied().filter(|need| !need.contains(&column)).collect();
        let mut with = chosen.1.clone();
        with.insert(column);
        descend(&rest, costs, &(chosen.0.plus(costs[column]), with), best);
    }
}

/// What the open needs cost at the least: needs that share no column each take one of their own.
fn least(open: &[&Need], costs: &[Cost]) -> Cost {
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut sum = Cost::default();
    for need in open {
        if need.is_disjoint(&seen) {
            sum = sum.plus(need.iter().map(|column| costs[*column]).min().unwrap_or_default());
            seen.extend(*need);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COLUMNS: usize = 9;

    fn sum(columns: &BTreeSet<usize>, costs: &[Cost]) -> Cost {
        columns.iter().fold(Cost::default(), |sum, column| sum.plus(costs[*column]))
    }

    fn covers(columns: &BTreeSet<usize>, needs: &[Vec<usize>]) -> bool {
        needs.iter().all(|need| need.iter().any(|column| columns.contains(column)))
    }

    /// The lowest cost of all sets that cover everything, each of which is tried.
    fn lowest(needs: &[Vec<usize>], costs: &[Cost]) -> Option<Cost> {
        let sets = (0..1_u32 << costs.len())
            .map(|bits| (0..costs.len()).filter(|column| bits >> column & 1 == 1).collect());
        sets.filter(|set| covers(set, needs)).map(|set: BTreeSet<usize>| sum(&set, costs)).min()
    }

    prop_compose! {
        fn problems()(
            costs in proptest::collection::vec((0..3_usize, 0..3_usize, 1..9_usize), COLUMNS),
            needs in proptest::collection::vec(
                proptest::collection::btree_set(0..COLUMNS, 1..6), 0..12,
            ),
        ) -> (Vec<Vec<usize>>, Vec<Cost>) {
            let costs = costs.into_iter().map(|(first, second, third)| Cost([first, second, third, 0, 0, 1]));
            (needs.into_iter().map(|need| need.into_iter().collect()).collect(), costs.collect())
        }
    }

    proptest! {
        #[test]
        fn every_need_is_covered_and_no_set_costs_less((needs, costs) in problems()) {
            let found = cheapest(&needs, &costs);
            prop_assert!(covers(&found, &needs));
            prop_assert_eq!(Some(sum(&found, &costs)), lowest(&needs, &costs));
        }

        #[test]
        fn the_order_in_which_needs_come_changes_nothing((mut needs, costs) in problems()) {
            let found = cheapest(&needs, &costs);
            needs.reverse();
            prop_assert_eq!(cheapest(&needs, &costs), found);
        }

        #[test]
        fn no_chosen_column_can_be_left_out((needs, costs) in problems()) {
            let found = cheapest(&needs, &costs);
            for column in &found {
                let without: BTreeSet<usize> = found.iter().copied().filter(|other| other != column).collect();
                prop_assert!(!covers(&without, &needs));
            }
        }
    }

    #[test]
    fn a_need_that_nothing_covers_is_left_out() {
        assert_eq!(cheapest(&[vec![], vec![0], vec![7]], &[Cost::default()]), BTreeSet::from([0]));
        assert_eq!(cheapest(&[], &[]), BTreeSet::new());
    }
}
