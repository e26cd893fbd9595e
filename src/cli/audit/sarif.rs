//! What was found as SARIF 2.1.0, for the tools that collect findings.
//!
//! A token of a profile is found where its profile says its name; any other has no place in a file, and is named as a
//! logical location. Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::words::{Said, severity};
use super::{Audited, one_line};
use crate::cli::inventory::{Inventory, Life, Listed};
use crate::lifecycle::What;

/// The document, in one line.
pub(super) fn document(audited: &Audited<'_>) -> String {
    let rules =
        What::RULES.iter().map(|rule| json!({ "id": rule.code, "shortDescription": { "text": rule.title } }));
    let results = audited
        .tokens
        .iter()
        .flat_map(|(listed, said)| said.iter().map(|said| result(audited.inventory, listed, said)));
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

fn result(inventory: &Inventory, listed: &Listed, said: &Said) -> Value {
    let name = one_line(&listed.live.name);
    let message = format!("{name}: {}", said.message);
    let message = if said.hint.is_empty() { message } else { format!("{message}\n{}", said.hint) };
    // In SARIF, `[words](address)` is a link, and a token's name is anybody's text.
    let message = message.replace("](", "] (");
    json!({
        "ruleId": said.code,
        "ruleIndex": What::RULES.iter().position(|rule| rule.code == said.code),
        "level": severity(said.severity),
        "message": { "text": message },
        "locations": [location(inventory, listed, &name)],
        "partialFingerprints": { "tokenAndCode/v1": format!("{}/{}", identity(listed), said.code) },
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
    let logical = json!([{ "name": name, "kind": "resource" }]);
    let Some(place) = &listed.place else { return json!({ "logicalLocations": logical }) };
    let position = place.position();
    let path = inventory.folder.join(&place.profile.source.path);
    let file = match path.strip_prefix(&inventory.root.folder) {
        Ok(relative) => json!({ "uri": encoded(relative), "uriBaseId": "%SRCROOT%" }),
        Err(_) => json!({ "uri": format!("file://{}", encoded(&path)) }),
    };
    json!({
        "physicalLocation": {
            "artifactLocation": file,
            "region": { "startLine": position.line, "startColumn": position.column },
        },
        "logicalLocations": logical,
    })
}

/// A path as a URI has it.
fn encoded(path: &Path) -> String {
    let path: std::path::PathBuf = path.components().filter(|part| part.as_os_str() != ".").collect();
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
            ("/srv/shop.yaml", "/srv/shop.yaml"),
        ] {
            assert_eq!(encoded(Path::new(path)), uri);
        }
    }
}
