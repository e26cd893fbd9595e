//! What the emulator answers for products that it does not have: who may ask, by the table of operations, and nothing else.

use cfmint::emulator::world::{
    ACCOUNT_BOOTSTRAP, ACCOUNT_ID, LEGACY_EMAIL, LEGACY_KEY, ZONE_COM_ID, ZONE_NET_ID,
};
use http::Request;
use serde_json::json;

use crate::fixture::{DNS_WRITE, Fixture, account_key, on_zone, policy, write, zone_key};

const DNS_READ: &str = "82e64a83756745bbbb1c9c2701bf816b";
const D1_READ: &str = "192192df92ee43ac90f2aeeffce67e35";
const WAF_WRITE: &str = "fb6778dc191143babbfaa57993f1d275";
const CACHE_WRITE: &str = "9ff81cbbe65c400b97d92c3c1033cab6";
const R2_WRITE: &str = "bf7481a1826f439697cb59a20b22293e";

#[tokio::test]
async fn a_product_answers_those_who_hold_one_of_its_groups_there() {
    let fixture = Fixture::new();
    let reads_one_zone = write(&json!([policy(&json!({ zone_key(ZONE_COM_ID): "*" }), &[DNS_READ])]));
    let (_, reader) = fixture.create(&reads_one_zone).await;
    let (_, editor) = fixture.create(&write(&json!([on_zone()]))).await;
    let databases = write(&json!([policy(&json!({ account_key(ACCOUNT_ID): "*" }), &[D1_READ, R2_WRITE])]));
    let (_, databases) = fixture.create(&databases).await;

    let com = format!("/zones/{ZONE_COM_ID}/dns_records");
    let net = format!("/zones/{ZONE_NET_ID}/dns_records");
    let d1 = format!("/accounts/{ACCOUNT_ID}/d1/database");
    let buckets = format!("/accounts/{ACCOUNT_ID}/r2/buckets");
    let wrong_id = format!("/zones/{ACCOUNT_ID}/dns_records");
    let rows = [
        (&reader, "GET", &com, 200, "an editor's group is not needed to read"),
        (&reader, "POST", &com, 403, "reading does not write"),
        (&reader, "GET", &net, 403, "another zone"),
        (&editor, "GET", &com, 200, "who edits reads"),
        (&editor, "POST", &com, 200, "who edits writes"),
        (&editor, "GET", &wrong_id, 403, "an account's id in the place of a zone's"),
        (&databases, "GET", &d1, 200, "an account's group"),
        (&databases, "POST", &d1, 403, "reading does not write"),
        (&databases, "POST", &buckets, 200, "another product of the same token"),
        (&databases, "GET", &com, 403, "an account's token on a zone"),
    ];
    for (secret, method, path, status, why) in rows {
        let heard = fixture.ask(secret, method, path, "{}").await;
        assert_eq!(heard.status, status, "{method} {path}: {why}\n{}", heard.text);
        if status == 403 {
            assert_eq!(heard.error(), (403, 10000, "Authentication error".to_owned()), "{path}: {why}");
        }
    }
}

