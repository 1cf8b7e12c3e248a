//! Permissions of Lambda, which are statements of a function's policy told by their parts.
//!
//! See <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>.

use base::Span;
use base::json::{JsonNode, JsonValue, Member};

/// The parts of a permission.
#[derive(Debug, Clone, Default)]
pub(super) struct Permission<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) action: Option<&'a str>,
    /// A name or an ARN.
    pub(super) function: Option<&'a str>,
    pub(super) qualifier: Option<&'a str>,
    pub(super) principal: Option<&'a str>,
    pub(super) organization: Option<&'a str>,
    pub(super) source_account: Option<&'a str>,
    pub(super) source_arn: Option<&'a str>,
    pub(super) event_source_token: Option<&'a str>,
    pub(super) function_url_auth_type: Option<&'a str>,
    pub(super) invoked_via_function_url: Option<&'a str>,
}

impl Permission<'_> {
    /// The policy that Lambda makes of it; `None` if a part that every permission has is not there.
    /// `home` is the partition, region and account of a function that is named without them.
    pub(super) fn document(&self, home: (&str, &str, &str)) -> Option<JsonNode> {
        let mut statement = Vec::new();
        if let Some(id) = self.id {
            statement.push(member("Sid", string(id)));
        }
        statement.push(member("Effect", string("Allow")));
        statement.push(member("Principal", principal(self.principal?, home.0)));
        statement.push(member("Action", string(self.action?)));
        statement.push(member("Resource", string(&self.resource(home)?)));
        let conditions = self.conditions();
        if !conditions.is_empty() {
            statement.push(member("Condition", object(conditions)));
        }
        let statements = vec![object(statement)];
        Some(policy(statements))
    }

    fn resource(&self, (partition, region, account): (&str, &str, &str)) -> Option<String> {
        let function = self.function?;
        let arn = if function.starts_with("arn:") {
            function.to_owned()
        } else {
            // `123456789012:function:name` and `name` are told, too.
            let name = function.rsplit_once("function:").map_or(function, |(_, name)| name);
            format!("arn:{partition}:lambda:{region}:{account}:function:{name}")
        };
        Some(match self.qualifier {
            Some(qualifier) => format!("{arn}:{qualifier}"),
            None => arn,
        })
    }

    fn conditions(&self) -> Vec<Member> {
        let equals = [
            ("AWS:SourceAccount", self.source_account),
            ("aws:PrincipalOrgID", self.organization),
            ("lambda:EventSourceToken", self.event_source_token),
            ("lambda:FunctionUrlAuthType", self.function_url_auth_type),
        ];
        let mut conditions = Vec::new();
        let equals: Vec<_> =
            equals.iter().filter_map(|(key, value)| Some(member(key, string((*value)?)))).collect();
        if !equals.is_empty() {
            conditions.push(member("StringEquals", object(equals)));
        }
        if let Some(via) = self.invoked_via_function_url {
            conditions
                .push(member("Bool", object(vec![member("lambda:InvokedViaFunctionUrl", string(via))])));
        }
        if let Some(arn) = self.source_arn {
            conditions.push(member("ArnLike", object(vec![member("AWS:SourceArn", string(arn))])));
        }
        conditions
    }
}

fn principal(told: &str, partition: &str) -> JsonNode {
    let is_account = told.len() == 12 && told.bytes().all(|byte| byte.is_ascii_digit());
    match () {
        () if told == "*" => string("*"),
        () if is_account => object(vec![member("AWS", string(&format!("arn:{partition}:iam::{told}:root")))]),
        () if told.starts_with("arn:") => object(vec![member("AWS", string(told))]),
        () => object(vec![member("Service", string(told))]),
    }
}

/// A document of these statements.
pub(super) fn policy(statements: Vec<JsonNode>) -> JsonNode {
    let statements = JsonNode { span: Span::default(), value: JsonValue::Array(statements) };
    object(vec![member("Version", string("2012-10-17")), member("Statement", statements)])
}

fn string(text: &str) -> JsonNode {
    JsonNode { span: Span::default(), value: JsonValue::String(text.into()) }
}

/// An object of these members.
pub(super) fn object(members: Vec<Member>) -> JsonNode {
    JsonNode { span: Span::default(), value: JsonValue::Object(members) }
}

/// A member that stands nowhere.
pub(super) fn member(key: &str, value: JsonNode) -> Member {
    Member { key: key.into(), key_span: Span::default(), value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::json::Style;

    const HOME: (&str, &str, &str) = ("aws", "eu-west-1", "111122223333");

    fn document(permission: &Permission<'_>) -> String {
        permission.document(HOME).unwrap().print(Style::Compact)
    }

    #[test]
    fn permissions_are_the_statements_that_lambda_makes_of_them() {
        let service = Permission {
            id: Some("bucket"),
            action: Some("lambda:InvokeFunction"),
            function: Some("thumbnails"),
            qualifier: Some("live"),
            principal: Some("s3.amazonaws.com"),
            source_account: Some("111122223333"),
            source_arn: Some("arn:aws:s3:::photos"),
            ..Permission::default()
        };
        assert_eq!(
            document(&service),
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Sid":"bucket","Effect":"Allow","#,
                r#""Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","#,
                r#""Resource":"arn:aws:lambda:eu-west-1:111122223333:function:thumbnails:live","#,
                r#""Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},"#,
                r#""ArnLike":{"AWS:SourceArn":"arn:aws:s3:::photos"}}}]}"#
            )
        );
        let url = Permission {
            action: Some("lambda:InvokeFunctionUrl"),
            function: Some("arn:aws:lambda:eu-west-1:111122223333:function:web"),
            principal: Some("*"),
            function_url_auth_type: Some("NONE"),
            ..Permission::default()
        };
        let text = document(&url);
        assert!(text.contains(r#""Principal":"*","Action":"lambda:InvokeFunctionUrl""#), "{text}");
        assert!(text.contains(r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#), "{text}");
        let account = Permission { principal: Some("444455556666"), ..url.clone() };
        assert!(document(&account).contains(r#"{"AWS":"arn:aws:iam::444455556666:root"}"#));
        assert!(Permission { principal: None, ..url }.document(HOME).is_none());
    }
}
