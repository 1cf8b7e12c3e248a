//! Where the two implementations differ, and the facts that speak for ours.
//!
//! A row says for which questions it explains a difference, as narrowly as it can; questions are about one topic each,
//! so that little else can be the reason. `docs/semantics.md` shows the table.

use serde_json::Value;

/// A known difference.
pub struct Row {
    pub name: &'static str,
    /// Facts that say so, as in the tests named `fact_…`.
    pub facts: &'static [u32],
    explains: fn(&Question<'_>) -> bool,
}

pub const TABLE: &[Row] = &[
    // Conditions.
    Row {
        name: "seconds since 1970 are milliseconds",
        facts: &[92],
        explains: |q| q.compares("date") && q.any_value(is_digits),
    },
    Row { name: "variables in old versions", facts: &[109], explains: |q| q.is_old() && q.text("${") },
    Row {
        name: "absent variables under negated operators",
        facts: &[115],
        explains: |q| q.negated() && q.any_wanted(|v| v.contains("none}")),
    },
    Row {
        name: "a list of one value without set operator",
        facts: &[106],
        explains: |q| q.prefix().is_empty() && q.given().is_some_and(|g| g.len() == 1 && q.is_list()),
    },
    Row { name: "an empty value is null", facts: &[98], explains: |q| q.compares("null") && q.empty() },
    Row {
        name: "Null with set operators",
        facts: &[102],
        explains: |q| q.compares("null") && !q.prefix().is_empty(),
    },
    Row { name: "sets of empty values", facts: &[103], explains: |q| !q.prefix().is_empty() && q.empty() },
    Row {
        name: "ForAnyValue with IfExists",
        facts: &[88],
        explains: |q| {
            q.prefix() == "foranyvalue" && q.operator().ends_with("ifexists") && q.given().is_none()
        },
    },
    Row {
        name: "what is no boolean is false",
        facts: &[94],
        explains: |q| q.compares("bool") && q.any_given(|v| !is_boolean(v)),
    },
    Row {
        name: "binary values are base64",
        facts: &[97],
        explains: |q| q.compares("binary") && q.any_value(|v| v == "x"),
    },
    Row {
        name: "a policy's value that is no ARN",
        facts: &[91],
        explains: |q| q.compares("arn") && q.any_wanted(|v| v.split(':').count() < 6),
    },
    Row {
        name: "an IPv4 address in IPv6",
        facts: &[95],
        explains: |q| q.compares("ip") && q.any_given(|v| v.starts_with("::ffff:")),
    },
    Row {
        name: "networks of no bits",
        facts: &[95],
        explains: |q| q.compares("ip") && q.any_wanted(|v| v.ends_with("/0")),
    },
    Row {
        name: "an address of the other family is outside",
        facts: &[95],
        explains: |q| q.compares("notip") && q.any_wanted(|v| !v.contains('/')),
    },
    Row {
        name: "escaped letters under exact operators",
        facts: &[111],
        explains: |q| ["${*}", "${?}", "${$}"].iter().any(|letter| q.any_wanted(|v| v.contains(letter))),
    },
    // Actions and resources.
    Row { name: "a dot in an action is a dot", facts: &[74], explains: |q| q.text("s3:Get.bject") },
    Row { name: "`*:*` as an action", facts: &[74], explains: |q| q.text("\"*:*\"") },
    Row {
        name: "no stars in the service of an ARN",
        facts: &[83],
        explains: |q| q.resources().iter().any(|r| part(r, 2).contains('*')),
    },
    Row {
        name: "absent variables in NotResource",
        facts: &[114],
        explains: |q| q.text("NotResource") && q.resources().iter().any(|r| r.contains("none}")),
    },
    Row {
        name: "missing parts in NotResource",
        facts: &[142],
        explains: |q| {
            q.text("NotResource") && q.resources().iter().any(|r| r != "*" && r.split(':').count() < 6)
        },
    },
    Row {
        name: "a star at the end of a part goes on beyond the colon",
        facts: &[78],
        explains: |q| q.text("arn:aws:dynamodb:*:table/prod-*"),
    },
    Row {
        name: "stars cross the colons of the last part",
        facts: &[78],
        explains: |q| q.resources().iter().any(|r| part(r, 5).contains("*:")),
    },
    // Principals and layers.
    Row {
        name: "Principal in identity policies",
        facts: &[71],
        explains: |q| q.question["identity_policies"].to_string().contains("\"Principal\""),
    },
    Row {
        name: "federated users without session policies",
        facts: &[17],
        explains: |q| q.who("federated-user") && !q.has("session_policies") && q.theirs == "Allowed",
    },
    Row {
        name: "what AWS owns is refused before policies are read",
        facts: &[31, 36],
        explains: |q| {
            q.ours == "ImplicitlyDenied"
                && q.theirs == "ExplicitlyDenied"
                && (q.text("alias/aws/") || q.text("role/aws-reserved/") || q.text(":aws:policy/"))
        },
    },
    Row {
        name: "a role without trust policy",
        facts: &[28],
        explains: |q| q.text("\"sts:AssumeRole\"") && !q.has("resource_policy"),
    },
    Row {
        name: "RCPs bind listed services",
        facts: &[53],
        explains: |q| {
            q.has("rcps")
                && q.theirs == "ExplicitlyDenied"
                && ["ec2:", "iam:"].iter().any(|s| q.action().starts_with(s))
        },
    },
    Row {
        name: "RCPs leave retired grants and the keys of AWS alone",
        facts: &[54],
        explains: |q| {
            q.has("rcps")
                && q.theirs == "ExplicitlyDenied"
                && (q.action() == "kms:RetireGrant" || q.text("\"aws_managed_key\":true"))
        },
    },
    Row {
        name: "no way across partitions",
        facts: &[26],
        explains: |q| q.text("\"arn:aws-cn:") && q.ours == "ImplicitlyDenied",
    },
    Row {
        name: "whom a provider vouches for has no account",
        facts: &[33],
        explains: |q| {
            q.who("-provider/")
                && (q.ours == "Allowed"
                    || (q.theirs == "ExplicitlyDenied"
                        && q.rule()["Principal"].to_string().contains("111122223333")))
        },
    },
    Row {
        name: "NotPrincipal with Allow",
        facts: &[70],
        explains: |q| {
            q.rule()["Effect"] == "Allow" && q.rule().get("NotPrincipal").is_some() && q.theirs == "Allowed"
        },
    },
    Row {
        name: "NotPrincipal with Deny",
        facts: &[69],
        explains: |q| {
            q.rule()["Effect"] == "Deny"
                && q.rule().get("NotPrincipal").is_some()
                && q.ours == "ExplicitlyDenied"
        },
    },
    Row {
        name: "a grant to the session passes session policies",
        facts: &[12, 15],
        explains: |q| q.has("session_policies") && q.ours == "Allowed" && q.theirs == "ImplicitlyDenied",
    },
];

/// The row that explains a difference.
pub fn explain(question: &Value, ours: &str, theirs: &str) -> Option<&'static str> {
    let question = Question { question, text: question.to_string(), ours, theirs };
    TABLE.iter().find(|row| (row.explains)(&question)).map(|row| row.name)
}

