//! Why a request was refused at the endpoint it came from: known words of Cloudflare's, and the reason for each.

use cfmint::cloudflare::wire::ApiError;
use cfmint::cloudflare::{Endpoint, Error, Fault, Lacking, Reason, Refusal, TokenOwner};

fn error(endpoint: Endpoint, status: u16, code: i64, message: &str) -> Error {
    let errors = vec![ApiError { code, message: message.to_owned(), ..ApiError::default() }];
    Error { endpoint, fault: Fault::Refused(Refusal { status, errors, ray: None }) }
}

fn account() -> TokenOwner {
    TokenOwner::Account("e0000000000000000000000000000001".to_owned())
}

fn id() -> String {
    "e0000000000000000000000000000f01".to_owned()
}

const USER: TokenOwner = TokenOwner::User;
const UNAUTHORIZED: &str = "Unauthorized to access requested resource";
const LOCKED: &str = "Max auth failures reached, please check your Authorization header.";
const CHECK: &str = "Failed common permission check against resources. (Permission group: \"DNS Write\")";
const NEST: &str =
    "Must specify a zone for account owned tokens, or nest zone under specific account resource";
const LIST: &str = "Actor 'com.cloudflare.api.token.0' requires permission 'com.cloudflare.api.account.zone.list' to list zones";
const ROUTE: &str = "Could not route to /client/v4/user/tokens/x, perhaps your object identifier is invalid?";

