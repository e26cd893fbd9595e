//! The one place that opens the envelope around every answer.
//!
//! In: status, headers and bytes. Out: the result, or what went wrong. `success` rules, not the status;
//! a body that is no envelope is never taken for a yes, nor for a no.

use serde::de::DeserializeOwned;

use super::error::Fault;
use super::refusal::Refusal;
use super::wire::{ApiError, Envelope, ResultInfo};
use crate::http::Answer;
use crate::secret::masked;

/// What a successful answer carried.
pub(super) struct Opened<T> {
    pub(super) result: T,
    pub(super) result_info: Option<ResultInfo>,
}

/// Codes of the rate limit that have been seen with another status than 429.
const RATE_LIMIT_CODES: [i64; 2] = [971, 10429];

/// Reads an answer.
pub(super) fn open<T: DeserializeOwned>(answer: &Answer) -> Result<Opened<T>, Fault> {
    let status = answer.status().as_u16();
    let ray = answer.headers().get("cf-ray").and_then(|ray| ray.to_str().ok()).map(str::to_owned);
    let unreadable = |detail: &str| Fault::Unreadable { status, detail: detail.to_owned(), ray: ray.clone() };

    // Refusals are read with an untyped result: whatever stands there must not hide what they say.
    let frame: Envelope<serde::de::IgnoredAny> = match serde_json::from_slice(answer.body()) {
        Ok(frame) => frame,
        Err(_) if status == 429 => return Err(Fault::RateLimited),
        Err(_) if status >= 500 => return Err(Fault::ServerError { status, ray }),
        Err(_) if answer.status().is_redirection() => return Err(unreadable("a redirect")),
        Err(error) if error.is_eof() => return Err(unreadable("cut short")),
        Err(_) => return Err(unreadable("no JSON envelope")),
    };
    // serde takes a list for a struct too, its items for the fields in their order.
    if answer.body().trim_ascii_start().first() != Some(&b'{') {
        return Err(unreadable("no JSON envelope"));
    }
    if !frame.success {
        if frame.errors.is_empty() && status != 429 && status < 500 {
            return Err(unreadable("a refusal without a reason"));
        }
        return Err(judge(Refusal { status, errors: without_secrets(frame.errors), ray }));
    }
    // serde's message may quote the value it stumbled over, which may be a secret: it is not passed on.
    match serde_json::from_slice::<Success<T>>(answer.body()) {
        Ok(Success { result }) => Ok(Opened { result, result_info: frame.result_info }),
        Err(_) if frame.result.is_none() => Err(unreadable("a success without a result")),
        Err(error) => Err(unreadable(&format!("an unexpected shape at column {}", error.column()))),
    }
}

/// What a success is read for. A result may be null where its type says so.
#[derive(serde::Deserialize)]
struct Success<T> {
    result: T,
}

/// The errors with stars over what looks like a token: they are shown and logged, and what a server repeats of
/// a request or an answer is not ours to trust.
fn without_secrets(errors: Vec<ApiError>) -> Vec<ApiError> {
    let without = |error: ApiError| ApiError {
        message: masked(&error.message),
        error_chain: without_secrets(error.error_chain),
        documentation_url: error.documentation_url.as_deref().map(masked),
        ..error
    };
    errors.into_iter().map(without).collect()
}

/// Tells a refusal, which is final, from what only looks like one.
fn judge(refusal: Refusal) -> Fault {
    let limited = refusal.errors.iter().any(|error| RATE_LIMIT_CODES.contains(&error.code));
    match refusal.status {
        // It may come with the status of the rate limit, and lasts the longer the more one tries.
        _ if refusal.is_lock_out() => Fault::Refused(refusal),
        429 => Fault::RateLimited,
        500.. => Fault::ServerError { status: refusal.status, ray: refusal.ray },
        // Code 1000 is a dead token at one place and this at others.
        status if status == 408 || refusal.says("Request timeout") => {
            Fault::Lost("Cloudflare ran out of time".to_owned())
        }
        _ if limited => Fault::RateLimited,
        _ => Fault::Refused(refusal),
    }
}

