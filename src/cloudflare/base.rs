//! Where the API is: Cloudflare, or an emulator on this machine.

use std::fmt;
use std::ops::Deref;

use crate::http::{Address, BadAddress};

/// The address all paths start from, such as `https://api.cloudflare.com/client/v4`. HTTPS, except on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiBase(Address);

impl ApiBase {
    /// Cloudflare's own.
    #[must_use]
    pub fn cloudflare() -> Self {
        Self(Address::known("https://api.cloudflare.com/client/v4"))
    }

    /// The emulator inside this process; no packet leaves it. No server on this machine is called so.
    #[must_use]
    pub fn emulator() -> Self {
        Self(Address::known("http://emulator.localhost/client/v4"))
    }

    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        Address::parse(text).map(Self)
    }
}

impl Deref for ApiBase {
    type Target = Address;

    fn deref(&self) -> &Address {
        &self.0
    }
}

impl fmt::Display for ApiBase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
