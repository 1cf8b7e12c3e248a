"""Clients of boto3 whose every answer is compared with botocore's model.

botocore's parser passes over what it does not know and does not miss what is not there. A judge reads the bytes
before it: each element must be a member of the operation's output shape, required members must be present,
values must have the form of their type, and errors must be ones that the model knows, with its status code.
"""

import functools
import os
import re
import unittest
import xml.etree.ElementTree as ElementTree

import boto3
import botocore.config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
SESSION = boto3.session.Session()

# Errors of any operation: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
COMMON_ERRORS = {
    "AccessDenied": 403,
    "ExpiredToken": 403,
    "IncompleteSignature": 403,
    "InvalidClientTokenId": 403,
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    "InvalidParameterValue": 400,
    "MissingAuthenticationToken": 403,
    "NotImplemented": 501,
    "SignatureDoesNotMatch": 403,
    "ValidationError": 400,
}

FORMS = {
    "integer": re.compile(r"-?\d+"),
    "boolean": re.compile(r"true|false"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
}


class Unlike(AssertionError):
    """An answer that is not what the model says."""


def client(service, access_key_id=None, secret=None, token=None, region="us-east-1"):
    """A client of the server under test: as its administrator unless keys are given."""
    made = SESSION.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=region,
        aws_access_key_id=access_key_id or os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=secret or os.environ["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=token if access_key_id else os.environ.get("AWS_SESSION_TOKEN"),
        # The server is to check what it is given, not boto3.
        config=botocore.config.Config(parameter_validation=False, retries={"max_attempts": 1}),
    )
    made.meta.events.register("before-parse.*.*", judge)
    return made


@functools.cache
def administrator(service):
    return client(service)


def of_credentials(service, credentials):
    """A client that signs with what STS handed out."""
    return client(
        service, credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials.get("SessionToken")
    )


def local(node):
    return node.tag.rpartition("}")[2]


def judge(operation_model, response_dict, **_):
    root = ElementTree.fromstring(response_dict["body"])
    name = operation_model.name
    metadata = operation_model.service_model.metadata
    expect(f"{{{metadata['xmlNamespace']}}}", root.tag.partition("}")[0] + "}", f"{name}: namespace")
    if response_dict["status_code"] >= 300:
        judge_error(operation_model, response_dict, root)
        return
    expect(f"{name}Response", local(root), name)
    children = {local(child): child for child in root}
    request_id = children.pop("ResponseMetadata").find("{*}RequestId").text
    expect(request_id, response_dict["headers"]["x-amzn-requestid"], f"{name}: request id")
    shape = operation_model.output_shape
    if shape is None:
        expect({}, children, f"{name} has no output")
        return
    wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
    expect([wrapper], list(children), name)
    walk(children[wrapper], shape, name)


def judge_error(operation_model, response_dict, root):
    name = operation_model.name
    expect("ErrorResponse", local(root), name)
    error = root.find("{*}Error")
    members = {local(child): child.text for child in error}
    expect({"Type", "Code", "Message"}, set(members), f"{name}: members of the error")
    code, status = members["Code"], response_dict["status_code"]
    expect("Receiver" if status >= 500 else "Sender", members["Type"], f"{name}: type of {code}")
    known = dict(COMMON_ERRORS)
    for shape in operation_model.error_shapes:
        error = shape.metadata.get("error", {})
        known[error.get("code", shape.name)] = error.get("httpStatusCode", status)
    if code not in known:
        raise Unlike(f"{name} does not have the error {code}: {members['Message']}")
    expect(known[code], status, f"{name}: status of {code}")
    if not members["Message"]:
        raise Unlike(f"{name}: {code} says nothing")


def expect(wanted, found, what):
    if wanted != found:
        raise Unlike(f"{what}: expected {wanted!r}, found {found!r}")


def walk(node, shape, path):
    if shape.type_name == "structure":
        walk_structure(node, shape, path)
    elif shape.type_name == "list":
        for index, child in enumerate(node):
            expect(shape.member.serialization.get("name", "member"), local(child), path)
            walk(child, shape.member, f"{path}[{index}]")
    elif shape.type_name == "map":
        for entry in node:
            expect(["entry", "key", "value"], [local(part) for part in (entry, *entry)], path)
            walk(entry[0], shape.key, f"{path} key")
            walk(entry[1], shape.value, f"{path}[{entry[0].text}]")
    else:
        walk_scalar(node, shape, path)


def walk_structure(node, shape, path):
    names = [local(child) for child in node]
    expect(sorted(set(names)), sorted(names), f"{path}: members occur once")
    members = {member.serialization.get("name", key): (key, member) for key, member in shape.members.items()}
    for child in node:
        if local(child) not in members:
            raise Unlike(f"{path} has no member {local(child)}")
        walk(child, members[local(child)][1], f"{path}.{local(child)}")
    present = {members[name][0] for name in names}
    missing = [key for key in shape.required_members if key not in present]
    if missing:
        raise Unlike(f"{path} lacks {missing}")


def walk_scalar(node, shape, path):
    text = node.text or ""
    expect(0, len(node), f"{path} is a scalar")
    form = FORMS.get(shape.type_name)
    if form and not form.fullmatch(text):
        raise Unlike(f"{path} is not a {shape.type_name}: {text!r}")
    if shape.type_name != "string":
        return
    if getattr(shape, "enum", None) and text not in shape.enum:
        raise Unlike(f"{path} is none of {shape.enum}: {text!r}")
    # The text of some of AWS's own policies is longer than the model lets a policy be, and a fingerprint, which is 16
    # pairs of digits with colons between them, is one letter shorter.
    is_apart = shape.name in ("policyDocumentType", "publicKeyFingerprintType")
    limits = {} if is_apart else shape.metadata
    if not limits.get("min", 0) <= len(text) <= limits.get("max", len(text)):
        raise Unlike(f"{path} has {len(text)} characters: {text[:80]!r}")


class Case(unittest.TestCase):
    """A test with clients, and words for what it expects."""

    @classmethod
    def setUpClass(cls):
        cls.iam, cls.sts = administrator("iam"), administrator("sts")
        cls.account = cls.sts.get_caller_identity()["Account"]

    def fails(self, code, call, *args, **kwargs):
        """The call is answered with this error; gives its message."""
        with self.assertRaises(ClientError) as caught:
            call(*args, **kwargs)
        self.assertEqual(code, caught.exception.response["Error"]["Code"], str(caught.exception))
        return caught.exception.response["Error"]["Message"]

    def arn(self, resource):
        return f"arn:aws:iam::{self.account}:{resource}"


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(principal, *actions, **condition):
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions) or ["sts:AssumeRole"]}
    if condition:
        statement["Condition"] = condition
    return policy(statement)
