//! What hands change is planned, corrected by a full replacement that loses nothing, and then no difference.

use std::collections::BTreeSet;

use cfmint::cloudflare::wire::{ApiPolicy, Condition, GroupReference, IpCondition, ResourceValue, Token};
use cfmint::emulator::Order;
use chrono::TimeDelta;
use serde_json::json;

use crate::profiles::{DNS_WRITE, SHOP, dns_with};
use crate::support::Scene;

const ZONE_READ: &str = "c8fed203ed3043cba015a93ad1616f1f";
const CACHE_PURGE: &str = "e17beae8b8cb423a99b1730f21238bed";

/// What another hand does to a token.
type Hand<'a> = &'a dyn Fn(&mut Token);

fn reference(id: &str) -> GroupReference {
    GroupReference { id: id.to_owned(), name: None }
}

fn of_dns(token: &mut Token) -> &mut ApiPolicy {
    let holds = |policy: &&mut ApiPolicy| policy.permission_groups.iter().any(|group| group.id == DNS_WRITE);
    token.policies.iter_mut().find(holds).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_by_hand_is_planned_corrected_once_and_then_no_difference() {
    let rule = |allow: &str| {
        let rule = IpCondition { allow: vec![allow.to_owned()], deny: vec![] };
        Some(Condition { request_ip: Some(rule), ..Condition::default() })
    };
    let cases: [(&str, Hand); 6] = [
        ("- Zone Read on zone example.com", &|token| {
            of_dns(token).permission_groups.push(reference(ZONE_READ));
        }),
        ("+ DNS Write on zone example.com", &|token| {
            of_dns(token).permission_groups = vec![reference(ZONE_READ)];
        }),
        ("~ may be used from 127.0.0.0/8 (now: 192.0.2.0/24)", &|token| {
            token.condition = rule("192.0.2.0/24");
        }),
        ("~ may be used from 127.0.0.0/8", &|token| token.condition = None),
        ("(now: never)", &|token| token.expires_on = None),
        ("~ active (now: disabled)", &|token| token.status = "disabled".to_owned()),
    ];
    for (words, change) in cases {
        let scene = Scene::new();
        scene.world.put("dns.yaml", dns_with("ip: { allow: [127.0.0.0/8] }"));
        scene.given("apply dns.yaml").await;
        let made = scene.only_token();
        scene.meddle(change);

        scene
            .run("plan dns.yaml --exit-code")
            .await
            .ends_with(3)
            .says(&["update: the live token differs", words]);
        assert_eq!(scene.writes(), [""; 0], "a plan writes nothing");
        scene.run("apply dns.yaml").await.ends_with(0).says(&["Updated", &words.replace("(now:", "(was:")]);
        assert_eq!(scene.writes(), ["PUT /user/tokens/ID"], "{words}");
        scene.run("plan dns.yaml --exit-code").await.ends_with(0).says(&["unchanged"]);

        let corrected = scene.only_token();
        let gist = |token: &Token| {
            let groups: BTreeSet<String> = token
                .policies
                .iter()
                .flat_map(|policy| &policy.permission_groups)
                .map(|group| group.id.clone())
                .collect();
            (token.id.clone(), token.name.clone(), token.status.clone(), token.condition.clone(), groups)
        };
        assert_eq!(gist(&corrected), gist(&made), "{words}");
        assert_eq!(corrected.expires_on, made.expires_on, "{words}");
        assert_eq!(scene.live()[0].held_by, [".env"], "the secret is the same");
    }
}

#[tokio::test(start_paused = true)]
async fn a_correction_keeps_what_the_profile_does_not_mention() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;
    let before = scene.only_token();
    let start = before.issued_on.unwrap() - TimeDelta::days(1);
    scene.meddle(|token| {
        let resources = of_dns(token).resources.clone();
        token.policies.push(ApiPolicy {
            id: Some("e0000000000000000000000000000d01".to_owned()),
            effect: "deny".to_owned(),
            resources,
            permission_groups: vec![reference(CACHE_PURGE)],
            other: [("purpose".to_owned(), json!("no purges, ever"))].into_iter().collect(),
        });
        let rule =
            IpCondition { allow: vec!["127.0.0.0/8".to_owned()], deny: vec!["127.9.9.9/32".to_owned()] };
        let other = [("request_country".to_owned(), json!({ "in": ["DE"] }))].into_iter().collect();
        token.condition = Some(Condition { request_ip: Some(rule), other });
        token.not_before = Some(start);
        token.expires_on = token.expires_on.map(|end| end - TimeDelta::days(60));
        of_dns(token).permission_groups = vec![reference(ZONE_READ)];
    });
    let meddled = scene.only_token();

    scene
        .run("apply shop.yaml")
        .await
        .ends_with(0)
        .says(&["keeps the IP rule 127.0.0.0/8", "keeps 2 deny policies"]);
    let corrected = scene.only_token();
    assert_eq!(scene.writes(), ["PUT /user/tokens/ID"]);
    assert_eq!(corrected.condition, meddled.condition);
    assert_eq!(corrected.not_before, Some(start));
    assert_eq!(corrected.expires_on, meddled.expires_on, "a nearer end is just age");
    let denied: Vec<&ApiPolicy> =
        corrected.policies.iter().filter(|policy| policy.effect == "deny").collect();
    assert_eq!(denied.len(), 1);
    assert_eq!(denied[0].permission_groups[0].id, CACHE_PURGE);
    assert_eq!(denied[0].other["purpose"], "no purges, ever", "fields that are not known yet are kept too");
    assert_eq!(denied[0].resources.len(), 2);
    scene.run("plan shop.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn policies_that_come_back_in_another_shape_are_no_difference() {
    let scene = Scene::new();
    scene.emulator.switch(|switches| switches.order = Order::Kept);
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;
    scene.emulator.switch(|switches| switches.order = Order::Shuffled);
    scene.run("plan shop.yaml --exit-code").await.ends_with(0);

    scene.meddle(|token| {
        // One policy per zone and group, as a form in a browser makes them.
        let whole = std::mem::take(&mut token.policies);
        for policy in &whole {
            for (key, value) in &policy.resources {
                for group in &policy.permission_groups {
                    let resources = [(key.clone(), ResourceValue::clone(value))].into();
                    let permission_groups = vec![GroupReference { name: None, ..group.clone() }];
                    token.policies.push(ApiPolicy { resources, permission_groups, ..policy.clone() });
                }
            }
        }
        assert_eq!(token.policies.len(), 4);
    });
    scene.run("plan shop.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn a_token_renamed_by_hand_is_not_taken_for_ours() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;
    scene.meddle(|token| token.name = "shop-deploy".to_owned());
    scene.run("apply shop.yaml").await.ends_with(1).says(&["custody.foreign-token", "`shop-deploy`"]);
    assert_eq!(scene.writes(), [""; 0]);
    let id = scene.only_token().id;
    scene.run("revoke shop.yaml --yes").await.ends_with(1).says(&[&format!("cfmint revoke --id {id}")]);
    assert_eq!(scene.writes(), [""; 0]);
    scene.run(&format!("revoke --id {id} --yes")).await.ends_with(0);
    scene.run("revoke shop.yaml --yes").await.ends_with(0).says(&["no live token has this name"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_added_by_hand_after_the_list_was_read_stops_the_run_and_is_not_lost() {
    for (command, writes) in [("apply shop.yaml", 0), ("rotate shop.yaml", 1), ("roll shop.yaml", 2)] {
        let scene = Scene::new();
        scene.world.put("shop.yaml", SHOP);
        scene.given("apply shop.yaml").await;
        scene.meddle(|token| of_dns(token).permission_groups.push(reference(ZONE_READ)));
        let (emulator, id) = (scene.emulator.clone(), scene.only_token().id);
        let first = id.clone();
        scene.world.hook("remove .env.cfmint-", move || {
            let changed = emulator.change_token(&id, |token| {
                let rule = IpCondition { allow: vec!["127.0.0.0/8".to_owned()], deny: vec![] };
                token.condition = Some(Condition { request_ip: Some(rule), ..Condition::default() });
            });
            assert!(changed);
            Ok(())
        });
        let rule = || scene.tokens().into_iter().find(|token| token.id == first).unwrap().condition;
        scene.run(command).await.ends_with(1).says(&["custody.conflict", "was changed"]);
        assert_eq!(scene.writes().len(), writes, "{command}: {:?}", scene.writes());
        assert!(rule().is_some(), "{command}");
        scene.world.unhook();
        scene.run(command).await.ends_with(0);
        assert!(rule().is_some(), "{command}");
        let live = scene.live().into_iter().find(|token| token.held_by == [".env"]).unwrap();
        let held = scene.tokens().into_iter().find(|token| token.id == live.id).unwrap();
        assert!(held.condition.is_some(), "{command}: a successor takes it over");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_works_no_more_is_replaced_with_the_reason_in_words() {
    let exposed: Hand = &|token| token.status = "revoked (exposed)".to_owned();
    let expired: Hand = &|token| token.expires_on = token.issued_on;
    for (words, change) in
        [("no longer works: Cloudflare says `revoked (exposed)`", exposed), ("expired 20", expired)]
    {
        let scene = Scene::new();
        scene.world.put("shop.yaml", SHOP);
        scene.given("apply shop.yaml").await;
        let before = scene.only_token();
        scene.meddle(change);
        tokio::time::advance(std::time::Duration::from_secs(3600)).await;
        let last = format!("the last one, {}, {words}", before.name);
        scene.run("plan shop.yaml --exit-code").await.ends_with(3).says(&["create:", &last]);
        scene.run("apply shop.yaml").await.ends_with(0).says(&["Created", &last]);
        assert!(scene.live().iter().any(|token| token.id != before.id && token.held_by == [".env"]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_deleted_by_hand_is_made_again_over_its_dead_secret() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;
    assert!(scene.emulator.remove_token(&scene.only_token().id));
    tokio::time::advance(std::time::Duration::from_secs(3600)).await;
    let dead = "the old value of CLOUDFLARE_API_TOKEN in .env belongs to no live token; it was replaced";
    scene.run("apply shop.yaml").await.ends_with(0).says(&["Created", dead]);
    assert_eq!(scene.live()[0].held_by, [".env"]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_lost_its_variable_is_somebody_elses_secret_until_a_rotation() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;
    scene.world.put(".env", "PORT=8080\n");
    scene.run("apply shop.yaml").await.ends_with(1).says(&[
        "custody.not-held",
        "cfmint roll shop.yaml",
        "cfmint rotate shop.yaml",
    ]);
    assert_eq!(scene.writes(), [""; 0]);
    scene.run("rotate shop.yaml").await.ends_with(0);
    assert!(scene.world.text(".env").starts_with("PORT=8080\nCLOUDFLARE_API_TOKEN="));
}
