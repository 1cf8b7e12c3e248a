//! CloudFormation templates, in JSON and YAML, as they are written or as `get-template` prints them.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>.

mod branches;
mod evaluate;
mod names;
mod properties;

use super::holder::{Held, Holder, held};
use super::permission::{self, Permission};
use super::{BoundaryOf, Found, Place, Side, SourceForm, What, document};
use base::Span;
use base::json::{Json, JsonNode, JsonValue, Limits, Member, Style};
use evaluate::Evaluator;
use policy::DocumentKind;
use properties::{EVENT_BUS_POLICY, ORGANIZATION_POLICY, PERMISSION, PROPERTIES};

/// The account that stands for the one that a template goes to.
pub(super) const ACCOUNT: &str = "111122223333";

/// Where a template stands in a source.
pub(super) enum Body<'a> {
    /// It is this value.
    Template(&'a JsonNode),
    /// It is in this string.
    Text(&'a str, Span),
}

/// The template of a source: the source itself, or what `get-template` prints.
pub(super) fn body(root: &JsonNode) -> Option<Body<'_>> {
    match root.get("TemplateBody").map(|body| (body, &body.value)) {
        Some((body, JsonValue::String(text))) => Some(Body::Text(text, body.span)),
        Some((body, _)) if is_template(body) => Some(Body::Template(body)),
        _ => is_template(root).then_some(Body::Template(root)),
    }
}

fn is_template(root: &JsonNode) -> bool {
    let is_resource =
        |node: &JsonNode| node.get("Type").and_then(JsonNode::as_str).is_some_and(|kind| kind.contains("::"));
    root.get("AWSTemplateFormatVersion").is_some()
        || root
            .get("Resources")
            .and_then(JsonNode::as_object)
            .is_some_and(|all| all.iter().any(|member| is_resource(&member.value)))
}

/// Searches all resources of a template.
pub(super) fn search(template: &JsonNode, text: &str, is_json: bool, found: &mut Found) {
    found.form = SourceForm::CloudFormation;
    let text = is_json.then_some(text);
    let mut search = Search { evaluator: Evaluator::new(template), text, made: Vec::new(), found };
    let resources = template.get("Resources").and_then(JsonNode::as_object).unwrap_or_default();
    for Member { key, value, .. } in resources {
        if key.starts_with("Fn::") {
            search.found.note(format!("the resources that `{key}` makes are not read"));
        }
        search.branches(key, value);
    }
    let Evaluator { notes, stand_ins, .. } = search.evaluator;
    for note in notes {
        found.note(note);
    }
    found.stand_ins = stand_ins.into_iter().collect();
}

struct Search<'a, 'f> {
    evaluator: Evaluator<'a>,
    /// The text of a template in JSON, in which documents without functions stand as they are.
    text: Option<&'a str>,
    /// The policies of a resource, while its conditions are gone through.
    made: Vec<Made>,
    found: &'f mut Found,
}

/// A policy of a resource.
#[derive(Debug)]
struct Made {
    place: Place,
    name: String,
    document: String,
    what: What,
}

impl Search<'_, '_> {
    fn add(&mut self, place: Place, name: String, document: String, what: What) {
        self.made.push(Made { place, name, document, what });
    }

    fn resource(&mut self, logical: &str, resource: &JsonNode) {
        let Some(kind) = resource.get("Type").and_then(JsonNode::as_str) else { return };
        match kind {
            "AWS::CloudFormation::Stack" => {
                self.found.note(format!("the template of the nested stack `{logical}` is not read"));
            }
            "AWS::CloudFormation::StackSet" => {
                self.found.note(format!("the template of the stack set `{logical}` is not read"));
            }
            _ => {}
        }
        let properties = resource.get("Properties");
        let mut last: Option<(&str, Option<JsonNode>)> = None;
        for holder in PROPERTIES.iter().filter(|holder| holder.resource == kind) {
            let first = holder.path.split('.').next().unwrap_or_default();
            let property = first.trim_end_matches("[]");
            if last.as_ref().is_none_or(|(evaluated, _)| *evaluated != property) {
                let value =
                    properties.and_then(|all| all.get(property)).and_then(|it| self.evaluator.value(it));
                last = Some((property, value));
            }
            let Some((_, Some(value))) = &last else { continue };
            let tree = permission::object(vec![permission::member(property, value.clone())]);
            for member in held(&tree, None, holder.path) {
                self.member(logical, holder, &member, properties);
            }
        }
        let Some(properties) = properties else { return };
        match kind {
            PERMISSION => self.permission(logical, properties),
            EVENT_BUS_POLICY => self.event_bus(logical, properties),
            _ => {}
        }
        if let Some(boundary) = properties.get("PermissionsBoundary") {
            self.boundary(logical, boundary);
        }
    }