/// The seconds of a `Retry-After` header.
pub(super) fn retry_after(answer: &Answer) -> Option<u64> {
    answer.headers().get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
    use super::*;
    use crate::cloudflare::wire::Deleted;

    fn answer(status: u16, body: &str) -> Answer {
        http::Response::builder()
            .status(status)
            .header("cf-ray", "0000000000000000-TST")
            .body(body.as_bytes().to_vec().into())
            .unwrap()
    }

    fn fault(status: u16, body: &str) -> Fault {
        open::<Deleted>(&answer(status, body)).err().unwrap()
    }

    #[test]
    fn success_rules_not_the_status() {
        let body = r#"{"success":true,"errors":[],"messages":[],"result":{"id":"e1","new_field":1}}"#;
        assert_eq!(open::<Deleted>(&answer(200, body)).ok().unwrap().result.id, "e1");
        let body = r#"{"success":false,"errors":[{"code":1001,"message":"no"}],"result":null}"#;
        assert!(matches!(fault(200, body), Fault::Refused(refusal) if refusal.code() == 1001));
    }

    #[test]
    fn a_gateway_error_without_result_and_messages_is_a_refusal() {
        let body = r#"{"success":false,"errors":[{"code":9106,"message":"Missing headers"}]}"#;
        assert!(matches!(fault(400, body), Fault::Refused(refusal) if refusal.code() == 9106));
    }

    #[test]
    fn what_is_no_envelope_is_neither_yes_nor_no() {
        for (status, body) in [
            (200, "<html>maintenance</html>"),
            (200, r#"{"success":true,"errors":[],"result":{"i"#),
            (200, r#"{"success":true,"errors":[],"result":null}"#),
            (200, r#"{"success":true,"errors":[],"result":"a string"}"#),
            (200, r#"[true,[],[],{"id":"e1"}]"#),
            (302, ""),
            (403, "<html>blocked</html>"),
            (400, r#"{"success":false,"errors":[]}"#),
        ] {
            assert!(matches!(fault(status, body), Fault::Unreadable { .. }), "{status} {body}");
        }
        let enveloped = r#"{"success":false,"errors":[{"code":10001,"message":"internal error"}]}"#;
        for (status, body) in [(502, "Bad gateway"), (500, enveloped)] {
            assert!(matches!(fault(status, body), Fault::ServerError { .. }), "{status} {body}");
        }
    }

    #[test]
    fn the_rate_limit_is_known_by_its_status_or_code() {
        let body = r#"{"success":false,"errors":[{"code":971,"message":"throttled"}]}"#;
        for (status, body) in [(429, "slow down"), (429, body), (200, body)] {
            assert_eq!(fault(status, body), Fault::RateLimited);
        }
    }

    #[test]
    fn a_lock_out_is_final_whatever_its_status() {
        let body = r#"{"success":false,"errors":[{"code":9109,"message":"Max auth failures reached, please check your Authorization header."}]}"#;
        for status in [403, 429] {
            assert!(
                matches!(fault(status, body), Fault::Refused(refusal) if refusal.is_lock_out()),
                "{status}"
            );
        }
    }

    #[test]
    fn a_time_out_on_cloudflares_side_is_no_refusal() {
        let body = r#"{"success":false,"errors":[{"code":1000,"message":"Request timeout"}]}"#;
        for status in [400, 408] {
            assert!(matches!(fault(status, body), Fault::Lost(_)), "{status}");
        }
    }

    #[test]
    fn lists_that_are_null_are_empty() {
        let body =
            r#"{"success":true,"errors":null,"messages":null,"result":{"id":"e1"},"result_info":null}"#;
        assert!(open::<Deleted>(&answer(200, body)).is_ok());
        assert!(matches!(fault(400, r#"{"success":false,"errors":null}"#), Fault::Unreadable { .. }));
    }

    #[test]
    fn what_stands_beside_a_result_cannot_spoil_it() {
        for beside in [
            r#""errors":"none""#,
            r#""errors":[null,7,{"code":"x"}]"#,
            r#""messages":[{"code":null,"message":7}]"#,
            r#""messages":{}"#,
            r#""result_info":"none""#,
            r#""result_info":[1]"#,
        ] {
            let body = format!(r#"{{"success":true,{beside},"result":{{"id":"e1"}}}}"#);
            assert_eq!(open::<Deleted>(&answer(200, &body)).ok().unwrap().result.id, "e1", "{beside}");
        }
        let counted =
            r#"{"success":true,"result":[],"result_info":{"page":null,"per_page":-1,"total_count":7}}"#;
        let info = open::<Vec<Deleted>>(&answer(200, counted)).ok().unwrap().result_info.unwrap();
        assert_eq!((info.page, info.per_page, info.total_count), (0, 0, 7));
    }

    #[test]
    fn a_refusal_is_read_as_far_as_it_can_be() {
        let body = r#"{"success":false,"errors":[null,{"code":"x"},{"code":1001,"message":null}]}"#;
        assert!(matches!(fault(400, body), Fault::Refused(refusal) if refusal.code() == 1001));
        assert!(matches!(fault(400, r#"{"success":false,"errors":["no"]}"#), Fault::Unreadable { .. }));
    }

    #[test]
    fn a_refusal_that_repeats_a_secret_is_shown_without_it() {
        let body = r#"{"success":false,"errors":[{"code":1,"message":"no cfut_fake-secret","error_chain":[{"code":2,"message":"cfat_fake-secret."}]}]}"#;
        let fault = format!("{:?}", fault(400, body));
        assert!(fault.contains("no *****") && !fault.contains("fake-secret"), "{fault}");
    }

    #[test]
    fn a_shape_that_does_not_fit_is_reported_without_its_content() {
        let error =
            open::<Vec<Deleted>>(&answer(200, r#"{"success":true,"result":"fake-secret"}"#)).err().unwrap();
        assert!(!format!("{error:?}").contains("fake-secret"));
    }
}
