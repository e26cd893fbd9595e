//! The real transport: HTTPS with reqwest, one client and so one pool of connections for a run.
//!
//! Requests come in, answers or the reason why there is none go out. It never follows a redirect, never sends twice, and
//! never shows an address, which may hold what nobody should see.

use std::time::Duration;

use http_body_util::BodyExt as _;
use zeroize::Zeroizing;

use super::address::Address;
use super::transport::{Answer, LONGEST_BODY, Request, SendFailure, Sending, Transport};

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// HTTPS to the API, by the system's certificates and, beyond this machine, its proxy.
pub struct Https {
    client: reqwest::Client,
}

/// Why no connection can be prepared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpsError {
    /// No certificate of an authority was found, so no server can prove who it is.
    #[error("this machine has no certificates of authorities, so no server can prove who it is")]
    NoAuthorities,
    /// The certificates that are named are none.
    #[error("the file of certificates holds none that can be read")]
    BadAuthorities,
    /// Something else is missing.
    #[error("an HTTPS connection cannot be prepared: {0}")]
    Unprepared(String),
}

/// Why a proxy of the environment cannot be used. Its address is not shown: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// It is no address, and the requests would silently go past it.
    #[error("is not the address of a proxy")]
    NoAddress,
    /// It is a proxy of another kind.
    #[error("is a proxy for `{0}`, and only http and https are supported")]
    Scheme(String),
}

/// Whether the address of a proxy, as in `HTTPS_PROXY`, can be used.
pub fn check_proxy(address: &str) -> Result<(), ProxyError> {
    let address: http::Uri = address.parse().map_err(|_| ProxyError::NoAddress)?;
    // `://x` is read as an address whose scheme is empty.
    if address.scheme_str() == Some("") {
        return Err(ProxyError::NoAddress);
    }
    if let Some(scheme) = address.scheme_str().filter(|scheme| !["http", "https"].contains(scheme)) {
        return Err(ProxyError::Scheme(scheme.to_owned()));
    }
    let authority = address.authority().ok_or(ProxyError::NoAddress)?;
    let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
    let after_host = host_and_port.strip_prefix(authority.host()).unwrap_or_default();
    let has_good_port = after_host.is_empty() || authority.port_u16().is_some();
    if authority.host().is_empty() || !has_good_port { Err(ProxyError::NoAddress) } else { Ok(()) }
}

impl Https {
    /// Prepares the transport; nothing is sent yet.
    pub fn new(address: &Address) -> Result<Self, HttpsError> {
        Self::trusting(address, None)
    }

    /// Prepares a transport that believes these authorities alone, a file of certificates in PEM.
    pub fn trusting(address: &Address, authorities: Option<&[u8]>) -> Result<Self, HttpsError> {
        // A second call in one process finds a provider in place, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        #[allow(clippy::disallowed_methods, reason = "this is the one client")]
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_LIMIT)
            .https_only(!address.is_loopback());
        if address.is_loopback() {
            builder = builder.no_proxy();
        }
        if let Some(pem) = authorities {
            let certificates =
                reqwest::Certificate::from_pem_bundle(pem).ok().filter(|found| !found.is_empty());
            builder = builder.tls_certs_only(certificates.ok_or(HttpsError::BadAuthorities)?);
        }
        let client = builder.build().map_err(|error| match root_cause(&error) {
            cause if cause.contains("No CA certificates") => HttpsError::NoAuthorities,
            cause => HttpsError::Unprepared(cause),
        })?;
        Ok(Self { client })
    }

    /// Sends a request, and returns as soon as the answer begins.
    pub(crate) async fn exchange<B: Into<reqwest::Body>>(
        &self,
        request: http::Request<B>,
    ) -> Result<http::Response<reqwest::Body>, SendFailure> {
        let request = request.try_into().map_err(|error| not_sent(&error))?;
        let response = self.client.execute(request).await.map_err(|error| {
            if error.is_connect() || error.is_builder() { not_sent(&error) } else { lost(&error) }
        })?;
        Ok(response.into())
    }
}

impl Transport for Https {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            // Wiped when it was sent, since it may hold a secret.
            let request = request.map(|body| bytes::Bytes::from_owner(Zeroizing::new(body)));
            let (parts, mut body) = self.exchange(request).await?.into_parts();
            let mut bytes = Zeroizing::new(Vec::new());
            while let Some(frame) = body.frame().await {
                if let Some(data) = frame.map_err(|error| lost(&error))?.data_ref() {
                    if bytes.len() + data.len() > LONGEST_BODY {
                        return Err(SendFailure::Lost("it is too long to be an answer".to_owned()));
                    }
                    bytes.extend_from_slice(data);
                }
            }
            Ok(Answer::from_parts(parts, bytes))
        })
    }
}

fn not_sent(error: &reqwest::Error) -> SendFailure {
    SendFailure::NotSent(root_cause(error))
}

fn lost(error: &reqwest::Error) -> SendFailure {
    SendFailure::Lost(root_cause(error))
}

/// The innermost error says most: "connection refused", "certificate expired". The outer ones repeat the URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    in_words(cause.to_string())
}

/// What a person can do something with, where the innermost error is a word of the trade.
fn in_words(cause: String) -> String {
    if cause.contains("UnknownIssuer") {
        return "the server's certificate is of an authority that this machine does not know: behind a proxy that \
                opens TLS, add its certificate to the system's, or name it in SSL_CERT_FILE"
            .to_owned();
    }
    cause
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_proxy_is_judged_before_it_is_silently_passed_by() {
        for address in [
            "127.0.0.1:3128",
            "proxy",
            "http://proxy:3128",
            "https://u:fake@proxy.example:8080/",
            "http://[::1]:1",
        ] {
            assert_eq!(check_proxy(address), Ok(()), "{address}");
        }
        for address in
            ["not a url", "http://", "://x", "http://proxy:99999", "http://proxy:x", "/proxy", "http://:80"]
        {
            assert_eq!(check_proxy(address), Err(ProxyError::NoAddress), "{address}");
        }
        for scheme in ["socks5", "socks5h", "ftp"] {
            let refused = check_proxy(&format!("{scheme}://user:fake@127.0.0.1:1080"));
            assert_eq!(refused, Err(ProxyError::Scheme(scheme.to_owned())));
        }
    }

    #[test]
    fn a_certificate_of_an_unknown_authority_is_told_in_words() {
        let told = in_words("invalid peer certificate: UnknownIssuer".to_owned());
        assert!(told.contains("SSL_CERT_FILE") && !told.contains("UnknownIssuer"), "{told}");
        assert_eq!(in_words("Connection refused".to_owned()), "Connection refused");
    }
}
