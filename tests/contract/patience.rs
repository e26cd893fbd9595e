//! When the client sends again and when it never does. Time is paused, so waiting takes none.

use std::time::Duration;

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{Certainty, Client, Error, Fault, TokenOwner};
use cfmint::emulator::world::BOOTSTRAP;
use cfmint::emulator::{self, FaultAnswer, Work};
use http::StatusCode;
use serde_json::json;
use tokio::time::Instant;

use crate::fixture::{Fixture, on_zone, write};
use crate::transport::{ScriptedTransport, Turn, refused, reset};

fn token_write() -> TokenWrite {
    serde_json::from_value(write(&json!([on_zone()]))).unwrap()
}

fn busy(headers: &'static [(&'static str, &'static str)]) -> Turn {
    Turn::Answers(429, headers, "slow down".to_owned())
}

/// Creates with these turns; returns the outcome, how often it was sent, and how long it took.
async fn create(turns: Vec<Turn>) -> (Result<(), Error>, usize, Duration) {
    let fixture = Fixture::new();
    let transport = ScriptedTransport::to(&fixture.emulator).with(turns);
    let start = Instant::now();
    let outcome = transport.client(BOOTSTRAP).create_token(&TokenOwner::User, &token_write()).await;
    (outcome.map(drop), transport.lines().len(), start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_never_arrived_is_sent_again() {
    let (outcome, sent, _) = create(vec![refused(), refused(), refused()]).await;
    assert_eq!((outcome, sent), (Ok(()), 4));

    let (outcome, sent, _) = create((0..9).map(|_| refused()).collect()).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.certainty(), sent), (Certainty::NoEffect, 5));
    assert!(matches!(error.fault, Fault::NotSent(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_rate_limit_is_waited_out_for_as_long_as_it_says() {
    let (outcome, sent, waited) = create(vec![busy(&[("retry-after", "7")])]).await;
    assert_eq!((outcome, sent, waited.as_secs()), (Ok(()), 2, 7));

    let (outcome, sent, waited) = create(vec![busy(&[("retry-after", "301")])]).await;
    assert_eq!((outcome.unwrap_err().fault, sent, waited.as_secs()), (Fault::RateLimited, 1, 0));

    for header in
        [("retry-after", "Thu, 01 May 2031 12:00:00 GMT"), ("retry-after", "-1"), ("server", "none")]
    {
        let headers: &'static [_] = Box::leak(Box::new([header]));
        let (outcome, sent, _) = create(vec![busy(headers)]).await;
        assert_eq!((outcome, sent), (Ok(()), 2), "{header:?}");
    }
}

/// Answers that leave the fate of a request open.
fn unknown_fates() -> Vec<Turn> {
    let time_out = r#"{"success":false,"errors":[{"code":1000,"message":"Request timeout"}]}"#;
    let half = r#"{"success":true,"result":{"value":"cfut_EMULATOR-half-a-secret"#;
    vec![
        reset(),
        Turn::Answers(502, &[], "<html>bad gateway</html>".to_owned()),
        Turn::Answers(500, &[], r#"{"success":false,"errors":[{"code":10001,"message":"x"}]}"#.to_owned()),
        Turn::Answers(408, &[], time_out.to_owned()),
        Turn::Answers(400, &[], time_out.to_owned()),
        Turn::Answers(200, &[], half.to_owned()),
        Turn::Answers(200, &[], "<html>a proxy's page</html>".to_owned()),
        Turn::Answers(302, &[("location", "https://elsewhere.example/")], String::new()),
        Turn::Answers(403, &[], "<html>blocked</html>".to_owned()),
    ]
}

/// Makes one request with this turn; returns its error, if it has one, and how often it was sent.
async fn once(turn: Turn, ask: impl AsyncFn(Client) -> Result<(), Error>) -> (Option<Error>, usize) {
    let fixture = Fixture::new();
    let transport = ScriptedTransport::to(&fixture.emulator).with([turn]);
    let outcome = ask(transport.client(BOOTSTRAP)).await;
    (outcome.err(), transport.lines().len())
}

const ID: &str = "e0000000000000000000000000000b01";

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_never_sent_again() {
    for number in 0..unknown_fates().len() {
        let turn = || unknown_fates().swap_remove(number);
        let user = &TokenOwner::User;
        let outcomes = [
            once(turn(), async |client| client.create_token(user, &token_write()).await.map(drop)).await,
            once(turn(), async |client| client.update_token(user, ID, &token_write()).await.map(drop)).await,
            once(turn(), async |client| client.roll_token(user, ID).await.map(drop)).await,
            once(turn(), async |client| client.delete_token(user, ID).await).await,
        ];
        for (error, sent) in outcomes {
            let error = error.unwrap();
            assert_eq!((error.certainty(), sent), (Certainty::Unknown, 1), "{error}");
            assert!(!format!("{error} {error:?}").contains("half-a-secret"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_whose_answer_is_lost_is_taken_again() {
    for turn in unknown_fates() {
        assert_eq!(once(turn, async |client| client.user().await.map(drop)).await, (None, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final() {
    let lock_out = r#"{"success":false,"errors":[{"code":9109,"message":"Max auth failures reached, please check your Authorization header."}]}"#;
    for status in [403, 429] {
        let turn = Turn::Answers(status, &[("retry-after", "1")], lock_out.to_owned());
        let (error, sent) = once(turn, async |client| client.user().await.map(drop)).await;
        let error = error.unwrap();
        assert!(error.is_lock_out() && error.certainty() == Certainty::NoEffect, "{error}");
        assert_eq!(sent, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_after_half_a_minute() {
    let fixture = Fixture::new();
    fixture
        .emulator
        .fail_next(|_| true, emulator::InjectedFault { work: Work::Done, answer: FaultAnswer::Silence });
    let transport = ScriptedTransport::to(&fixture.emulator);
    let start = Instant::now();
    let outcome = transport.client(BOOTSTRAP).create_token(&TokenOwner::User, &token_write()).await;
    assert_eq!(outcome.err().map(|error| error.certainty()), Some(Certainty::Unknown));
    assert_eq!(
        (start.elapsed().as_secs(), transport.lines().len(), fixture.emulator.tokens().len()),
        (30, 1, 4)
    );
}

#[tokio::test(start_paused = true)]
async fn the_emulators_own_limit_is_waited_out() {
    let fixture = Fixture::new();
    let answer = FaultAnswer::Error {
        status: StatusCode::OK,
        code: 971,
        message: "Please wait".to_owned(),
        retry_after: Some(2),
    };
    fixture.emulator.fail_next(|_| true, emulator::InjectedFault { work: Work::NotDone, answer });
    let transport = ScriptedTransport::to(&fixture.emulator);
    transport.client(BOOTSTRAP).create_token(&TokenOwner::User, &token_write()).await.unwrap();
    assert_eq!(transport.lines(), ["POST /user/tokens", "POST /user/tokens"]);
}
