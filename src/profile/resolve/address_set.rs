//! Networks of one family -> the addresses that they come to together, as ranges of numbers.
//!
//! Two networks may say what no single one of them says: `0.0.0.0/1` and `128.0.0.0/1` are every address. Pure.

use std::net::IpAddr;

use ipnet::IpNet;

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    pub(super) const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The family of a network.
    pub(super) fn of(network: &IpNet) -> Self {
        if network.addr().is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }

    /// The family that it is not.
    pub(super) fn other(self) -> Self {
        match self {
            Self::V4 => Self::V6,
            Self::V6 => Self::V4,
        }
    }

    /// The number of its last address.
    fn last(self) -> u128 {
        match self {
            Self::V4 => u128::from(u32::MAX),
            Self::V6 => u128::MAX,
        }
    }
}

/// Addresses of one family: ranges in order, each with its first and last address, that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddressSet {
    family: Family,
    ranges: Vec<(u128, u128)>,
}

impl AddressSet {
    /// Every address of a family.
    pub(super) fn all(family: Family) -> Self {
        Self { family, ranges: vec![(0, family.last())] }
    }

    /// The addresses of those networks that are of this family.
    pub(super) fn of<'n>(family: Family, networks: impl IntoIterator<Item = &'n IpNet>) -> Self {
        let networks = networks.into_iter().filter(|network| Family::of(network) == family);
        let mut written: Vec<(u128, u128)> =
            networks.map(|network| (number(network.network()), number(network.broadcast()))).collect();
        written.sort_unstable();
        let mut ranges: Vec<(u128, u128)> = Vec::with_capacity(written.len());
        for (first, last) in written {
            match ranges.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => ranges.push((first, last)),
            }
        }
        Self { family, ranges }
    }

    /// Whether it is every address of its family.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::all(self.family)
    }

    /// Whether every address of another set of this family is in this one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        other
            .ranges
            .iter()
            .all(|(first, last)| self.ranges.iter().any(|own| own.0 <= *first && *last <= own.1))
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(family: Family, networks: &[&str]) -> AddressSet {
        let networks: Vec<IpNet> = networks.iter().filter_map(|text| text.parse().ok()).collect();
        AddressSet::of(family, &networks)
    }

    #[test]
    fn networks_that_touch_or_overlap_are_one_range() {
        for networks in [
            &["0.0.0.0/0"][..],
            &["128.0.0.0/1", "0.0.0.0/1"],
            &["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/1", "192.0.2.0/24"],
        ] {
            assert!(set(Family::V4, networks).is_all(), "{networks:?}");
            assert_eq!(set(Family::V6, networks).ranges, [], "{networks:?}");
        }
        assert!(set(Family::V6, &["8000::/1", "::/1"]).is_all());
        assert!(!set(Family::V4, &["0.0.0.0/1", "128.0.0.0/2"]).is_all());
        assert!(!set(Family::V6, &["::/1", "0.0.0.0/0"]).is_all());
    }

    #[test]
    fn every_address_but_one_is_not_every_address() {
        // Beside each bit of the one address that is left out lies a network with the other bit.
        let left_out = u32::from_be_bytes([203, 0, 113, 7]);
        let others = (1..=32_u8).filter_map(|length| {
            let beside = left_out ^ (1 << (32 - length));
            IpNet::new(IpAddr::V4(beside.into()), length).ok()
        });
        let others: Vec<IpNet> = others.collect();
        let all_but_one = AddressSet::of(Family::V4, &others);
        assert!(!all_but_one.is_all());
        assert!(!all_but_one.covers(&set(Family::V4, &["203.0.113.7/32"])));
        assert!(all_but_one.covers(&set(Family::V4, &["203.0.113.6/32", "10.0.0.0/8"])));
        let last: Vec<IpNet> = ["203.0.113.7/32"].iter().filter_map(|text| text.parse().ok()).collect();
        assert!(AddressSet::of(Family::V4, others.iter().chain(&last)).is_all());
    }

    #[test]
    fn a_network_is_covered_by_its_halves() {
        let whole = set(Family::V4, &["203.0.113.0/24"]);
        assert!(set(Family::V4, &["203.0.113.0/25", "203.0.113.128/25"]).covers(&whole));
        assert!(!set(Family::V4, &["203.0.113.0/25", "203.0.113.128/26"]).covers(&whole));
        assert!(set(Family::V4, &[]).covers(&set(Family::V4, &[])));
    }
}
