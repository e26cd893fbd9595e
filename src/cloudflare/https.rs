//! The real road: HTTPS with reqwest, one client and so one pool of connections for a run.

use std::time::Duration;

use http_body_util::BodyExt as _;
use zeroize::Zeroizing;

use super::base::ApiBase;
use super::transport::{Answer, LONGEST_BODY, Request, SendFailure, Sending, Transport};

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// HTTPS to the API, by the system's certificates and, beyond this machine, its proxy.
pub struct Https {
    client: reqwest::Client,
}

impl Https {
    /// Prepares the road; nothing is sent yet.
    pub fn new(base: &ApiBase) -> Result<Self, reqwest::Error> {
        // A second call in one process finds a provider in place, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        #[allow(clippy::disallowed_methods, reason = "this is the one client")]
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_LIMIT)
            .https_only(!base.is_loopback());
        if base.is_loopback() {
            builder = builder.no_proxy();
        }
        Ok(Self { client: builder.build()? })
    }
}

impl Transport for Https {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let request = request.try_into().map_err(|error| not_sent(&error))?;
            let response = self.client.execute(request).await.map_err(|error| {
                if error.is_connect() || error.is_builder() { not_sent(&error) } else { lost(&error) }
            })?;
            let response: http::Response<reqwest::Body> = response.into();
            let (parts, mut body) = response.into_parts();
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
    cause.to_string()
}
