//! Operators, keys, values and variables.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |code, kind, bad: String, good: String| cases.push(case(code, kind, &bad, &good));
    // Operators and keys.
    let name = r#"{"aws:username":"a"}"#;
    add(
        "INVALID_CONDITION_OPERATOR",
        Identity,
        when(&format!(r#""StringMatches":{name}"#)),
        when(&format!(r#""StringLikeIfExists":{name}"#)),
    );
    add(
        "INVALID_CONDITION_OPERATOR",
        Identity,
        when(&format!(r#""stringequals":{name}"#)),
        when(&format!(r#""StringEquals":{name}"#)),
    );
    add(
        "NULL_WITH_IF_EXISTS",
        Identity,
        when(r#""NullIfExists":{"aws:username":"true"}"#),
        when(r#""Null":{"aws:username":"true"}"#),
    );
    add(
        "NULL_WITH_QUALIFIER",
        Identity,
        when(r#""ForAllValues:Null":{"aws:TagKeys":"true"}"#),
        when(r#""Null":{"aws:TagKeys":"true"}"#),
    );
    add(
        "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        Identity,
        when(r#""StringEquals":{"aws:username":"a","aws:UserName":"b"}"#),
        when(r#""StringEquals":{"aws:username":"a","aws:userid":"b"}"#),
    );
    add(
        "EMPTY_ARRAY_CONDITION",
        Identity,
        when(r#""StringEquals":{"aws:username":[]}"#),
        when(&format!(r#""StringEquals":{name}"#)),
    );
    add(
        "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        Identity,
        when(r#""ForAllValues:StringEquals":{"aws:TagKeys":[]}"#),
        when(r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#),
    );
    add(
        "EMPTY_ARRAY_CONDITION_FORANYVALUE",
        Identity,
        when(r#""ForAnyValue:StringEquals":{"aws:TagKeys":[]}"#),
        when(r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a"]}"#),
    );
    add(
        "EMPTY_ARRAY_CONDITION_IFEXISTS",
        Identity,
        when(r#""StringEqualsIfExists":{"aws:username":[]}"#),
        when(&format!(r#""StringEqualsIfExists":{name}"#)),
    );
    add(
        "INVALID_CONDITION_DATA_TYPE",
        Identity,
        when(r#""StringEquals":{"aws:username":["a",1]}"#),
        when(r#""StringEquals":{"aws:username":["a","1"]}"#),
    );
    add(
        "INVALID_CONDITION_MULTIPLE_BOOLEAN",
        Identity,
        when(r#""Bool":{"aws:SecureTransport":["true","false"]}"#),
        when(r#""Bool":{"aws:SecureTransport":"true"}"#),
    );
    add(
        "MISSING_QUALIFIER",
        Identity,
        when(r#""StringEquals":{"aws:TagKeys":"a"}"#),
        when(r#""ForAnyValue:StringEquals":{"aws:TagKeys":"a"}"#),
    );
    add(
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        Identity,
        when(&format!(r#""ForAllValues:StringEquals":{name}"#)),
        when(r#""ForAllValues:StringEquals":{"aws:TagKeys":"a"}"#),
    );
    add(
        "TYPE_MISMATCH",
        Identity,
        when(r#""StringEquals":{"aws:SecureTransport":"true"}"#),
        when(r#""Bool":{"aws:SecureTransport":"true"}"#),
    );
    add(
        "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
        Identity,
        when(r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}"#),
        when(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}"#),
    );
    add(
        "INVALID_CONDITION_KEY_FORMAT",
        Identity,
        when(r#""StringEquals":{"username":"a"}"#),
        when(&format!(r#""StringEquals":{name}"#)),
    );
    add(
        "INVALID_GLOBAL_CONDITION_KEY",
        Identity,
        when(r#""StringEquals":{"aws:usernam":"a"}"#),
        when(r#""StringEquals":{"AWS:UserName":"a"}"#),
    );
    add(
        "INVALID_SERVICE_CONDITION_KEY",
        Identity,
        when(r#""StringEquals":{"s3:prefiks":"a"}"#),
        when(r#""StringEquals":{"s3:ExistingObjectTag/a":"a"}"#),
    );
    add(
        "UNSUPPORTED_GLOBAL_CONDITION_KEY",
        Resource,
        to_when("\"*\"", r#""ArnLike":{"aws:ARN":"arn:aws:iam::*:role/a"}"#),
        to_when("\"*\"", r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}"#),
    );
    add(
        "DEPRECATED_GLOBAL_CONDITION_KEY",
        Identity,
        when(r#""ArnLike":{"aws:arn":"arn:aws:iam::*:role/a"}"#),
        when(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}"#),
    );
    add(
        "MISSING_TAG_KEY_IN_CONDITION",
        Identity,
        when(r#""StringEquals":{"aws:RequestTag":"a"}"#),
        when(r#""StringEquals":{"aws:RequestTag/team":"a"}"#),
    );
    add(
        "UNTRUSTWORTHY_CONDITION_KEY",
        Identity,
        when(r#""StringEquals":{"aws:UserAgent":"a"}"#),
        when(&format!(r#""StringEquals":{name}"#)),
    );
    add(
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        Identity,
        does_when(r#"["s3:ListBucket","s3:GetObject"]"#, r#""StringEquals":{"s3:prefix":"a"}"#),
        does_when(r#""s3:ListBucket""#, r#""StringEquals":{"s3:prefix":"a"}"#),
    );
    add(
        "MISSING_PAIRED_CONDITION_KEYS",
        Identity,
        when(r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}"#),
        when(
            r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"},"StringEquals":{"aws:SourceVpc":"vpc-12345678"}"#,
        ),
    );
    add(
        "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES",
        Identity,
        does_when(r#""ec2:RunInstances""#, r#""StringEquals":{"aws:VpceAccount":"111122223333"}"#),
        when(r#""StringEquals":{"aws:VpceAccount":"111122223333"}"#),
    );
    let tagged = r#""StringEquals":{"aws:ResourceTag/a":"b"}"#;
    add(
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        Identity,
        does_when(r#""ec2:DescribeInstances""#, tagged),
        does_when(r#""ec2:StartInstances""#, tagged),
    );
    add(
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        Identity,
        denies_when(r#""ec2:DescribeInstances""#, tagged),
        denies_when(r#""ec2:StartInstances""#, tagged),
    );
    let not = |text: String| text.replace("\"Action\"", "\"NotAction\"");
    add(
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        Identity,
        not(does_when(r#""iam:*""#, tagged)),
        does_when(r#""ec2:*""#, tagged),
    );
    add(
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        Identity,
        not(denies_when(r#""iam:*""#, tagged)),
        denies_when(r#""ec2:*""#, tagged),
    );
    let attributes = r#""ForAllValues:StringEquals":{"dynamodb:Attributes":["a"]}"#;
    add(
        "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
        Identity,
        does_when(r#""dynamodb:GetItem""#, attributes),
        does_when(
            r#""dynamodb:Query""#,
            &format!(r#"{attributes},"StringEquals":{{"dynamodb:Select":"SPECIFIC_ATTRIBUTES"}}"#),
        ),
    );
    let prefix = |operator: &str| format!(r#""{operator}":{{"s3:prefix":"a/*"}}"#);
    add(
        "S3_PREFIX_IN_NEGATIVE_CONTEXT",
        Identity,
        denies_when(r#""s3:ListBucket""#, &prefix("StringLike")),
        denies_when(r#""s3:ListBucket""#, &prefix("StringNotLike")),
    );
    // Values.
    add(
        "TYPE_MISMATCH_NUMBER",
        Identity,
        when(r#""NumericLessThan":{"aws:MultiFactorAuthAge":"1h"}"#),
        when(r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#),
    );
    add(
        "TYPE_MISMATCH_DATE",
        Identity,
        when(r#""DateLessThan":{"aws:CurrentTime":"tomorrow"}"#),
        when(r#""DateLessThan":{"aws:CurrentTime":"2026-01-31"}"#),
    );
    add(
        "TYPE_MISMATCH_BOOLEAN",
        Identity,
        when(r#""Bool":{"aws:SecureTransport":"yes"}"#),
        when(r#""Bool":{"aws:SecureTransport":true}"#),
    );
    add(
        "TYPE_MISMATCH_STRING",
        Identity,
        when(r#""BinaryEquals":{"aws:username":"?"}"#),
        when(r#""BinaryEquals":{"aws:username":"QQ=="}"#),
    );
    add(
        "TYPE_MISMATCH_IP_RANGE",
        Identity,
        when(r#""IpAddress":{"aws:SourceIp":"8.8.8.8/33"}"#),
        when(r#""IpAddress":{"aws:SourceIp":"8.8.8.8/32"}"#),
    );
    add(
        "INVALID_DATE_VALUE",
        Identity,
        when(r#""DateLessThan":{"aws:CurrentTime":"1790000000"}"#),
        when(r#""DateLessThan":{"aws:CurrentTime":"2026-01-31T00:00:00Z"}"#),
    );
    add(
        "IMPROVE_IP_RANGE",
        Identity,
        when(r#""IpAddress":{"aws:SourceIp":"203.0.113.7/24"}"#),
        when(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#),
    );
    let from = |operator: &str, values: &str| when(&format!(r#""{operator}":{{"aws:SourceIp":{values}}}"#));
    add(
        "PRIVATE_IP_ADDRESS",
        Identity,
        from("IpAddress", r#""10.0.0.0/8""#),
        from("IpAddress", r#""8.8.8.0/24""#),
    );
    add(
        "PRIVATE_NOT_IP_ADDRESS",
        Identity,
        from("NotIpAddress", r#""10.0.0.0/8""#),
        from("NotIpAddress", r#""8.8.8.0/24""#),
    );
    add(
        "PRIVATE_IP_ADDRESS_SUBSET",
        Identity,
        from("IpAddress", r#"["10.0.0.0/8","8.8.8.0/24"]"#),
        from("IpAddress", r#"["9.9.9.0/24","8.8.8.0/24"]"#),
    );
    add(
        "PRIVATE_NOT_IP_ADDRESS_SUBSET",
        Identity,
        from("NotIpAddress", r#"["10.0.0.0/8","8.8.8.0/24"]"#),
        from("NotIpAddress", r#"["9.9.9.0/24","8.8.8.0/24"]"#),
    );
    add(
        "INVALID_REGION",
        Identity,
        when(r#""StringEquals":{"aws:RequestedRegion":"eu-mars-1"}"#),
        when(r#""StringLike":{"aws:RequestedRegion":"eu-*"}"#),
    );
    add(
        "INVALID_VPC_FORMAT",
        Identity,
        when(r#""StringEquals":{"aws:SourceVpc":"my-vpc"}"#),
        when(r#""StringEquals":{"aws:SourceVpc":"vpc-12345678"}"#),
    );
    add(
        "INVALID_VPCE_FORMAT",
        Identity,
        when(r#""StringEquals":{"aws:SourceVpce":"vpc-12345678"}"#),
        when(r#""StringEquals":{"aws:SourceVpce":"vpce-11223344556677889"}"#),
    );
    let key = |value: &str| {
        does_when(
            r#""s3:PutObject""#,
            &format!(r#""ArnLike":{{"s3:x-amz-server-side-encryption-aws-kms-key-id":"{value}"}}"#),
        )
    };
    add(
        "INVALID_KMS_KEY_VALUE",
        Identity,
        key("alias/mine"),
        key("arn:aws:kms:eu-west-1:111122223333:key/*"),
    );
    add(
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        Identity,
        when(r#""StringEquals":{"aws:username":"a*"}"#),
        when(r#""StringLike":{"aws:username":"a*"}"#),
    );
    add(
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        Identity,
        when(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#),
        when(r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#),
    );
    add(
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        Identity,
        when(r#""StringLike":{"aws:userid":"AROA*"}"#),
        when(r#""StringLike":{"aws:userid":"AROAEXAMPLE:*"}"#),
    );
    add(
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        Identity,
        when(r#""ArnLike":{"aws:PrincipalArn":"arn:*:iam::1:role/x"}"#),
        when(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}"#),
    );
    add(
        "VARIABLE_USAGE_TOO_PERMISSIVE",
        Identity,
        when(r#""StringEquals":{"aws:SourceVpce":"${aws:PrincipalTag/vpce}"}"#),
        when(r#""StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}"#),
    );
    let star = |operator: &str, key: &str| when(&format!(r#""{operator}":{{"{key}":"*"}}"#));
    add(
        "EQUIVALENT_TO_NULL_FALSE",
        Identity,
        star("StringLike", "aws:username"),
        star("Null", "aws:username").replace("\"*\"}}", "\"false\"}}"),
    );
    add(
        "EQUIVALENT_TO_NULL_TRUE",
        Identity,
        star("StringNotLike", "aws:username"),
        star("StringLike", "aws:username"),
    );
    add(
        "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION",
        Identity,
        star("StringLikeIfExists", "aws:username"),
        star("StringLike", "aws:username"),
    );
    add(
        "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION",
        Identity,
        star("ForAnyValue:StringNotLike", "aws:TagKeys"),
        star("ForAnyValue:StringLike", "aws:TagKeys"),
    );
    add(
        "REDUNDANT_CONDITION_VALUE_NUM",
        Identity,
        when(r#""NumericLessThan":{"aws:MultiFactorAuthAge":["2700","3600"]}"#),
        when(r#""NumericEquals":{"aws:MultiFactorAuthAge":["2700","3600"]}"#),
    );
    // Variables.
    let home = |variable: &str| resource(&format!("arn:aws:s3:::b/{variable}/*"));
    add("MISSING_BRACE_IN_VARIABLE", Identity, home("${aws:username"), home("${aws:username}"));
    add("EMPTY_VARIABLE", Identity, home("${}"), home("${*}"));
    add("UNSUPPORTED_SPACE_IN_VARIABLE", Identity, home("${ aws:username }"), home("${aws:username, 'a b'}"));
    add(
        "MISSING_QUOTE_IN_VARIABLE",
        Identity,
        home("${aws:username, nobody}"),
        home("${aws:username, 'nobody'}"),
    );
    add("VARIABLE_UNSUPPORTED_IN_ELEMENT", Identity, action("s3:${aws:username}"), home("${aws:username}"));
    let old = |version: &str| {
        format!(r#"{{"Version":"{version}","Statement":{{"Effect":"Allow",{}}}}}"#, home("${aws:username}"))
    };
    add("VARIABLE_UNSUPPORTED_IN_VERSION", Identity, old("2008-10-17"), old("2012-10-17"));
    add(
        "INVALID_VARIABLE_FOR_OPERATOR",
        Identity,
        when(r#""NumericEquals":{"aws:MultiFactorAuthAge":"${aws:username}"}"#),
        when(r#""StringEquals":{"s3:prefix":"${aws:username}"}"#),
    );
    add(
        "BAILIWICK_VARIABLE_RESOLVES_TO_NOTHING",
        Identity,
        home("${aws:usernam}"),
        home("${aws:PrincipalTag/team}"),
    );
    cases
}
