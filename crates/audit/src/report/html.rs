//! The report as one page that needs no network: summary, findings with filters, principals, the graph of escalation
//! paths, compliance; light and dark, and fit to print.
//!
//! What comes from the account is data: JSON in which no `<` stands, put into the page by the script as text only. The
//! page's policy allows exactly the one script and the one style, by their hashes, and nothing from anywhere else.

use super::Summary;
use crate::checks::by_id;
use crate::finding::Finding;
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

/// How many findings a page holds: browsers stay quick, and the rest is of lesser risk.
pub const MOST_FINDINGS: usize = 10_000;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
const TABS: [(&str, &str); 5] = [
    ("overview", "Summary"),
    ("findings", "Findings"),
    ("principals", "Principals"),
    ("graph", "Graph"),
    ("compliance", "Compliance"),
];

/// The page; `omitted` findings are not in it.
pub fn page(summary: &Summary, findings: &[Finding], omitted: usize) -> String {
    let data = json!({
        "summary": summary,
        "findings": findings,
        "checks": checks(findings),
        "omitted": omitted,
    });
    // No `<` can end the element, whatever a name in the account looks like.
    let data = data.to_string().replace('<', "\\u003c");
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let tabs: String = TABS
        .iter()
        .map(|(id, title)| format!("<button type=\"button\" role=\"tab\" id=\"tab-{id}\">{title}</button>"))
        .collect();
    let sections: String =
        TABS.iter().map(|(id, _)| format!("<section id=\"page-{id}\" hidden></section>")).collect();
    let day = summary.generated.get(..10).unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"referrer\" content=\"no-referrer\"><title>Audit of identity and access, {day}</title>\
         <style>{STYLE}</style></head>\n<body><header><h1 id=\"title\">Audit</h1><p id=\"about\"></p>\
         <nav role=\"tablist\">{tabs}</nav></header><main>\
         <noscript>This page shows its contents with a script of its own; allow it, or read the JSON report.</noscript>\
         {sections}</main><footer>bailiwick {version}, {day}</footer>\n\
         <script type=\"application/json\" id=\"data\">{data}</script>\n<script>{SCRIPT}</script></body></html>\n",
        version = summary.version,
    )
}

/// What the page tells of the checks that have findings.
fn checks(findings: &[Finding]) -> Map<String, Value> {
    let mut told = Map::new();
    for finding in findings {
        let Some(check) = by_id(finding.check).filter(|check| !told.contains_key(check.id)) else { continue };
        let about = json!({
            "title": check.title,
            "area": check.area.title(),
            "why": check.why,
            "judged": check.judged,
            "references": check.references,
        });
        told.insert(check.id.to_owned(), about);
    }
    told
}

/// The SHA-256 of a text in base64, as content security policies name scripts.
fn hash(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = digest(&SHA256, text.as_bytes());
    let mut coded = String::new();
    for three in hash.as_ref().chunks(3) {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or(b'=');
            coded.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_in_base64() {
        assert_eq!(hash(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(hash("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn the_script_and_the_style_do_not_end_their_elements() {
        assert!(!SCRIPT.contains("</script") && !STYLE.contains("</style") && !SCRIPT.contains("<!--"));
    }
}
