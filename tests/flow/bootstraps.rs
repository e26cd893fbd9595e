//! What the bootstrap may see decides what a profile must say.

use cfmint::emulator::Verdict;
use cfmint::emulator::world::{ACCOUNT_BOOTSTRAP, ACCOUNT_ID, NARROW_BOOTSTRAP, USER_ID, ZONE_COM_ID};

use crate::profiles::{DNS, SHOP, dns_but, dns_with};
use crate::support::{Scene, TestWorld};

fn with_bootstrap(secret: &str) -> Scene {
    Scene::on(TestWorld::new().with_variable("CLOUDFLARE_BOOTSTRAP_TOKEN", secret), |_| {})
}

#[tokio::test(start_paused = true)]
async fn a_narrow_bootstrap_is_told_to_write_ids_or_which_permission_to_add() {
    let scene = with_bootstrap(NARROW_BOOTSTRAP);
    scene.world.put("shop.yaml", SHOP);
    scene.run("apply shop.yaml").await.ends_with(2).says(&[
        "the bootstrap sees no accounts, so `Emulator Account` cannot be looked up",
        "write the account's 32-digit id",
        "`Account Settings: Read`",
        "the bootstrap sees no zone called `example.com`",
        "the bootstrap sees no zone called `example.net`",
        "write the zone's 32-digit id",
        "`Zone: Read`",
    ]);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_narrow_bootstrap_works_with_ids_and_asks_for_no_names() {
    let scene = with_bootstrap(NARROW_BOOTSTRAP);
    scene.world.put("dns.yaml", dns_but("[example.com]", &format!("[{ZONE_COM_ID}]")));
    scene.run("apply dns.yaml").await.ends_with(0);
    assert_eq!(scene.live()[0].held_by, [".env"]);
    assert!(!scene.story().iter().any(|effect| effect.starts_with("GET /zones")));
}

#[tokio::test(start_paused = true)]
async fn a_narrow_bootstrap_learns_its_user_from_its_own_entry_in_the_list() {
    let scene = with_bootstrap(NARROW_BOOTSTRAP);
    let profile = dns_but("zone: { DNS: edit }", "user: { Memberships: read }");
    scene.world.put("user.yaml", profile.replace("resources: { zones: [example.com] }\n", ""));
    scene.run("apply user.yaml").await.ends_with(0);
    let policies = scene.only_token().policies;
    assert_eq!(policies.len(), 1);
    assert!(
        policies[0].resources.contains_key(&format!("com.cloudflare.api.user.{USER_ID}")),
        "{policies:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_accounts_own_bootstrap_makes_its_tokens_by_the_accounts_id_although_it_may_not_list_accounts() {
    let scene = with_bootstrap(ACCOUNT_BOOTSTRAP);
    scene.emulator.switch(|switches| switches.accounts_for_account_tokens = Verdict::Refused);
    let profile = dns_but("[example.com]", "all");
    scene.world.put("named.yaml", format!("{profile}owner: {{ account: Emulator Account }}\n"));
    scene
        .run("apply named.yaml")
        .await
        .ends_with(2)
        .says(&["the bootstrap sees no accounts", "write the account's 32-digit id"]);

    scene.world.forget_effects();
    scene.world.put("account.yaml", format!("{profile}owner: {{ account: {ACCOUNT_ID} }}\n"));
    let ran = scene.run("apply account.yaml --json").await.ends_with(0);
    assert_eq!(ran.json()["results"][0]["token"]["owner"]["account"], ACCOUNT_ID);
    assert_eq!(scene.live()[0].held_by, [".env"]);
    let requests: Vec<String> =
        scene.story().into_iter().filter(|effect| effect.contains(" /accounts")).collect();
    let expected = [
        "GET /accounts/ID/tokens",
        "GET /accounts/ID/tokens/permission_groups",
        "POST /accounts/ID/tokens",
        "GET /accounts/ID/tokens/verify",
        "GET /accounts/ID/tokens",
        "PUT /accounts/ID/tokens/ID",
    ];
    assert_eq!(requests, expected);

    scene.world.forget_effects();
    scene.run("roll account.yaml").await.ends_with(0);
    scene.run("apply account.yaml").await.ends_with(0).says(&["Unchanged"]);
    let stand_in = ["POST /accounts/ID/tokens", "DELETE /accounts/ID/tokens/ID"];
    assert_eq!(scene.writes(), [stand_in[0], "PUT /accounts/ID/tokens/ID/value", stand_in[1]]);
    scene.run("revoke account.yaml --yes").await.ends_with(0);
    assert_eq!(scene.tokens().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_accounts_own_bootstrap_cannot_make_a_users_token_and_nothing_is_asked() {
    let scene = with_bootstrap(ACCOUNT_BOOTSTRAP);
    scene.world.put("dns.yaml", DNS);
    scene
        .run("apply dns.yaml")
        .await
        .ends_with(1)
        .says(&["bootstrap.account-owned", "owner: { account: NAME }"]);
    assert!(!scene.story().iter().any(|effect| effect.starts_with("GET ")), "{:?}", scene.story());
}

#[tokio::test(start_paused = true)]
async fn the_wide_bootstrap_makes_an_accounts_token_by_the_accounts_name() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_with("owner: { account: emulator account }"));
    scene.run("apply dns.yaml").await.ends_with(0);
    let secret = scene.value(".env", "CLOUDFLARE_API_TOKEN").unwrap();
    assert!(secret.starts_with("cfat_EMULATOR"));
}
