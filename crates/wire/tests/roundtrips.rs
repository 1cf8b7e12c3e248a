//! Properties: what one side writes, the other reads back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_wire as wire;

use base::Timestamp;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use wire::iam::ops::{ListRoles, SimulateCustomPolicy};
use wire::iam::{
    AttachedPermissionsBoundary, ContextEntry, ListRolesResponse, Role, SERVICE, SimulateCustomPolicyRequest,
    Tag,
};
use wire::json::{self, JsonWriter, Style};
use wire::query::{self, Params};
use wire::{Operation, Structure, client, percent, reply, xml};

/// Text of every kind; what XML cannot carry is apart.
fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

fn xml_text() -> impl Strategy<Value = String> {
    text().prop_map(|text| {
        text.chars()
            .filter(
                |c| !matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}'),
            )
            .collect()
    })
}

prop_compose! {
    fn context_entry()(
        context_key_name in option::of(text()),
        context_key_values in option::of(vec(text(), 0..4)),
        context_key_type in option::of(text()),
    ) -> ContextEntry {
        ContextEntry { context_key_name, context_key_values, context_key_type }
    }
}

prop_compose! {
    fn input()(
        policy_input_list in vec(text(), 0..12),
        action_names in vec(text(), 0..4),
        context_entries in option::of(vec(context_entry(), 0..12)),
        resource_owner in option::of(text()),
        max_items in option::of(any::<i32>()),
    ) -> SimulateCustomPolicyRequest {
        SimulateCustomPolicyRequest {
            policy_input_list, action_names, context_entries, resource_owner, max_items, ..Default::default()
        }
    }
}

prop_compose! {
    fn role()(
        role_name in xml_text(),
        path in xml_text(),
        seconds in 0i64..4_000_000_000,
        tags in option::of(vec((xml_text(), xml_text()), 0..4)),
        boundary in option::of(xml_text()),
        max_session_duration in option::of(any::<i32>()),
    ) -> Role {
        Role {
            role_name,
            path,
            create_date: Timestamp::from_seconds(seconds),
            tags: tags.map(|tags| tags.into_iter().map(|(key, value)| Tag { key, value }).collect()),
            permissions_boundary: boundary.map(|arn| AttachedPermissionsBoundary {
                permissions_boundary_arn: Some(arn),
                ..Default::default()
            }),
            max_session_duration,
            ..Default::default()
        }
    }
}

/// An element without an index cannot travel in a form: a structure whose members are all absent leaves no
/// parameter, so such ones are given one.
fn expressible(mut input: SimulateCustomPolicyRequest) -> SimulateCustomPolicyRequest {
    for entry in input.context_entries.iter_mut().flatten() {
        entry.context_key_name.get_or_insert_default();
    }
    input
}

proptest! {
    #[test]
    fn queries_come_back(input in input().prop_map(expressible)) {
        let form = query::encode(&SERVICE, SimulateCustomPolicy::schema(), &input);
        let params = Params::parse(None, Some(form.as_bytes())).unwrap();
        prop_assert_eq!(params.get("Action"), Some("SimulateCustomPolicy"));
        let fields = query::decode(&params, SimulateCustomPolicyRequest::schema()).unwrap();
        prop_assert_eq!(SimulateCustomPolicyRequest::read(fields), input);
    }

    #[test]
    fn json_comes_back(input in input()) {
        let text = JsonWriter::structure(&input, Style::PROTOCOL);
        let fields = json::parse(text.as_bytes(), SimulateCustomPolicyRequest::schema()).unwrap();
        // The audit record is written from decoded fields and is JSON too.
        let record = JsonWriter::fields(&fields, Style::TRAIL);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&record).is_ok());
        prop_assert_eq!(JsonWriter::fields(&fields, Style::PROTOCOL), text);
        prop_assert_eq!(SimulateCustomPolicyRequest::read(fields), input);
    }

    #[test]
    fn xml_comes_back(roles in vec(role(), 0..4), marker in option::of(xml_text())) {
        let output = ListRolesResponse { roles, marker, is_truncated: Some(true) };
        let reply = reply::success(&SERVICE, ListRoles::schema(), &output, "id");
        prop_assert_eq!(client::response::<ListRoles>(&SERVICE, 200, &reply.body), Ok(output));
    }

    #[test]
    fn any_text_makes_xml(text in text()) {
        let mut out = "<a>".to_owned();
        xml::escape_onto(&mut out, &text);
        out += "</a>";
        let read = xml::Element::parse(&out).unwrap().text;
        prop_assert_eq!(read.chars().count(), text.chars().count());
    }

    #[test]
    fn percent_encoding_comes_back(text in text()) {
        let encoded = percent::encode(&text);
        prop_assert!(encoded.bytes().all(|byte| byte == b'%' || percent::unreserved(byte)));
        prop_assert_eq!(percent::decode(encoded.as_bytes()).unwrap(), text);
    }

    #[test]
    fn nothing_makes_decoders_panic(bytes in vec(any::<u8>(), 0..200), pairs in btree_map("[A-Za-z.0-9]{0,24}", any::<String>(), 0..8)) {
        let _ = Params::parse(None, Some(&bytes));
        let _ = json::parse(&bytes, SimulateCustomPolicyRequest::schema());
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let _ = xml::Element::parse(text);
            let _ = wire::time::read(text);
            let _ = wire::base64::decode(text);
        }
        let form: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", percent::encode(value))).collect();
        if let Ok(params) = Params::parse(None, Some(form.join("&").as_bytes())) {
            for operation in SERVICE.operations {
                if let Some(Ok(fields)) = operation.input.map(|schema| query::decode(&params, schema)) {
                    let _ = wire::validate::validate(&fields);
                }
            }
        }
    }
}
