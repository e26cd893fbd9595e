//! An address in a log -> the path below the API's base, with its query; or the foreign host that it leads to.
//!
//! A log can hold requests to anybody, and what somebody else's server is asked for takes no permission of Cloudflare's.

/// The API's own host.
const API: &str = "api.cloudflare.com";
/// What stands in front of the API's paths.
const BASE: &str = "/client/v4/";
/// Where the dashboard passes requests on to the API: the host, and what stands in front of the paths.
const DASHBOARD: (&str, &str) = ("dash.cloudflare.com", "/api/v4/");

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads<'a> {
    /// To this path of the API.
    ToApi(&'a str),
    /// To a path as the API has it, at a host that is not the API's.
    Abroad(&'a str),
    /// Elsewhere.
    Elsewhere,
}

/// Where an address leads; `own` is the host that the API is reached by, where that is not Cloudflare's. A path without
/// a host is one of the API.
pub(super) fn leads<'a>(address: &'a str, own: Option<&str>) -> Leads<'a> {
    let end = address.find('#').unwrap_or(address.len());
    let address = &address[..end];
    let (authority, path) = match address.split_once("://") {
        Some((_, rest)) => {
            let at = rest.find(['/', '?']).unwrap_or(rest.len());
            (Some(&rest[..at]), &rest[at..])
        }
        None => (None, address),
    };
    // The last slash of a base is the first one of the path.
    let below = |base: &str| {
        let before_query = path.split('?').next().unwrap_or_default();
        let at = before_query.find(base)?;
        path.get(at + base.len() - 1..)
    };
    let host = authority.map(host_of);
    if host.is_some_and(|host| host.eq_ignore_ascii_case(DASHBOARD.0))
        && let Some(path) = path.starts_with(DASHBOARD.1).then(|| below(DASHBOARD.1)).flatten()
    {
        return Leads::ToApi(path);
    }
    match (below(BASE), host) {
        (Some(path), None) => Leads::ToApi(path),
        (Some(path), Some(host)) if is_own(host, own) => Leads::ToApi(path),
        (Some(_), Some(host)) => Leads::Abroad(host),
        (None, _) => Leads::Elsewhere,
    }
}

/// Whether a host is the API's, this machine, or the one that the API is reached by.
pub(super) fn is_own(host: &str, own: Option<&str>) -> bool {
    let host = host.to_ascii_lowercase();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == API
        || host == DASHBOARD.0
        || host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        || own.is_some_and(|own| own.eq_ignore_ascii_case(&host))
}

/// The host of an authority, without user and port.
pub(super) fn host_of(authority: &str) -> &str {
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.find(']') {
        Some(end) => &host[..=end],
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// The status of an answer in a word of a log.
pub(super) fn status(word: &str) -> Option<u16> {
    word.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_at_the_hosts_of_the_api_count() {
        use Leads::{Abroad, Elsewhere, ToApi};
        for (address, path) in [
            ("https://api.cloudflare.com/client/v4/zones?name=x", ToApi("/zones?name=x")),
            ("http://127.0.0.1:1/client/v4/accounts/0/tokens", ToApi("/accounts/0/tokens")),
            ("http://[::1]:1/client/v4/user", ToApi("/user")),
            ("http://emulator.localhost/client/v4/user", ToApi("/user")),
            ("https://GATE.example:8443/own/client/v4/user", ToApi("/user")),
            ("/client/v4/user#x", ToApi("/user")),
            ("https://dash.cloudflare.com/api/v4/memberships", ToApi("/memberships")),
            ("https://evil.example/client/v4/zones", Abroad("evil.example")),
            ("https://api.cloudflare.com@evil.example:1/client/v4/zones", Abroad("evil.example")),
            (
                "https://api.cloudflare.com.evil.example/client/v4/zones",
                Abroad("api.cloudflare.com.evil.example"),
            ),
            ("https://example.com/api/v4/memberships", Elsewhere),
            ("https://example.com/dash.cloudflare.com/api/v4/memberships", Elsewhere),
            ("https://example.com/?to=/client/v4/zones", Elsewhere),
            ("", Elsewhere),
        ] {
            assert_eq!(leads(address, Some("gate.example")), path, "{address}");
        }
    }
}
