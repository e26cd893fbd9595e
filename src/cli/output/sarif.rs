//! What was found as SARIF 2.1.0, for the tools that collect findings.
//!
//! A token of a profile is found where its profile says its name. Any other stands in no file; since GitHub refuses a
//! whole upload for one result without a place, it stands at its path in Cloudflare's API.
//! Sources: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>,
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::findings::{AuditView, FindingView};
use crate::cli::session::inventory::{Inventory, Life, Listed, ProfilePlace};
use crate::cli::session::load::lexical;
use crate::cloudflare::Endpoint;
use crate::lifecycle::What;
use crate::text::one_line;

/// The document, in one line.
pub(in crate::cli) fn document(audited: &AuditView<'_>) -> String {
    let rules = What::KINDS.iter().map(|rule| {
        let title = json!({ "text": rule.title });
        json!({
            "id": rule.code,
            "shortDescription": title,
            "fullDescription": title,
            "help": { "text": "Each result says what to do about its token." },
            "properties": { "tags": ["security"] },
        })
    });
    let results = audited.tokens.iter().flat_map(|(listed, said)| {
        said.iter().enumerate().map(|(position, one)| {
            let earlier = said.iter().take(position).filter(|other| other.code == one.code).count();
            result(audited.inventory, listed, one, earlier)
        })
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    format!("{document}\n")
}

/// `earlier` tells apart what a token has several of, such as accounts with every zone.
fn result(inventory: &Inventory, listed: &Listed, said: &FindingView, earlier: usize) -> Value {
    let name = one_line(&listed.live.name);
    let message = format!("{name}: {}", said.message);
    let message = if said.hint.is_empty() { message } else { format!("{message}\n{}", said.hint) };
    // In SARIF, `[words](address)` is a link, and a token's name is anybody's text.
    let message = message.replace("](", "] (");
    json!({
        "ruleId": said.code,
        "ruleIndex": What::KINDS.iter().position(|rule| rule.code == said.code),
        "level": said.severity.word(),
        "message": { "text": message },
        "locations": [location(inventory, listed, &name)],
        "partialFingerprints": { "tokenAndCode/v1": format!("{}/{}/{earlier}", identity(listed), said.code) },
        "properties": { "tokenId": listed.live.id },
    })
}

/// What stays the same from one run to the next: a profile's token keeps its name when it is rotated.
fn identity(listed: &Listed) -> &str {
    match &listed.live.marked {
        Some(marked) if listed.life == Life::InForce => &marked.name,
        _ => &listed.live.id,
    }
}

fn location(inventory: &Inventory, listed: &Listed, name: &str) -> Value {
    let (file, line, column) = if let Some(place) = &listed.place {
        let position = place.position();
        (file(inventory, place), position.line, position.column)
    } else {
        let path = Endpoint::GetToken(inventory.owner.clone(), listed.live.id.clone()).path();
        (json!({ "uri": format!("cloudflare{path}"), "uriBaseId": "%SRCROOT%" }), 1, 1)
    };
    json!({
        "physicalLocation": {
            "artifactLocation": file,
            "region": { "startLine": line, "startColumn": column },
        },
        "logicalLocations": [{ "name": name, "kind": "resource" }],
    })
}

/// A profile's file, as the repository knows it.
fn file(inventory: &Inventory, place: &ProfilePlace) -> Value {
    let path = lexical(&inventory.folder.join(&place.profile.source.path));
    match path.strip_prefix(&inventory.root.folder) {
        Ok(relative) => json!({ "uri": encoded(relative), "uriBaseId": "%SRCROOT%" }),
        Err(_) => json!({ "uri": format!("file://{}", encoded(&path)) }),
    }
}

/// A path as a URI has it.
fn encoded(path: &Path) -> String {
    path.to_string_lossy().bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").ok();
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        for (path, uri) in [
            ("profiles/shop.yaml", "profiles/shop.yaml"),
            ("./shop.yaml", "shop.yaml"),
            ("my profiles/ä#1.yaml", "my%20profiles/%C3%A4%231.yaml"),
            ("/srv/app/../shop.yaml", "/srv/shop.yaml"),
        ] {
            assert_eq!(encoded(&lexical(Path::new(path))), uri);
        }
    }
}