#[tokio::test]
async fn rules_take_the_group_of_their_phase_where_the_path_names_it() {
    let fixture = Fixture::new();
    let on_zone = |group| write(&json!([policy(&json!({ zone_key(ZONE_COM_ID): "*" }), &[group])]));
    let (_, waf) = fixture.create(&on_zone(WAF_WRITE)).await;
    let (_, cache) = fixture.create(&on_zone(CACHE_WRITE)).await;
    let rulesets = format!("/zones/{ZONE_COM_ID}/rulesets");
    let entrypoint = |phase: &str| format!("{rulesets}/phases/{phase}/entrypoint");
    for (path, waf_status, cache_status) in [
        (entrypoint("http_request_firewall_custom"), 200, 403),
        (entrypoint("http_request_cache_settings"), 403, 200),
        (format!("{rulesets}/{DNS_WRITE}"), 200, 200),
    ] {
        assert_eq!(fixture.ask(&waf, "PUT", &path, "{}").await.status, waf_status, "{path}");
        assert_eq!(fixture.ask(&cache, "PUT", &path, "{}").await.status, cache_status, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_documented_asks_for_the_groups_of_its_family() {
    let fixture = Fixture::new();
    let (_, buckets) =
        fixture.create(&write(&json!([policy(&json!({ account_key(ACCOUNT_ID): "*" }), &[R2_WRITE])]))).await;
    let cors = format!("/accounts/{ACCOUNT_ID}/r2/buckets/assets/cors");
    let service = format!("/accounts/{ACCOUNT_ID}/workers/services/shop/environments/production");
    assert_eq!(fixture.ask(&buckets, "PUT", &cors, "{}").await.status, 200);
    assert_eq!(fixture.get(&buckets, &service).await.status, 403);
}

#[tokio::test]
async fn a_list_is_empty_and_a_single_thing_has_nothing() {
    let fixture = Fixture::new();
    let (_, editor) = fixture.create(&write(&json!([on_zone()]))).await;
    let records = format!("/zones/{ZONE_COM_ID}/dns_records");
    let listed = fixture.get(&editor, &records).await;
    assert_eq!((listed.result(), &listed.json()["result_info"]["total_count"]), (json!([]), &json!(0)));
    assert_eq!(fixture.ask(&editor, "POST", &records, "{}").await.result(), json!({}));
    assert_eq!(fixture.get(&editor, &records).await.result(), json!([]), "what was written changed nothing");
    assert_eq!(fixture.get(&editor, &format!("{records}/{DNS_WRITE}")).await.result(), json!({}));
}

#[tokio::test]
async fn a_refusal_names_the_page_of_the_operation() {
    let fixture = Fixture::new();
    let account = format!("/accounts/{ACCOUNT_ID}");
    let one_zone = format!("/zones/{ZONE_COM_ID}");
    let rows = [
        ("GET", format!("{account}/r2/buckets"), "r2/subresources/buckets/methods/list"),
        ("POST", format!("{account}/r2/buckets"), "r2/subresources/buckets/methods/create"),
        ("GET", format!("{one_zone}/workers/routes"), "workers/subresources/routes/methods/list"),
        (
            "DELETE",
            format!("{one_zone}/workers/routes/{DNS_WRITE}"),
            "workers/subresources/routes/methods/delete",
        ),
        ("PATCH", format!("{one_zone}/dns_records/{DNS_WRITE}"), "dns_records/methods/edit"),
        ("POST", "/zones".to_owned(), "zones/methods/create"),
    ];
    for (method, path, page) in rows {
        let heard = fixture.ask(ACCOUNT_BOOTSTRAP, method, &path, "").await;
        let address = format!("https://developers.cloudflare.com/api/resources/{page}/");
        assert_eq!(
            (heard.status, &heard.json()["errors"][0]["documentation_url"]),
            (403, &json!(address)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_key_may_do_everything_and_an_id_must_be_one() {
    let fixture = Fixture::new();
    let request = || Request::builder().header("x-auth-email", LEGACY_EMAIL).header("x-auth-key", LEGACY_KEY);
    let path = format!("/client/v4/zones/{ZONE_COM_ID}/workers/routes");
    let heard = fixture.send(request().uri(path).body(axum::body::Body::empty())).await;
    assert_eq!(heard.result(), json!([]));
    let heard = fixture.get(ACCOUNT_BOOTSTRAP, "/zones/example.com/dns_records").await;
    assert_eq!((heard.status, heard.error().1), (404, 7003));
    let heard = fixture.ask(ACCOUNT_BOOTSTRAP, "PATCH", "/user", "{}").await;
    let no_user = (403, 9109, "Valid user-level authentication not found".to_owned());
    assert_eq!(heard.error(), no_user, "an account's token is nobody's user");
}
