//! What holds for any answer of the API, or of what stands in its place.

use std::sync::Arc;

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{
    Answer, ApiBase, Client, Credential, Error, Request, Sending, TokenOwner, Transport,
};
use cfmint::secret::Secret;
use serde_json::Value;
use zeroize::Zeroizing;

/// Statuses that mean something to the client. A line feed, the last byte of most files, chooses the first.
const STATUSES: [u16; 10] = [200, 201, 302, 400, 401, 403, 404, 408, 429, 502];

/// A transport on which every request gets the same answer.
struct Echo {
    status: u16,
    body: Vec<u8>,
}

impl Transport for Echo {
    fn send(&self, _: Request) -> Sending<'_> {
        let mut answer = Answer::new(Zeroizing::new(self.body.clone()));
        *answer.status_mut() = self.status.try_into().expect("it is a status");
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// Takes the last byte for the status and the others for the body.
pub(crate) fn hold(bytes: &[u8]) {
    if let Some((last, body)) = bytes.split_last() {
        answered(STATUSES[usize::from(*last) % STATUSES.len()], body);
    }
}

/// Asks for everything that opens an envelope in its own way.
pub(crate) fn answered(status: u16, body: &[u8]) {
    let transport = Arc::new(Echo { status, body: body.to_vec() });
    let credential = Credential::Token(Secret::new("a-fake-bootstrap".to_owned()));
    let client = Client::new(transport, ApiBase::emulator(), credential);
    let write = TokenWrite {
        name: "shop".to_owned(),
        policies: Vec::new(),
        condition: None,
        not_before: None,
        expires_on: None,
        status: None,
    };
    // Waiting takes no time.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let owner = &TokenOwner::User;
        let list = client.tokens(owner).await;
        for row in list.iter().flat_map(|list| &list.unreadable) {
            assert!(
                !shows_secret_of(body, &format!("{} {:?}", row.reason, row.reason)),
                "a reason shows a secret"
            );
        }
        claim(body, list);
        let made = client.create_token(owner, &write).await.map(|new| new.value);
        let rolled = client.roll_token(owner, "e1").await;
        for secret in [&made, &rolled].into_iter().flatten() {
            assert!(!secret.is_blank(), "a secret that is none");
        }
        claim(body, made);
        claim(body, rolled);
        claim(body, client.verify(owner).await);
    });
}

/// A yes is Cloudflare's own, and a no does not give away what came with it.
fn claim<T>(body: &[u8], outcome: Result<T, Error>) {
    match outcome {
        Ok(_) => {
            // What holds a number beyond 64 bits or a surrogate is JSON that this reader does not know.
            let json: Option<Value> = serde_json::from_slice(body).ok();
            assert!(json.is_none_or(|json| json["success"] == true), "a yes that nobody said");
        }
        Err(error) => {
            assert!(!shows_secret_of(body, &format!("{error} {error:?}")), "a secret is shown");
        }
    }
}

/// Whether a text shows a secret of a body's.
fn shows_secret_of(body: &[u8], shown: &str) -> bool {
    secrets(body).iter().any(|secret| shown.contains(secret))
}

/// Whatever in a body has the form of a token.
fn secrets(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let words = text.split(|sign: char| !(sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-')));
    let is_secret =
        |word: &&str| word.len() > 8 && ["cfut_", "cfat_", "cfk_"].iter().any(|kind| word.starts_with(kind));
    words.filter(is_secret).map(str::to_owned).collect()
}