    fn member(&mut self, logical: &str, holder: &Holder, member: &Held<'_>, properties: Option<&JsonNode>) {
        let Some(value) = member.value else { return };
        let name = match holder.label(member) {
            Some(label) => format!("{logical}: {label}"),
            None => logical.to_owned(),
        };
        let what = if holder.resource == ORGANIZATION_POLICY {
            let kind = properties.and_then(|all| all.get("Type")).and_then(|kind| self.evaluator.text(kind));
            let Some(what) = What::of_organization(kind.as_deref().unwrap_or_default()) else { return };
            what
        } else {
            holder.what()
        };
        match &value.value {
            JsonValue::Object(_) if document::is_policy(value) => self.object(name, value, what),
            JsonValue::String(text) => match document::in_string(text) {
                Some(document) => {
                    self.add(Place::decoded(value.span), name, document, what);
                }
                // The names of managed policies stand beside documents in SAM's templates.
                None if holder.path == "Policies[]" => {}
                None => self.found.note(format!("`{name}` has no policy that can be read")),
            },
            JsonValue::Object(members) if holder.path == "Policies[]" => {
                let template = members.first().map(|member| &*member.key).unwrap_or_default();
                self.found.note(format!("the policy template `{template}` of `{logical}` is not read"));
            }
            _ => self.found.note(format!("`{name}` has {} and no policy", value.kind())),
        }
    }

    fn object(&mut self, name: String, value: &JsonNode, what: What) {
        let verbatim = self.text.map(|text| value.span.of(text)).filter(|text| is_plain(text));
        let (place, document) = match verbatim {
            Some(text) => (Place::verbatim(value.span), text.to_owned()),
            // White space counts in the quota of an organization's policies, and CloudFormation hands on none.
            None if matches!(what.kind, DocumentKind::Scp | DocumentKind::Rcp) => {
                (Place::decoded(value.span), value.print(Style::Compact))
            }
            None => (Place::decoded(value.span), value.print(Style::Pretty)),
        };
        self.add(place, name, document, what);
    }

    fn permission(&mut self, logical: &str, properties: &JsonNode) {
        let mut part = |key: &str| properties.get(key).and_then(|part| self.evaluator.text(part));
        let (action, function, principal) = (part("Action"), part("FunctionName"), part("Principal"));
        let (organization, account, arn) = (part("PrincipalOrgID"), part("SourceAccount"), part("SourceArn"));
        let (token, auth) = (part("EventSourceToken"), part("FunctionUrlAuthType"));
        let via = part("InvokedViaFunctionUrl").filter(|via| via == "true");
        let permission = Permission {
            id: Some(logical),
            action: action.as_deref(),
            function: function.as_deref(),
            qualifier: None,
            principal: principal.as_deref(),
            organization: organization.as_deref(),
            source_account: account.as_deref(),
            source_arn: arn.as_deref(),
            event_source_token: token.as_deref(),
            function_url_auth_type: auth.as_deref(),
            invoked_via_function_url: via.as_deref(),
        };
        let what = What { kind: DocumentKind::Resource, resource_type: Some("AWS::Lambda::Function") };
        match permission.document((names::PARTITION, names::REGION, ACCOUNT)) {
            Some(document) => {
                let place = Place::decoded(properties.span);
                self.add(place, logical.to_owned(), document.print(Style::Pretty), what);
            }
            None => self.found.note(format!("`{logical}` lacks an action, a function or a principal")),
        }
    }

    /// The one statement of a policy of an event bus.
    fn event_bus(&mut self, logical: &str, properties: &JsonNode) {
        let statement = properties.get("Statement").and_then(|statement| self.evaluator.value(statement));
        let Some(statement) = statement else {
            let parts = "`Action` and `Principal`";
            return self
                .found
                .note(format!("`{logical}` is told by {parts}, which are not read; use `Statement`"));
        };
        let what = What { kind: DocumentKind::Resource, resource_type: Some("AWS::Events::EventBus") };
        let place = Place::decoded(statement.span);
        let document = permission::policy(vec![statement]).print(Style::Pretty);
        self.add(place, logical.to_owned(), document, what);
    }

    /// A boundary that is a policy of the template is told by its logical id.
    fn boundary(&mut self, logical: &str, boundary: &JsonNode) {
        let own = boundary.get("Ref").and_then(JsonNode::as_str).map(str::to_owned);
        let Some(arn) = self.evaluator.text(boundary) else { return };
        let policy = own.filter(|_| arn.contains(":policy/")).unwrap_or(arn);
        let boundary = BoundaryOf { principal: logical.to_owned(), policy, side: Side::Only };
        if !self.found.boundaries.contains(&boundary) {
            self.found.boundaries.push(boundary);
        }
    }
}

/// Whether there is nothing to evaluate in a document.
fn is_plain(text: &str) -> bool {
    fn has_function(node: &JsonNode) -> bool {
        match &node.value {
            JsonValue::Object(members) => {
                members.iter().any(|member| evaluate::is_function(&member.key) || has_function(&member.value))
            }
            JsonValue::Array(elements) => elements.iter().any(has_function),
            _ => false,
        }
    }
    Json::parse(text, Limits::default()).is_ok_and(|json| !has_function(&json.root))
}
