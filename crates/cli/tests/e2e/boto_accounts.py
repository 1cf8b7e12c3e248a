"""Two accounts of one server, each with its own users, and roles between them."""

import json
import os
import unittest

from judge import Case, allow, of_credentials, policy, trust


class Accounts(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A session of the other account's administrator, as `bailiwick login --account` gives it.
        cls.other = json.loads(os.environ["OTHER_ACCOUNT"])
        cls.other_iam = of_credentials("iam", cls.other)
        cls.other_account = of_credentials("sts", cls.other).get_caller_identity()["Account"]

    def test_names_are_those_of_an_account(self):
        self.assertNotEqual(self.account, self.other_account)
        for iam, account in [(self.iam, self.account), (self.other_iam, self.other_account)]:
            made = iam.create_user(UserName="same")["User"]
            self.assertEqual(f"arn:aws:iam::{account}:user/same", made["Arn"])
        self.other_iam.delete_user(UserName="same")
        self.iam.get_user(UserName="same")
        arn = self.iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(policy(allow("s3:*"))))
        self.fails("AccessDenied", self.other_iam.get_policy, PolicyArn=arn["Policy"]["Arn"])

    def test_an_alias_belongs_to_one(self):
        self.iam.create_account_alias(AccountAlias="only-one")
        self.fails("EntityAlreadyExists", self.other_iam.create_account_alias, AccountAlias="only-one")

    def test_a_role_across(self):
        condition = {"StringEquals": {"sts:ExternalId": "seven"}}
        role = self.other_iam.create_role(
            RoleName="across", AssumeRolePolicyDocument=json.dumps(trust({"AWS": self.account}, **condition))
        )["Role"]
        self.other_iam.put_role_policy(
            RoleName="across", PolicyName="own", PolicyDocument=json.dumps(policy(allow("iam:ListUsers")))
        )
        self.iam.create_user(UserName="traveller")
        key = self.iam.create_access_key(UserName="traveller")["AccessKey"]
        sts = of_credentials("sts", key)
        call = {"RoleArn": role["Arn"], "RoleSessionName": "there", "ExternalId": "seven"}
        self.fails("AccessDenied", sts.assume_role, **call)
        self.iam.put_user_policy(
            UserName="traveller",
            PolicyName="go",
            PolicyDocument=json.dumps(policy(allow("sts:AssumeRole", role["Arn"]))),
        )
        self.fails("AccessDenied", sts.assume_role, **{**call, "ExternalId": "eight"})
        made = sts.assume_role(**call)
        identity = of_credentials("sts", made["Credentials"]).get_caller_identity()
        self.assertEqual(self.other_account, identity["Account"])
        users = of_credentials("iam", made["Credentials"]).list_users()["Users"]
        self.assertEqual([], [user["UserName"] for user in users if user["UserName"] == "traveller"])
        # Trusting one user of the other account is not enough either: its own account must let it go.
        user = self.iam.get_user(UserName="traveller")["User"]
        document = json.dumps(trust({"AWS": user["Arn"]}))
        self.other_iam.update_assume_role_policy(RoleName="across", PolicyDocument=document)
        sts.assume_role(**call)
        self.iam.delete_user_policy(UserName="traveller", PolicyName="go")
        self.fails("AccessDenied", sts.assume_role, **call)

    def test_a_trusted_user_that_is_made_anew_is_another(self):
        self.iam.create_user(UserName="phoenix")
        document = json.dumps(trust({"AWS": self.arn("user/phoenix")}))
        role = self.other_iam.create_role(RoleName="nest", AssumeRolePolicyDocument=document)["Role"]
        self.iam.delete_user(UserName="phoenix")
        shown = self.other_iam.get_role(RoleName="nest")["Role"]["AssumeRolePolicyDocument"]
        self.assertRegex(shown["Statement"][0]["Principal"]["AWS"], "^AIDA[A-Z2-7]{17}$")
        self.iam.create_user(UserName="phoenix")
        self.iam.put_user_policy(
            UserName="phoenix", PolicyName="go", PolicyDocument=json.dumps(policy(allow("sts:AssumeRole")))
        )
        key = self.iam.create_access_key(UserName="phoenix")["AccessKey"]
        sts = of_credentials("sts", key)
        self.fails("AccessDenied", sts.assume_role, RoleArn=role["Arn"], RoleSessionName="it")


if __name__ == "__main__":
    unittest.main()
