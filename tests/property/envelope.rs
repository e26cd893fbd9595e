//! Whatever answers in place of the API: no panic, no yes that nobody said, no secret in an error.

use proptest::prelude::*;

use crate::claims;

const SECRET: &str = "cfut_EMULATOR-a-secret-that-nobody-may-see";

const BODIES: &[&str] = &[
    include_str!("../contract/bodies/token.create.answer.json"),
    include_str!("../contract/bodies/token.list.answer.json"),
    include_str!("../contract/bodies/token.roll.answer.json"),
    include_str!("../contract/bodies/token.verify.answer.json"),
    include_str!("../contract/bodies/error.chained.json"),
    include_str!("../contract/bodies/error.enveloped.json"),
];

/// Any JSON, with names that mean something and the secret in all places.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        Just(format!("\"{SECRET}\"")),
        Just(format!("\"no {SECRET}.\"")),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let key = proptest::sample::select(
            &[
                "success",
                "errors",
                "messages",
                "result",
                "result_info",
                "code",
                "message",
                "error_chain",
                "id",
                "value",
                "name",
                "policies",
                "expires_on",
                "total_count",
            ][..],
        );
        let list = proptest::collection::vec(inner.clone(), 0..5);
        let map = proptest::collection::vec((key, inner), 0..5);
        let list = list.prop_map(|items| format!("[{}]", items.join(",")));
        let map = map.prop_map(|pairs| {
            let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            format!("{{{}}}", pairs.join(","))
        });
        prop_oneof![list, map]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_are_taken_for_a_yes(bytes: Vec<u8>) {
        claims::envelope::hold(&bytes);
    }

    #[test]
    fn no_answer_with_a_strange_part_gives_a_secret_away(
        status in 200..600u16,
        (success, errors, result, other) in (prop_oneof![Just("true".to_owned()), Just("false".to_owned()), json()], json(), json(), json()),
        is_list: bool,
    ) {
        let body = if is_list {
            format!("[{success},{errors},[],{result},{other}]")
        } else {
            format!(r#"{{"success":{success},"errors":[{{"code":1000,"message":{errors}}},{other}],"result":{result}}}"#)
        };
        claims::envelope::answered(status, body.as_bytes());
    }

    #[test]
    fn no_damage_to_an_answer_gives_a_secret_away(
        body in proptest::sample::select(BODIES),
        at in any::<proptest::sample::Index>(),
        width in 0..20usize,
        piece in prop_oneof![json(), Just(String::new()), Just(SECRET.to_owned())],
    ) {
        let mut body = body.as_bytes().to_vec();
        let start = at.index(body.len());
        let end = (start + width).min(body.len());
        body.splice(start..end, piece.into_bytes());
        claims::envelope::answered(200, &body);
    }
}
