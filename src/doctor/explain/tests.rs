//! The messages that people post, each with the cause that is really theirs.

use super::causes::rows;
use super::*;

fn causes_in(log: &str) -> Vec<&'static str> {
    read(log).iter().flat_map(causes_of).map(|cause| cause.cause).collect()
}

#[test]
fn every_row_can_be_read_and_says_what_to_do() {
    assert_eq!(rows().count(), causes().len());
    for cause in causes() {
        assert!(!cause.codes.is_empty() || !cause.words.is_empty(), "{cause:?}");
        assert!(cause.cause.ends_with('.') && cause.next.ends_with('.'), "{cause:?}");
        let failure = Failure {
            codes: cause.codes.iter().copied().collect(),
            words: Some(cause.words).filter(|words| !words.is_empty()).into_iter().collect(),
            request: Some(Request { method: None, path: cause.place.to_owned() }),
            line: 1,
            ..Failure::default()
        };
        assert!(causes_of(&failure).contains(&cause), "{cause:?} is never found");
    }
}

#[test]
fn what_people_post_has_the_cause_that_is_theirs() {
    for (log, cause) in [
        (
            "A request to the Cloudflare API (/zones/0123/workers/routes) failed.\n\n  Authentication error [code: 10000]",
            "right on the zone",
        ),
        (
            "A request to the Cloudflare API (/accounts/0123/workers/scripts/x/bindings) failed.\n  Authentication error [code: 10000]",
            "IP rule",
        ),
        ("GET /memberships\nUnable to authenticate request [code: 10001]", "lacks `Memberships: read`"),
        (
            "A request to the Cloudflare API (/memberships) failed.\n\n  Authentication failed (status: 400) [code: 9106]",
            "sent to an endpoint for users",
        ),
        (
            r#"{"code":9106,"message":"Missing X-Auth-Key, X-Auth-Email or Authorization headers"}"#,
            "the variable is empty",
        ),
        (
            "Failed to automatically retrieve account IDs for the logged in user.",
            "could not read which accounts",
        ),
        ("More than one account available but unable to select one", "reaches several accounts"),
        (
            "In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN environment variable",
            "variable is missing",
        ),
        (
            r#"[{"code":6003,"message":"Invalid request headers","error_chain":[{"code":6103,"message":"Invalid format for X-Auth-Key header"}]}]"#,
            "token was given where a global key belongs",
        ),
        (
            "[{'code': 6003, 'message': 'Invalid request headers', 'error_chain': [{'code': 6111}]}]",
            "global key was given where a token belongs",
        ),
        ("GET /user/tokens/verify: Missing \"Authorization\" header (1001)", "only tokens can be verified"),
        (
            "Could not route to /client/v4/zones/example.com, perhaps your object identifier is invalid? (7003)",
            "where an id belongs",
        ),
        (
            r#"GET "https://api.cloudflare.com/client/v4/zones/0123?name=x": 403 {"code":9109,"message":"Unauthorized to access requested resource"}"#,
            "not among the token's resources",
        ),
        (
            "GET https://api.cloudflare.com/client/v4/user/tokens/verify\n{\"code\": 1000, \"message\": \"Invalid API Token\"}",
            "belongs to an account",
        ),
        (
            "GET /accounts\nList accounts endpoint does not support account owned tokens. (1001)",
            "may not list accounts",
        ),
        ("Failed common permission check against resources (1001)", "nobody can give what they lack"),
        (
            "The given account is not valid or is not authorized to access this service [code: 7403]",
            "account id is wrong",
        ),
        (
            "POST method not allowed for the api_token authentication scheme [code: 10000]",
            "takes no API tokens",
        ),
        ("Please wait and consider throttling your request speed [code: 971]", "1,200 in five minutes"),
        ("Credential access key has length 64, should be 32", "are swapped"),
        ("Cannot use the access token from location: 203.0.113.7 [code: 9109]", "IP rule"),
    ] {
        let causes = causes_in(log);
        assert!(causes.len() == 1 && causes[0].contains(cause), "{log}\n{causes:?}");
    }
}

#[test]
fn failures_of_one_log_are_told_apart_and_keep_their_requests() {
    let log = "PUT /accounts/0123/workers/scripts/api\nAuthentication error [code: 10000]\n\
               GET https://api.cloudflare.com/client/v4/memberships?per_page=5\nUnable to authenticate request [code: 10001]\n";
    let failures = read(log);
    let seen: Vec<(usize, Option<&str>, &str)> = failures
        .iter()
        .filter_map(|failure| failure.request.as_ref().map(|request| (failure.line, request)))
        .map(|(line, request)| (line, request.method.as_deref(), &*request.path))
        .collect();
    assert_eq!(
        seen,
        [(2, Some("PUT"), "/accounts/0123/workers/scripts/api"), (4, Some("GET"), "/memberships")]
    );
}

#[test]
fn what_is_no_failure_is_not_taken_for_one() {
    for log in [
        "",
        "Uploaded api (10000 bytes)",
        "Deployed api triggers (1.2 sec)",
        "GET /zones 200 OK",
        "exit code: 1",
        "Took (971 ms)",
    ] {
        assert_eq!(read(log), [], "{log}");
    }
}

#[test]
fn a_path_with_a_secret_in_it_is_none() {
    assert_eq!(request("GET /user/tokens/cfut_FAKEFAKEFAKEFAKE"), None);
    let key = "0123456789abcdef0123456789abcdef01234";
    assert_eq!(request(&format!("GET /user/tokens/{key}")), None);
    let coloured = request("PUT \u{1b}[31m/zones/0123/workers/routes\u{1b}[0m").map(|request| request.path);
    assert_eq!(coloured.as_deref(), Some("/zones/0123/workers/routes"));
}
