//! Where a request comes from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// Who shares one connection to the internet, as far as an address tells: one address of IPv4,
/// or a /56 of IPv6, which is what a household gets. It is never written down, only hashed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Network {
        Network(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 72 << 72)),
            v4 => v4,
        })
    }

    /// The bytes to hash.
    pub fn bytes(self) -> Vec<u8> {
        match self.0 {
            IpAddr::V4(v4) => v4.octets().into(),
            IpAddr::V6(v6) => v6.octets().into(),
        }
    }
}

/// The address of a client that may be behind proxies: each of them adds to the end of
/// `forwarded_for` whom it has the request from, and what an untrusted one says is not believed.
///
/// `Forwarded` (RFC 7239) is not read: a proxy that writes one of the two headers passes the
/// other on as the client wrote it.
pub fn client<'a>(
    peer: IpAddr,
    forwarded_for: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let trusts = |address: &IpAddr| {
        let address = address.to_canonical();
        trusted.iter().any(|network| network.contains(&address))
    };
    let mut hops = forwarded_for.rev().flat_map(|line| line.rsplit(','));
    let mut client = peer;
    while trusts(&client) {
        match hops.next().and_then(|hop| read(hop.trim())) {
            Some(hop) => client = hop,
            None => break,
        }
    }
    client
}

/// An address, with or without a port.
fn read(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .or_else(|_| hop.parse().map(|address: SocketAddr| address.ip()))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn behind(peer: &str, lines: &[&str]) -> IpAddr {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap());
        client(address(peer), lines.iter().copied(), &trusted)
    }

    #[test]
    fn what_a_stranger_says_of_themself_is_not_believed() {
        let stranger = address("203.0.113.9");
        assert_eq!(behind("203.0.113.9", &["198.51.100.1"]), stranger);
        assert_eq!(behind("10.0.0.1", &["198.51.100.1, 203.0.113.9"]), stranger);
        assert_eq!(
            behind("10.0.0.1", &["198.51.100.1", "203.0.113.9, 10.2.3.4"]),
            stranger
        );
        assert_eq!(behind("::ffff:10.0.0.1", &["203.0.113.9:4711"]), stranger);
        assert_eq!(
            behind("fd00::1", &["[2001:db8::1]:80"]),
            address("2001:db8::1")
        );
    }

    #[test]
    fn what_cannot_be_read_comes_from_the_proxy() {
        for line in ["", "unknown", "203.0.113.9, _hidden", ","] {
            assert_eq!(behind("10.0.0.1", &[line]), address("10.0.0.1"), "{line}");
        }
        assert_eq!(behind("10.0.0.1", &[]), address("10.0.0.1"));
    }

    #[test]
    fn a_household_is_one_network() {
        let network = |text| Network::of(address(text)).bytes();
        assert_eq!(network("2001:db8:1:2ff::1"), network("2001:db8:1:200::2"));
        assert_ne!(network("2001:db8:1:2ff::1"), network("2001:db8:1:300::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