#[test]
fn each_known_refusal_has_its_reason() {
    use Endpoint::{
        Accounts, CreateToken, GetToken, ListTokens, PermissionGroups, RollToken, User, VerifyToken, Zones,
    };
    let rows = [
        (VerifyToken(USER), 401, 1000, "Invalid API Token", Reason::NoSuchSecret),
        (VerifyToken(account()), 403, 9109, "Invalid access token", Reason::NoSuchSecret),
        (ListTokens(USER), 401, 1000, "Invalid API Token", Reason::NotAToken),
        (GetToken(USER, id()), 404, 1003, "API token not found", Reason::NoSuchToken),
        (CreateToken(account()), 400, 1011, "Page Rules endpoint does not support …", Reason::NotForAccounts),
        (CreateToken(USER), 400, 400, "expires_on must be a valid date/time", Reason::Time),
        (CreateToken(USER), 400, 400, "name must have a length between 1 and 120", Reason::Name),
        (Zones, 403, 0, LIST, Reason::Lacks(Lacking::Zones)),
        (ListTokens(USER), 400, 6003, "Invalid request headers", Reason::MalformedBootstrap),
        (VerifyToken(USER), 400, 6003, "Invalid request headers", Reason::MalformedSecret),
        (GetToken(USER, id()), 404, 7003, ROUTE, Reason::MalformedId),
        (ListTokens(USER), 404, 7000, "No route for that URI", Reason::NoApi),
        (RollToken(USER, id()), 405, 10405, "Method not allowed", Reason::NoSuchRequest),
        (ListTokens(USER), 405, 7001, "Method not allowed", Reason::NoSuchRequest),
        (
            CreateToken(USER),
            405,
            10000,
            "POST method with API Tokens is not supported by this API",
            Reason::NotForThisCredential,
        ),
        (User, 403, 9103, "Unknown X-Auth-Key or X-Auth-Email", Reason::WrongKey),
        (User, 400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers", Reason::NoCredential),
        (ListTokens(USER), 403, 9109, "Invalid access token", Reason::DeadBootstrap),
        (User, 403, 9109, "Valid user-level authentication not found", Reason::OnlyForUsers),
        (ListTokens(USER), 403, 9109, UNAUTHORIZED, Reason::Lacks(Lacking::UserTokens)),
        (PermissionGroups(account()), 403, 9109, UNAUTHORIZED, Reason::Lacks(Lacking::AccountTokens)),
        (User, 403, 9109, UNAUTHORIZED, Reason::Lacks(Lacking::User)),
        (Accounts, 403, 10000, "Authentication error", Reason::Lacks(Lacking::Accounts)),
        (Zones, 403, 10000, "Authentication error", Reason::Lacks(Lacking::Zones)),
        (VerifyToken(USER), 403, 10000, "Authentication error", Reason::NotKnownYet),
        (
            ListTokens(USER),
            403,
            9109,
            "Cannot use the access token from location: 192.0.2.1",
            Reason::OutsideAddresses,
        ),
        (
            VerifyToken(USER),
            403,
            9109,
            "Cannot use the access token from location: 192.0.2.1",
            Reason::OutsideAddresses,
        ),
        (ListTokens(USER), 403, 9109, LOCKED, Reason::LockedOut),
        (ListTokens(USER), 429, 9109, LOCKED, Reason::LockedOut),
        (ListTokens(USER), 403, 10502, "Too many authentication failures", Reason::LockedOut),
        (CreateToken(USER), 403, 10001, "Unable to authenticate request", Reason::Lacks(Lacking::UserTokens)),
        (CreateToken(USER), 403, 10002, "Authorization Failure: x", Reason::Lacks(Lacking::UserTokens)),
        (CreateToken(USER), 403, 1068, "Permission denied", Reason::Lacks(Lacking::UserTokens)),
        (CreateToken(account()), 403, 10042, "enable R2 first", Reason::NoR2),
    ];
    have_reasons(rows);
}

#[test]
fn what_1001_means_is_told_by_its_words_alone() {
    use Endpoint::{Accounts, CreateToken, DeleteToken, UpdateToken, VerifyToken};
    have_reasons([
        (CreateToken(USER), 400, 1001, CHECK, Reason::MayNotGrant),
        (CreateToken(USER), 400, 1001, "Permission group not found: 0", Reason::NoSuchGroup),
        (
            CreateToken(USER),
            400,
            1001,
            "sub-token is not allowed to have permissions to manage other tokens",
            Reason::MayNotDelegate,
        ),
        (CreateToken(account()), 400, 1001, NEST, Reason::ZonesOfAllAccounts),
        (
            UpdateToken(account(), id()),
            400,
            1001,
            "\"x\" is not a supported resource type",
            Reason::ResourceKind,
        ),
        (
            CreateToken(USER),
            400,
            1001,
            "User tokens cannot reference roles with granular resource scopes",
            Reason::OnlyForAccounts,
        ),
        (
            CreateToken(USER),
            400,
            1001,
            "Reusing existing policies is not supported by token creation",
            Reason::PolicyIds,
        ),
        (
            Accounts,
            400,
            1001,
            "List accounts endpoint does not support account owned tokens.",
            Reason::AccountsNotListed,
        ),
        (VerifyToken(USER), 400, 1001, "Missing \"Authorization\" header", Reason::KeyNotVerified),
        (DeleteToken(USER, id()), 400, 1001, "Tokens managed by Cloudflare", Reason::ManagedByCloudflare),
    ]);
}

fn have_reasons(rows: impl IntoIterator<Item = (Endpoint, u16, i64, &'static str, Reason)>) {
    for (endpoint, status, code, message, reason) in rows {
        let error = error(endpoint, status, code, message);
        assert_eq!(error.reason(), Some(reason), "{error}");
    }
}

#[test]
fn what_is_not_known_is_not_explained() {
    for (status, code, message) in [
        (403, 9109, "Something new"),
        (403, 0, "Something new"),
        (403, 12345, "Something new"),
        (400, 1001, "Something new"),
        (400, 400, "Something new"),
    ] {
        let error = error(Endpoint::CreateToken(USER), status, code, message);
        assert_eq!(error.reason(), None, "{error}");
    }
    let lost = Error { endpoint: Endpoint::User, fault: Fault::Lost("reset".to_owned()) };
    assert_eq!(lost.reason(), None);
}

#[test]
fn what_lies_beneath_6003_tells_the_header() {
    for (beneath, reason) in
        [(6111, Reason::MalformedBootstrap), (6102, Reason::MalformedKey), (6103, Reason::MalformedKey)]
    {
        let mut error = error(Endpoint::User, 400, 6003, "Invalid request headers");
        if let Fault::Refused(refusal) = &mut error.fault {
            let cause =
                ApiError { code: beneath, message: "Invalid format".to_owned(), ..ApiError::default() };
            refusal.errors[0].error_chain.push(cause);
        }
        assert_eq!(error.reason(), Some(reason), "{beneath}");
        assert!(error.to_string().contains(&format!("6003, {beneath} Invalid format")), "{error}");
    }
}

#[test]
fn only_a_refusal_about_the_token_says_that_it_is_gone() {
    let at = |status, code, message| error(Endpoint::DeleteToken(USER, id()), status, code, message);
    for (refusal, gone) in [
        (at(404, 1003, "API token not found"), true),
        (at(400, 1003, "no such token"), true),
        (at(404, 7003, ROUTE), true),
        (at(404, 10007, "gone"), true),
        (at(404, 7000, "No route for that URI"), false),
        (at(403, 9109, "Valid user-level authentication not found"), false),
        (at(400, 1001, "Permission group not found"), false),
        (at(403, 9109, "Invalid access token"), false),
    ] {
        assert_eq!(refusal.is_gone(), gone, "{refusal}");
    }
}

#[test]
fn a_secret_that_is_dead_is_told_from_one_that_is_shut_out_or_locked_out() {
    let at = |status, code, message| error(Endpoint::VerifyToken(USER), status, code, message);
    let location = "Cannot use the access token from location: 192.0.2.1";
    for (refusal, expected) in [
        (at(401, 1000, "Invalid API Token"), [true, false, false]),
        (at(403, 9109, "Invalid access token"), [true, false, false]),
        (at(403, 9109, location), [false, true, false]),
        (at(403, 9109, LOCKED), [false, false, true]),
        (at(403, 10502, "Too many authentication failures"), [false, false, true]),
        (at(403, 9109, UNAUTHORIZED), [false, false, false]),
        (at(403, 10000, "Authentication error"), [false, false, false]),
    ] {
        let actual = [refusal.is_dead_secret(), refusal.is_shut_out(), refusal.is_lock_out()];
        assert_eq!(actual, expected, "{refusal}");
    }
}

#[test]
fn a_servers_words_are_shown_short_and_without_steering_the_terminal() {
    let mut error = error(Endpoint::User, 403, 10000, &format!("\u{1b}[2J{}", "x".repeat(100_000)));
    if let Fault::Refused(refusal) = &mut error.fault {
        refusal.ray = Some("e000\r\n".to_owned());
    }
    let said = error.to_string();
    assert!(said.starts_with("could not read the user: \\u001b[2Jxxx") && said.len() < 600, "{said}");
    assert!(!said.chars().any(char::is_control));
}
