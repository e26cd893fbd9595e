//! The profiles of these tests.

/// One account, two zones.
pub(crate) const SHOP: &str = "
version: 1
name: shop-deploy
permissions:
  account: { Workers Scripts: edit, Account Settings: read }
  zone: { DNS: edit }
resources: { accounts: [Emulator Account], zones: [example.com, example.net] }
ttl: 90d
sinks:
  - env_file: .env
    variables: { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: account_id }
";

/// One permission on one zone.
pub(crate) const DNS: &str = "
version: 1
name: shop-dns
permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
ttl: 30d
sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]
";

/// The group *DNS Write*.
pub(crate) const DNS_WRITE: &str = "4755a26eedb94da69e1066d98aa820be";

/// A profile like [`DNS`] with one line more.
pub(crate) fn dns_with(line: &str) -> String {
    format!("{}{line}\n", DNS.trim_start())
}

/// A profile like [`DNS`] with one text in place of another.
pub(crate) fn dns_but(text: &str, other: &str) -> String {
    assert!(DNS.contains(text), "{text}");
    DNS.replace(text, other)
}
