//! What was found as one page that loads nothing: to be read on a phone, sent by mail, kept with the build.
//!
//! In: an audit. Out: the page's text. Names of tokens are anybody's text, so everything is escaped, and the page's own
//! policy forbids scripts and whatever is outside of it.

mod file;
mod timeline;

use std::fmt::Write as _;

use crate::cli::output::describe;
use crate::cli::output::findings::{AuditView, FindingView, about};
use crate::cli::output::token_table;
use crate::cli::session::inventory::{Inventory, Listed, ProfilePlace};
use crate::lifecycle::What;
use crate::profile::Severity;
use crate::text::{count, whole_line};

pub(in crate::cli) use file::write;

const PAGE: &str = include_str!("page.html");

/// The page.
pub(in crate::cli) fn page(audited: &AuditView<'_>) -> String {
    let inventory = audited.inventory;
    let owner = inventory.names().owner(&inventory.owner);
    let heading = format!("API tokens of {owner}");
    let parts = [
        ("title", escape(&heading)),
        ("heading", escape(&heading)),
        (
            "when",
            escape(&format!(
                "AuditView {} by cfmint {}",
                describe::time(inventory.now),
                env!("CARGO_PKG_VERSION")
            )),
        ),
        ("sums", sums(audited)),
        ("findings", findings(audited)),
        ("timeline", timeline::timeline(inventory)),
        ("tokens", tokens(inventory)),
    ];
    // No part can hold a mark for another: a `<` of anybody's text is escaped.
    parts.iter().fold(PAGE.to_owned(), |page, (name, text)| page.replace(&format!("<!--@{name}-->"), text))
}

/// Text that is only text: no markup, nothing that steers the direction of writing, one line.
pub(in crate::cli) fn escape(text: &str) -> String {
    whole_line(text).chars().fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}

/// How many tokens there are, and how much was found.
fn sums(audited: &AuditView<'_>) -> String {
    let (used, limit) = (audited.inventory.used(), audited.inventory.limit());
    let percent = (used * 100 / limit).min(100);
    let fill = if percent >= 80 { "near" } else { "full" };
    let mut text = format!(
        "<div class=\"sums\">\n<div class=\"card\"><strong>{used} of {limit}</strong> tokens\
         <svg class=\"gauge\" width=\"100%\" height=\"8\" role=\"img\" aria-label=\"{percent} % of the quota\">\
         <rect width=\"100%\" height=\"8\" rx=\"4\"/>\
         <rect class=\"{fill}\" width=\"{percent}%\" height=\"8\" rx=\"4\"/></svg></div>\n"
    );
    for of in [Severity::Error, Severity::Warning, Severity::Note] {
        let number = audited.said().filter(|said| said.severity == of).count();
        let noun = of.word();
        let plural = if number == 1 { "" } else { "s" };
        writeln!(text, "<div class=\"card\"><strong class=\"{noun}\">{number}</strong> {noun}{plural}</div>")
            .ok();
    }
    text + "</div>\n"
}

/// The findings by severity, then by what they are about; the errors are open.
fn findings(audited: &AuditView<'_>) -> String {
    let mut text = String::new();
    for of in [Severity::Error, Severity::Warning, Severity::Note] {
        for rule in What::KINDS {
            let found: Vec<(&Listed, &FindingView)> = audited
                .tokens
                .iter()
                .flat_map(|(listed, said)| said.iter().map(move |said| (*listed, said)))
                .filter(|(_, said)| said.severity == of && said.code == rule.code)
                .collect();
            if !found.is_empty() {
                group(&mut text, of, rule.title, &found);
            }
        }
    }
    if text.is_empty() { "<p class=\"card\">Nothing was found.</p>\n".to_owned() } else { text }
}

fn group(text: &mut String, of: Severity, title: &str, found: &[(&Listed, &FindingView)]) {
    let open = if of == Severity::Error { " open" } else { "" };
    let (word, title, number) = (of.word(), escape(title), count(found.len(), "token"));
    write!(
        text,
        "<details class=\"card\"{open}><summary><span class=\"{word}\">{word}</span> {title} \
         <small class=\"faint\">{number}</small></summary>\n<ul>\n"
    )
    .ok();
    for (listed, said) in found {
        let (name, about) = (escape(&listed.live.name), escape(&about(listed)));
        write!(
            text,
            "<li><p><span class=\"name\">{name}</span><span class=\"faint\">{about}</span></p><p>{}</p>",
            escape(&said.message)
        )
        .ok();
        for line in said.hint.lines() {
            write!(text, "<p class=\"hint faint\">{}</p>", hint(line)).ok();
        }
        text.push_str("</li>\n");
    }
    text.push_str("</ul></details>\n");
}

/// A line of a hint; a command stands at its end, after a colon.
fn hint(line: &str) -> String {
    let command = line
        .rsplit_once(": ")
        .filter(|(_, end)| ["cfmint ", "chmod "].iter().any(|program| end.starts_with(program)));
    match command {
        Some((lead, command)) => format!("{}: <code>{}</code>", escape(lead), escape(command)),
        None => escape(line),
    }
}

/// Every token with all that is known of it; on a phone, one card each.
fn tokens(inventory: &Inventory) -> String {
    const HEADS: [&str; 8] = ["Token", "Profile", "Made", "Last used", "Ends", "From", "All of", "Status"];
    if inventory.tokens.is_empty() {
        return "<p class=\"card\">There are none.</p>\n".to_owned();
    }
    let now = inventory.now;
    let mut text = "<div class=\"card\"><table>\n<thead><tr>".to_owned();
    for head in HEADS {
        write!(text, "<th>{head}</th>").ok();
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for listed in &inventory.tokens {
        let live = &listed.live;
        let date = |time: Option<chrono::DateTime<chrono::Utc>>, none: &str| {
            time.map_or_else(|| none.to_owned(), |time| time.format("%Y-%m-%d").to_string())
        };
        let cells = [
            listed.place.as_ref().map(ProfilePlace::named).unwrap_or_default(),
            date(live.issued_on, ""),
            date(live.last_used_on, "not seen"),
            date(live.expires_on, "never"),
            token_table::from(&live.addresses),
            token_table::scope(inventory, listed),
            token_table::status(listed, now),
        ];
        write!(
            text,
            "<tr><td><span class=\"name\">{}</span><br><code>{}</code></td>",
            escape(&live.name),
            escape(&live.id)
        )
        .ok();
        for (head, cell) in HEADS.iter().skip(1).zip(cells) {
            let class =
                if ["Made", "Last used", "Ends", "From"].contains(head) { " class=\"short\"" } else { "" };
            write!(text, "<td{class} data-head=\"{head}\">{}</td>", escape(&cell)).ok();
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody></table></div>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup_or_turns_the_page_around() {
        assert_eq!(
            escape("<script>alert('&\")</script>\u{202e}x\u{7}"),
            "&lt;script&gt;alert(&#39;&amp;&quot;)&lt;/script&gt;\\u202ex\\u0007"
        );
    }

    #[test]
    fn the_page_itself_loads_nothing_and_has_a_place_for_every_part() {
        for outside in ["http:", "https:", "//", "src=", "href=", "url(", "@import", "<script", "<link"] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
        assert!(PAGE.contains("default-src 'none'; style-src 'unsafe-inline'"));
        assert_eq!(PAGE.matches("<!--@").count(), 7);
    }
}
