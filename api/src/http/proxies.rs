//! Where a request came from, behind proxies that are trusted.
//!
//! A proxy appends the address that it saw to `x-forwarded-for`: what stands left of the last address that a trusted proxy wrote is the caller's
//! own text. Deliberately absent: the header `forwarded`, which the proxies in use do not write, and any trust that is not configured.

use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};

use axum::http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// A network of addresses: `192.0.2.0/24`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write an address or a network, such as 192.0.2.7 or 10.0.0.0/8")]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| NoNetwork)?;
        if bits > most { Err(NoNetwork) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(address)) => (own.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(self.bits),
            (IpAddr::V6(own), IpAddr::V6(address)) => (own.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(self.bits),
            _ => false,
        }
    }
}

/// The proxies that are trusted; by default none.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Arc<[Network]>);

impl Proxies {
    /// Trusts these.
    #[must_use]
    pub fn new(trusted: Vec<Network>) -> Self {
        Self(trusted.into())
    }

    /// Where a request came from that came over a connection of `peer`.
    pub(super) fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut seen = peer.to_canonical();
        let values: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
        let mut hops = values.iter().rev().flat_map(|value| value.rsplit(','));
        while self.0.iter().any(|network| network.contains(seen)) {
            match hops.next().and_then(|hop| address(hop.trim())) {
                Some(hop) => seen = hop,
                None => break,
            }
        }
        seen
    }
}

/// An address as proxies write it: with a port, and with brackets for IPv6, too.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(text, |(address, _)| address);
    let parsed = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()));
    parsed.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_caller_is_where_the_last_trusted_proxy_saw_it() {
        let proxies = Proxies::new(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"].map(|text| text.parse().unwrap()).to_vec());
        let origin = |peer: &str, values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
            }
            proxies.origin(peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(origin("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "who is no proxy is believed nothing");
        assert_eq!(origin("10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(origin("10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(origin("::ffff:10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        // What the caller wrote itself stands on the left.
        assert_eq!(origin("10.1.2.3", &["10.9.9.9, 127.0.0.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(origin("10.1.2.3", &["10.9.9.9", "198.51.100.1, 192.0.2.1"]), "198.51.100.1");
        assert_eq!(origin("2001:db8::7", &["[2001:db9::1]:443"]), "2001:db9::1");
        assert_eq!(origin("10.1.2.3", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(origin("10.1.2.3", &["198.51.100.1, unknown"]), "10.1.2.3", "what is no address is believed nothing");
        assert_eq!(Proxies::default().origin("10.1.2.3".parse().unwrap(), &HeaderMap::new()).to_string(), "10.1.2.3");
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/-1", "2001:db8::/129", "proxy", "10.0.0.0/8/8", "10.0.0.0/"] {
            assert_eq!(wrong.parse::<Network>(), Err(NoNetwork), "{wrong}");
        }
        assert_eq!("0.0.0.0/0".parse::<Network>().map(|all| all.contains("203.0.113.9".parse().unwrap())), Ok(true));
    }
}
