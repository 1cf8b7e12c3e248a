"""STS through boto3: sessions, what limits them, and what they may do."""

import datetime
import json
import unittest
import unittest.mock
import urllib.error
import urllib.request

from botocore.credentials import Credentials
from botocore.signers import RequestSigner

from judge import ENDPOINT, SESSION, Case, allow, client, deny, of_credentials, policy, trust


class StsCase(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.names = iter(range(1000))

    def user(self, *statements):
        """A new user with these permissions, and its key."""
        name = f"{type(self).__name__}-{next(self.names)}"
        self.iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "data"}])
        if statements:
            document = json.dumps(policy(*statements))
            self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
        return name, self.iam.create_access_key(UserName=name)["AccessKey"]

    def role(self, trusts, *statements, **more):
        """A new role with this trust policy and these permissions."""
        name = f"{type(self).__name__}-{next(self.names)}"
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trusts), **more)["Role"]
        if statements:
            document = json.dumps(policy(*statements))
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
        return role

    def anyone(self, *actions, **condition):
        return trust({"AWS": self.account}, *actions, **condition)


class AssumeRole(StsCase):
    def test_a_session(self):
        name, key = self.user(allow("sts:AssumeRole"))
        role = self.role(self.anyone(), allow("iam:GetUser"), MaxSessionDuration=7200)
        sts = of_credentials("sts", key)
        made = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="one", DurationSeconds=7200)
        credentials = made["Credentials"]
        self.assertRegex(credentials["AccessKeyId"], "^ASIA[A-Z2-7]{16}$")
        left = credentials["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(7200, left.total_seconds(), delta=60)
        arn = f"arn:aws:sts::{self.account}:assumed-role/{role['RoleName']}/one"
        self.assertEqual({"Arn": arn, "AssumedRoleId": f"{role['RoleId']}:one"}, made["AssumedRoleUser"])
        identity = of_credentials("sts", credentials).get_caller_identity()
        self.assertEqual((arn, f"{role['RoleId']}:one"), (identity["Arn"], identity["UserId"]))
        iam = of_credentials("iam", credentials)
        self.assertEqual(name, iam.get_user(UserName=name)["User"]["UserName"])
        message = self.fails("AccessDenied", iam.list_users)
        self.assertIn(f"User: {arn} is not authorized to perform: iam:ListUsers", message)
        self.fails(
            "ValidationError", sts.assume_role, RoleArn=role["Arn"], RoleSessionName="it", DurationSeconds=7201
        )
        self.iam.delete_role_policy(RoleName=role["RoleName"], PolicyName="own")
        self.fails("AccessDenied", iam.get_user, UserName=name)

    def test_both_sides_must_agree(self):
        _, key = self.user()
        by_account = self.role(self.anyone())
        refused = of_credentials("sts", key).assume_role
        message = self.fails("AccessDenied", refused, RoleArn=by_account["Arn"], RoleSessionName="it")
        self.assertIn("is not authorized to perform: sts:AssumeRole on resource: " + by_account["Arn"], message)
        _, allowed = self.user(allow("sts:AssumeRole"))
        other = self.role(trust({"Service": "ec2.amazonaws.com"}))
        assume = of_credentials("sts", allowed).assume_role
        self.fails("AccessDenied", assume, RoleArn=other["Arn"], RoleSessionName="it")
        self.fails("AccessDenied", assume, RoleArn=self.arn("role/none"), RoleSessionName="it")
        user = self.iam.get_user(UserName=key["UserName"])["User"]
        named = self.role(trust({"AWS": user["Arn"]}))
        refused(RoleArn=named["Arn"], RoleSessionName="it")

    def test_external_id(self):
        _, key = self.user(allow("sts:AssumeRole"))
        role = self.role(self.anyone(StringEquals={"sts:ExternalId": "42"}))
        assume = of_credentials("sts", key).assume_role
        self.fails("AccessDenied", assume, RoleArn=role["Arn"], RoleSessionName="it")
        self.fails("AccessDenied", assume, RoleArn=role["Arn"], RoleSessionName="it", ExternalId="43")
        assume(RoleArn=role["Arn"], RoleSessionName="it", ExternalId="42")

    def test_session_policy(self):
        name, key = self.user(allow("sts:AssumeRole"))
        role = self.role(self.anyone(), allow("iam:Get*"), allow("iam:List*"))
        only = policy(allow(["iam:GetUser", "iam:DeleteUser"]))
        made = of_credentials("sts", key).assume_role(
            RoleArn=role["Arn"], RoleSessionName="it", Policy=json.dumps(only)
        )
        self.assertGreater(made["PackedPolicySize"], 0)
        iam = of_credentials("iam", made["Credentials"])
        iam.get_user(UserName=name)
        for call in [lambda: iam.list_users(), lambda: iam.delete_user(UserName=name)]:
            message = self.fails("AccessDenied", call)
        self.assertIn("because no identity-based policy allows the iam:DeleteUser action", message)
        arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
        made = of_credentials("sts", key).assume_role(
            RoleArn=role["Arn"], RoleSessionName="it", PolicyArns=[{"arn": arn}]
        )
        of_credentials("iam", made["Credentials"]).list_users()

    def test_tags_and_source_identity(self):
        _, key = self.user(allow(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]))
        plain = self.role(self.anyone())
        matches = {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}
        role = self.role(
            self.anyone("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
            allow("iam:GetUser", Condition=matches),
            allow("sts:AssumeRole"),
        )
        tags = [{"Key": "team", "Value": "data"}]
        assume = of_credentials("sts", key).assume_role
        self.fails("AccessDenied", assume, RoleArn=plain["Arn"], RoleSessionName="it", Tags=tags)
        self.fails("AccessDenied", assume, RoleArn=plain["Arn"], RoleSessionName="it", SourceIdentity="ann")
        made = assume(RoleArn=role["Arn"], RoleSessionName="it", Tags=tags, SourceIdentity="ann")
        self.assertEqual("ann", made["SourceIdentity"])
        of_credentials("iam", made["Credentials"]).get_user(UserName=key["UserName"])
        other = assume(RoleArn=role["Arn"], RoleSessionName="it", Tags=[{"Key": "team", "Value": "ops"}])
        iam = of_credentials("iam", other["Credentials"])
        self.fails("AccessDenied", iam.get_user, UserName=key["UserName"])
        self.assertEqual([], self.iam.list_role_tags(RoleName=role["RoleName"])["Tags"])

    def test_transitive_tags_go_along_a_chain(self):
        _, key = self.user(allow(["sts:AssumeRole", "sts:TagSession"]))
        both = self.anyone("sts:AssumeRole", "sts:TagSession")
        first = self.role(both, allow(["sts:AssumeRole", "sts:TagSession"]))
        condition = {"StringEquals": {"aws:PrincipalTag/team": "data"}}
        second = self.role(both, allow("iam:ListUsers", Condition=condition))
        made = of_credentials("sts", key).assume_role(
            RoleArn=first["Arn"],
            RoleSessionName="it",
            Tags=[{"Key": "team", "Value": "data"}],
            TransitiveTagKeys=["team"],
        )
        chained = of_credentials("sts", made["Credentials"])
        made = chained.assume_role(RoleArn=second["Arn"], RoleSessionName="it")
        of_credentials("iam", made["Credentials"]).list_users()
        long = {"RoleArn": second["Arn"], "RoleSessionName": "it", "DurationSeconds": 3601}
        self.fails("ValidationError", chained.assume_role, **long)
        again = {"RoleArn": second["Arn"], "RoleSessionName": "it", "Tags": [{"Key": "team", "Value": "x"}]}
        self.fails("InvalidParameterValue", chained.assume_role, **again)

    def test_an_explicit_deny_wins(self):
        _, key = self.user(allow("*"), deny("iam:ListUsers"))
        message = self.fails("AccessDenied", of_credentials("iam", key).list_users)
        self.assertIn("with an explicit deny in an identity-based policy", message)

    def test_input_is_checked(self):
        _, key = self.user(allow("sts:AssumeRole"))
        sts = of_credentials("sts", key)
        role = self.role(self.anyone())["Arn"]
        for more in [{"RoleSessionName": "no spaces"}, {"DurationSeconds": 899}, {"RoleArn": "not-an-arn-at-all-no"}]:
            arguments = {"RoleArn": role, "RoleSessionName": "it", **more}
            self.fails("ValidationError", sts.assume_role, **arguments)
        broken = {"RoleArn": role, "RoleSessionName": "it", "Policy": "{"}
        self.fails("MalformedPolicyDocument", sts.assume_role, **broken)


class SessionToken(StsCase):
    def test_a_session(self):
        name, key = self.user(allow(["iam:GetUser", "sts:AssumeRole"]))
        made = of_credentials("sts", key).get_session_token(DurationSeconds=900)["Credentials"]
        sts = of_credentials("sts", made)
        self.assertEqual(self.arn(f"user/{name}"), sts.get_caller_identity()["Arn"])
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
        self.fails("InvalidClientTokenId", of_credentials("iam", made).get_user)
        self.fails("AccessDenied", sts.get_session_token)
        role = self.role(self.anyone())
        sts.assume_role(RoleArn=role["Arn"], RoleSessionName="it")

    def test_tokens_cannot_be_changed_or_left_out(self):
        _, key = self.user()
        made = of_credentials("sts", key).get_session_token()["Credentials"]
        token = made["SessionToken"]
        other = of_credentials("sts", key).get_session_token()["Credentials"]["SessionToken"]
        middle = len(token) // 2
        changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
        for wrong in [None, changed, other, token[:-4], "x"]:
            sts = of_credentials("sts", {**made, "SessionToken": wrong})
            self.fails("InvalidClientTokenId", sts.get_caller_identity)

    def test_deleting_the_user_ends_its_sessions(self):
        name, key = self.user()
        made = of_credentials("sts", key).get_session_token()["Credentials"]
        sts = of_credentials("sts", made)
        sts.get_caller_identity()
        self.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        self.iam.delete_user(UserName=name)
        self.fails("InvalidClientTokenId", sts.get_caller_identity)


class Keys(StsCase):
    def test_the_account_of_a_key(self):
        _, key = self.user()
        found = self.sts.get_access_key_info(AccessKeyId=key["AccessKeyId"])
        self.assertEqual(self.account, found["Account"])

    def test_a_federated_user(self):
        _, key = self.user(allow("sts:GetFederationToken"), allow("iam:GetUser"))
        shared = json.dumps(policy(allow("s3:GetObject")))
        made = of_credentials("sts", key).get_federation_token(Name="it", Policy=shared)
        arn = f"arn:aws:sts::{self.account}:federated-user/it"
        self.assertEqual({"Arn": arn, "FederatedUserId": f"{self.account}:it"}, made["FederatedUser"])
        identity = of_credentials("sts", made["Credentials"]).get_caller_identity()
        self.assertEqual((arn, f"{self.account}:it"), (identity["Arn"], identity["UserId"]))
        self.fails("InvalidClientTokenId", of_credentials("iam", made["Credentials"]).get_user, UserName="it")


class Presigned(StsCase):
    """GetCallerIdentity as a token: https://docs.aws.amazon.com/eks/latest/userguide/cluster-auth.html."""

    def presigned(self, key, cluster="prod", seconds=60):
        credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken"))
        service = self.sts.meta.service_model.service_id
        signer = RequestSigner(service, "us-east-1", "sts", "v4", credentials, SESSION.events)
        request = {
            "method": "GET",
            "url": f"{ENDPOINT}/?Action=GetCallerIdentity&Version=2011-06-15",
            "body": {},
            "headers": {"x-k8s-aws-id": cluster},
            "context": {},
        }
        return signer.generate_presigned_url(
            request, region_name="us-east-1", expires_in=seconds, operation_name=""
        )

    def get(self, url, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_a_cluster_learns_who_calls(self):
        name, key = self.user()
        url = self.presigned(key)
        status, body = self.get(url, x_k8s_aws_id="prod")
        self.assertEqual(200, status, body)
        self.assertIn(f"<Arn>{self.arn('user/' + name)}</Arn>", body)
        for headers in [{}, {"x_k8s_aws_id": "test"}]:
            status, body = self.get(url, **headers)
            self.assertEqual(403, status, body)
        status, body = self.get(url.replace("Action=GetCallerIdentity", "Action=GetSessionToken"), x_k8s_aws_id="prod")
        self.assertIn("SignatureDoesNotMatch", body)

    def test_authenticators_read_json(self):
        name, key = self.user()
        status, body = self.get(self.presigned(key), x_k8s_aws_id="prod", Accept="application/json")
        self.assertEqual(200, status, body)
        found = json.loads(body)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
        self.assertEqual(self.arn(f"user/{name}"), found["Arn"])
        status, body = self.get(self.presigned(key), x_k8s_aws_id="other", Accept="application/json")
        self.assertEqual((403, "SignatureDoesNotMatch"), (status, json.loads(body)["Error"]["Code"]))

    def test_it_is_good_for_fifteen_minutes(self):
        """Whatever it says: STS passes over X-Amz-Expires."""
        _, key = self.user()
        for minutes, expected in [(14, 200), (16, 403)]:
            past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
            with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=past):
                url = self.presigned(key)
            status, body = self.get(url, x_k8s_aws_id="prod")
            self.assertEqual(expected, status, body)

    def test_sessions_presign_too(self):
        _, key = self.user(allow("sts:AssumeRole"))
        role = self.role(self.anyone())
        made = of_credentials("sts", key).assume_role(RoleArn=role["Arn"], RoleSessionName="eks")
        status, body = self.get(self.presigned(made["Credentials"]), x_k8s_aws_id="prod")
        self.assertEqual(200, status, body)
        self.assertIn(f"assumed-role/{role['RoleName']}/eks", body)

    def test_boto3s_own_urls(self):
        url = self.sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        status, body = self.get(url)
        self.assertEqual(200, status, body)


class Regions(StsCase):
    def test_any_region_is_one_service(self):
        for region in ["us-east-1", "eu-central-1", "ap-southeast-2"]:
            self.assertEqual(self.account, client("sts", region=region).get_caller_identity()["Account"])


if __name__ == "__main__":
    unittest.main()
