//! An address in a log -> the path below the API's base, with its query.

/// What stands in front of the API's paths: at the API, and where the dashboard passes requests on to it.
const BASES: [&str; 2] = ["/client/v4/", "dash.cloudflare.com/api/v4/"];

/// The path of the API that an address leads to; `None` where it leads elsewhere.
pub(super) fn api_path(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next()?;
    BASES.iter().find_map(|base| {
        let at = path.find(base)?;
        // The last slash of the base is the first one of the path.
        address.get(at + base.len() - 1..)
    })
}

/// The status of an answer in a word of a log.
pub(super) fn status(word: &str) -> Option<u16> {
    word.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_api_have_a_path() {
        for (address, path) in [
            ("https://api.cloudflare.com/client/v4/zones?name=x", Some("/zones?name=x")),
            ("http://127.0.0.1:1/client/v4/accounts/0/tokens", Some("/accounts/0/tokens")),
            ("/client/v4/user#x", Some("/user#x")),
            ("https://dash.cloudflare.com/api/v4/memberships", Some("/memberships")),
            ("https://example.com/api/v4/memberships", None),
            ("https://example.com/?to=/client/v4/zones", None),
            ("", None),
        ] {
            assert_eq!(api_path(address), path, "{address}");
        }
    }
}
