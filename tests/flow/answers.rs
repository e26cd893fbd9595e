//! Answers that are strange: rows that cannot be read, secrets that are empty, lists that are cut off, ends that are not
//! set, dates that are wrong. Nothing is done that rests on them.

use std::time::Duration;

use cfmint::emulator::DateHeader;
use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use crate::faults::{applied, holder};
use crate::keeping::others;
use crate::profiles::{DNS, dns_with};
use crate::support::{Mishap, Scene, Seen};

/// What is done to a row of a list.
type Spoil = fn(&mut Value);

#[tokio::test(start_paused = true)]
async fn a_new_end_is_asked_for_until_cloudflare_confirms_it() {
    let profile = dns_with("rotation: { strategy: roll, every: 1d }");
    for mishap in [Mishap::before(Seen::Lost), Mishap::after(Seen::Lost), Mishap::before(Seen::Silence)] {
        let scene = applied(&profile).await;
        tokio::time::advance(Duration::from_secs(2 * 86_400)).await;
        let before = scene.only_token().expires_on.unwrap();
        scene.transport.fail("PUT", mishap);
        scene.run("rotate dns.yaml").await.ends_with(0).says(&["Rotated"]);
        let token = scene.only_token();
        assert!(token.expires_on.unwrap() - before >= TimeDelta::days(2), "{mishap:?}");
        assert_eq!(holder(&scene, ".env").id, token.id);
    }

    // An end that is taken and not set is not said to be there.
    let scene = applied(&profile).await;
    let id = scene.only_token().id;
    let old_end = scene.only_token().expires_on.unwrap();
    tokio::time::advance(Duration::from_secs(2 * 86_400)).await;
    scene.emulator.spoil_row(&id, move |row| row["expires_on"] = json!(old_end));
    let ran = scene.run("rotate dns.yaml").await;
    assert_ne!(ran.code, 0, "{ran:?}");
    let rolls = scene.story().into_iter().filter(|effect| effect.ends_with("/value")).count();
    assert_eq!(rolls, 0, "no secret dies for an end that does not come");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_read_concerns_its_own_job_alone() {
    let spoils: [(&str, Spoil); 5] = [
        ("a name that is null", |row| row["name"] = Value::Null),
        ("policies that are null", |row| row["policies"] = Value::Null),
        ("an end that is empty", |row| row["expires_on"] = json!("")),
        ("an end that is no time", |row| row["expires_on"] = json!("soon")),
        ("a status that is a number", |row| row["status"] = json!(7)),
    ];
    for (what, spoil) in spoils {
        for of_another in [true, false] {
            let scene = applied(DNS).await;
            let id = if of_another { scene.foreign(others()).0 } else { scene.only_token().id };
            tokio::time::advance(Duration::from_secs(300)).await;
            scene.emulator.spoil_row(&id, spoil);
            scene.run("list").await.ends_with(0);
            for command in ["plan dns.yaml", "apply dns.yaml", "rotate dns.yaml"] {
                scene.world.forget_effects();
                let ran = scene.run(command).await;
                if of_another {
                    ran.ends_with(0);
                } else {
                    // Whose a nameless one is, only its secret tells.
                    let is_nameless = what == "a name that is null";
                    let code = if is_nameless { "custody.foreign-token" } else { "custody.unreadable-token" };
                    ran.ends_with(1).says(&[code]);
                    assert_eq!(scene.writes(), [""; 0], "{what}: {command}");
                }
                holder(&scene, ".env");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_comes_without_a_secret_is_delivered_nowhere() {
    for value in [json!(""), json!("  "), Value::Null] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        scene.world.put(".env", "PORT=1\n");
        for _ in 0..3 {
            let empty = value.clone();
            scene.emulator.spoil_next(
                |request| request.method == Method::POST,
                move |body| body["result"]["value"] = empty.clone(),
            );
        }
        scene.run("apply dns.yaml").await.ends_with(1);
        assert_eq!(scene.world.text(".env"), "PORT=1\n", "{value}");
        assert_eq!(scene.tokens().len(), 0, "{value}: each was found by its mark and deleted");
        scene.given("apply dns.yaml").await;
        holder(&scene, ".env");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_cut_off_is_no_ground_to_act_on() {
    let scene = applied(DNS).await;
    scene.emulator.switch(|switches| switches.longest_page = 1);
    for number in 0..120 {
        let mut write = others();
        write.name = format!("service-{number}");
        scene.foreign(write);
    }
    tokio::time::advance(Duration::from_secs(300)).await;
    scene.world.forget_effects();
    for command in ["apply dns.yaml", "rotate dns.yaml", "roll dns.yaml"] {
        scene.run(command).await.ends_with(1).says(&["cloudflare.list-cut-off"]);
    }
    assert_eq!(scene.writes(), [""; 0]);
    holder(&scene, ".env");
}

#[tokio::test(start_paused = true)]
async fn two_clocks_that_are_more_than_a_day_apart_end_and_replace_nothing() {
    for days in [-40, -2, 2, 40] {
        let scene = applied(&dns_with("rotation: { every: 10d }")).await;
        scene.emulator.switch(|switches| switches.date = DateHeader::DaysOff(days));
        let before = (scene.only_token(), scene.world.text(".env"));
        for command in ["rotate dns.yaml --due", "rotate dns.yaml", "roll dns.yaml"] {
            let ran = scene.run(command).await;
            // By a clock so far ahead its end has come, and a new one would be made for that.
            if command == "rotate dns.yaml" || (command == "rotate dns.yaml --due") == (days == 40) {
                ran.ends_with(1).says(&[
                    "custody.clocks-apart",
                    "Cloudflare says it is",
                    "this machine says it is",
                ]);
            }
        }
        assert_eq!(scene.writes(), [""; 0], "{days}");
        assert_eq!(
            (scene.only_token().expires_on, scene.world.text(".env")),
            (before.0.expires_on, before.1)
        );
    }
    for header in [DateHeader::Absent, DateHeader::Garbage] {
        let scene = applied(DNS).await;
        scene.emulator.switch(|switches| switches.date = header);
        scene.given("rotate dns.yaml").await;
        holder(&scene, ".env");
    }
}