/// A question with its two answers.
pub struct Question<'q> {
    question: &'q Value,
    text: String,
    ours: &'q str,
    theirs: &'q str,
}

/// A part of an ARN, from zero; the sixth is all that is left.
fn part(arn: &str, place: usize) -> &str {
    arn.splitn(6, ':').nth(place).unwrap_or_default()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_boolean(text: &str) -> bool {
    ["true", "false"].contains(&text.to_lowercase().as_str())
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

impl Question<'_> {
    fn text(&self, part: &str) -> bool {
        self.text.contains(part)
    }

    /// A policy of the version without variables, which is also that of policies without version.
    fn is_old(&self) -> bool {
        let policy = &self.question["identity_policies"][0];
        policy["Version"] != "2012-10-17"
    }

    fn has(&self, layer: &str) -> bool {
        let value = &self.question[layer];
        !value.is_null() && value.as_array().is_none_or(|policies| !policies.is_empty())
    }

    fn action(&self) -> &str {
        self.question["request"]["action"].as_str().unwrap_or_default()
    }

    fn who(&self, part: &str) -> bool {
        self.question["request"]["principal"].as_str().unwrap_or_default().contains(part)
    }

    /// The entries of `Resource` and `NotResource` of the first identity policy.
    fn resources(&self) -> Vec<String> {
        let statement = &self.question["identity_policies"][0]["Statement"];
        let statement = statement.get(0).unwrap_or(statement);
        [&statement["Resource"], &statement["NotResource"]].into_iter().flat_map(texts).collect()
    }

    /// The statement of the resource's policy.
    fn rule(&self) -> &Value {
        let statement = &self.question["resource_policy"]["Statement"];
        statement.get(0).unwrap_or(statement)
    }

    /// The condition of a question about one: operator in lower case, key, values of the policy.
    fn condition(&self) -> Option<(String, String, Vec<String>)> {
        let statement = &self.question["identity_policies"][0]["Statement"];
        let statement = statement.get(0).unwrap_or(statement);
        let (operator, of_keys) = statement.get("Condition")?.as_object()?.iter().next()?;
        let (key, values) = of_keys.as_object()?.iter().next()?;
        Some((operator.to_lowercase(), key.clone(), texts(values)))
    }

    fn operator(&self) -> String {
        self.condition().map(|(operator, ..)| operator).unwrap_or_default()
    }

    /// `foranyvalue`, `forallvalues` or nothing; a star if there is no condition.
    fn prefix(&self) -> String {
        let Some((operator, ..)) = self.condition() else { return "*".to_owned() };
        operator.split_once(':').map_or(String::new(), |(prefix, _)| prefix.to_owned())
    }

    fn compares(&self, what: &str) -> bool {
        self.operator()
            .rsplit(':')
            .next()
            .is_some_and(|name| name.starts_with(what) || (what == "ip" && name.starts_with("notip")))
    }

    fn negated(&self) -> bool {
        self.operator().contains("not")
    }

    fn value_of_key(&self) -> Option<&Value> {
        let (_, key, _) = self.condition()?;
        let context = self.question["request"]["context"].as_object()?;
        context.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key)).map(|(_, value)| value)
    }

    fn is_list(&self) -> bool {
        self.value_of_key().is_some_and(Value::is_array)
    }

    /// The request's values for the condition's key.
    fn given(&self) -> Option<Vec<String>> {
        self.value_of_key().map(texts).filter(|values| !values.is_empty())
    }

    fn empty(&self) -> bool {
        self.given().is_some_and(|values| values.iter().all(String::is_empty))
    }

    fn any_given(&self, test: impl Fn(&str) -> bool) -> bool {
        self.given().is_some_and(|values| values.iter().any(|value| test(value)))
    }

    fn any_wanted(&self, test: impl Fn(&str) -> bool) -> bool {
        self.condition().is_some_and(|(_, _, values)| values.iter().any(|value| test(value)))
    }

    fn any_value(&self, test: impl Fn(&str) -> bool + Copy) -> bool {
        self.any_given(test) || self.any_wanted(test)
    }
}
