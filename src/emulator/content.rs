//! What programs need to find in the answers of products: the least that lets them go on.
//!
//! In: an operation. Out: its result, where a program such as Wrangler stops at an empty one. Nothing here remembers what
//! was asked for before.

use serde_json::{Value, json};

use crate::catalogue::Operation;

/// The result of an operation; `None` where an empty one will do.
pub(super) fn content(operation: &Operation) -> Option<Value> {
    Some(match (operation.method, operation.path) {
        ("GET", "/accounts/{account_id}/r2/buckets") => json!({ "buckets": [] }),
        ("PUT", "/accounts/{account_id}/workers/scripts/{}") => json!({
            "id": "worker",
            "tag": "e0000000000000000000000000000202",
            "etag": "emulator",
            "deployment_id": "e0000000-0000-0000-0000-000000000203",
            "startup_time_ms": 1,
            "has_modules": true,
        }),
        ("GET", "/accounts/{account_id}/workers/scripts/{}/deployments") => json!({ "deployments": [] }),
        ("GET", "/accounts/{account_id}/workers/scripts/{}/versions") => json!({ "items": [] }),
        (_, "/accounts/{account_id}/workers/scripts/{}/subdomain") => {
            json!({ "enabled": true, "previews_enabled": false })
        }
        ("GET", "/accounts/{account_id}/workers/subdomain") => json!({ "subdomain": "emulator" }),
        _ => return None,
    })
}
