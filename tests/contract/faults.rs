//! Requests that go wrong on purpose, and answers that come late.

use std::time::Duration;

use cfmint::emulator::world::BOOTSTRAP;
use cfmint::emulator::{FaultAnswer, InjectedFault, LoggedRequest, Work};
use http::{Method, StatusCode};
use serde_json::json;
use tokio::time::timeout;

use crate::fixture::{Fixture, on_zone, write};

fn is_create(request: &LoggedRequest) -> bool {
    request.method == Method::POST
}

#[tokio::test]
async fn a_lost_answer_may_or_may_not_have_done_its_work() {
    let fixture = Fixture::new();
    let body = write(&json!([on_zone()])).to_string();
    let bad_gateway = || FaultAnswer::Page(StatusCode::BAD_GATEWAY);
    for (work, made) in [(Work::NotDone, 0), (Work::Done, 1)] {
        fixture.emulator.fail_next(is_create, InjectedFault { work, answer: bad_gateway() });
        assert_eq!(
            fixture.get(BOOTSTRAP, "/user").await.status,
            200,
            "it waits for the request it is meant for"
        );
        let heard = fixture.ask(BOOTSTRAP, "POST", "/user/tokens", &body).await;
        assert_eq!((heard.status, heard.header("content-type")), (502, "text/html"));
        assert_eq!(fixture.emulator.tokens().len(), 3 + made);
    }
    assert_eq!(
        fixture.ask(BOOTSTRAP, "POST", "/user/tokens", &body).await.status,
        200,
        "each fault happens once"
    );
}

#[tokio::test]
async fn an_answer_can_break_off_or_be_a_refusal() {
    let fixture = Fixture::new();
    fixture.emulator.fail_next(|_| true, InjectedFault { work: Work::Done, answer: FaultAnswer::Half });
    let half = fixture.get(BOOTSTRAP, "/user").await;
    assert_eq!(half.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&half.text).is_err());

    let busy = FaultAnswer::Error {
        status: StatusCode::TOO_MANY_REQUESTS,
        code: 971,
        message: "Please wait".to_owned(),
        retry_after: Some(7),
    };
    fixture.emulator.fail_next(|_| true, InjectedFault { work: Work::NotDone, answer: busy });
    let heard = fixture.get(BOOTSTRAP, "/user").await;
    assert_eq!(heard.error(), (429, 971, "Please wait".to_owned()));
    assert_eq!(heard.header("retry-after"), "7");
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_has_met_the_worst_case() {
    let fixture = Fixture::with(|settings| settings.latency = Duration::from_secs(30));
    let body = write(&json!([on_zone()])).to_string();
    let asked = fixture.ask(BOOTSTRAP, "POST", "/user/tokens", &body);
    assert!(timeout(Duration::from_secs(10), asked).await.is_err());
    assert_eq!(fixture.emulator.tokens().len(), 4);

    fixture.emulator.fail_next(|_| true, InjectedFault { work: Work::NotDone, answer: FaultAnswer::Silence });
    assert!(timeout(Duration::from_secs(3600), fixture.get(BOOTSTRAP, "/user")).await.is_err());
    assert_eq!(fixture.get(BOOTSTRAP, "/user").await.status, 200);
}
