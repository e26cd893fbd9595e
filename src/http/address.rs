//! The address of a server that gets secrets: HTTPS, except on this machine.

use std::fmt;

use http::Uri;

/// The address all paths start from, such as `https://api.cloudflare.com/client/v4`. HTTPS, except on loopback.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address(String);

/// A server, and who may vouch for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Server {
    /// Where it is.
    pub address: Address,
    /// The certificates of the authorities that are believed, in PEM; `None` for the system's.
    pub authorities: Option<Vec<u8>>,
}

/// Why a secret cannot be sent to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It does not parse.
    #[error("`{0}` is not an address such as https://api.cloudflare.com/client/v4")]
    NotAnAddress(String),
    /// A credential would travel in the clear.
    #[error("`{0}` would send secrets unencrypted: only https is allowed beyond this machine")]
    Unencrypted(String),
    /// It has a query, a fragment, or a user and password.
    #[error("`{0}` has more than a scheme, host, port and path")]
    TooMuch(String),
}

impl Address {
    /// An address of this program's own.
    #[must_use]
    pub fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let not_an_address = || BadAddress::NotAnAddress(without_user(text));
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| not_an_address())?;
        let host = uri.host().ok_or_else(not_an_address)?;
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        // `Uri` overlooks a fragment, and every path would vanish behind it.
        if has_user || uri.query().is_some() || text.contains('#') {
            return Err(BadAddress::TooMuch(without_user(text)));
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback(host) => {}
            Some("http") => return Err(BadAddress::Unencrypted(text.to_owned())),
            _ => return Err(not_an_address()),
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.parse::<Uri>().ok().and_then(|uri| uri.host().map(is_loopback)).unwrap_or(false)
    }

    /// The host, without its port.
    #[must_use]
    pub fn host(&self) -> String {
        self.0.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default()
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// An address may carry a password, and this one goes into an error.
fn without_user(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://…{}", &text[..scheme], &text[at..]),
        (None, Some(at)) => format!("…{}", &text[at..]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_loopback() {
        for good in [
            "https://api.cloudflare.com/client/v4",
            "https://proxy.example/client/v4/",
            "http://127.0.0.1:8787/client/v4",
            "http://localhost:1/client/v4",
            "http://[::1]:9/client/v4",
        ] {
            assert_eq!(Address::parse(good).map(|base| base.0), Ok(good.trim_end_matches('/').to_owned()));
        }
        for (bad, words) in [
            ("http://api.cloudflare.com/client/v4", "unencrypted"),
            ("http://127.0.0.1.example.com/", "unencrypted"),
            ("http://localhost.example.com/", "unencrypted"),
            ("ftp://127.0.0.1/", "not an address"),
            ("api.cloudflare.com", "not an address"),
            ("", "not an address"),
            ("https://api.cloudflare.com/?x=1", "more than"),
            ("https://api.cloudflare.com/client/v4#x", "more than"),
        ] {
            let error = Address::parse(bad).map_err(|error| error.to_string());
            assert!(error.as_ref().is_err_and(|text| text.contains(words)), "{bad}: {error:?}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_repeated() {
        let error =
            Address::parse("https://me:fake-password@proxy.example/").map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("proxy.example") && !text.contains("fake-password")));
    }
}
