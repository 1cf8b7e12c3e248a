"""IAM through boto3: every operation, what it answers and what it refuses."""

import datetime
import json
import time
import unittest

from judge import Case, allow, client, deny, policy, trust

READ = policy(allow("s3:GetObject"))
WRITE = policy(allow("s3:PutObject"), deny("s3:PutObject", "arn:aws:s3:::kept/*"))
EC2 = trust({"Service": "ec2.amazonaws.com"})


def tags(**pairs):
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


class Users(Case):
    def test_life_of_a_user(self):
        made = self.iam.create_user(UserName="Ann", Path="/staff/", Tags=tags(team="data"))["User"]
        self.assertRegex(made["UserId"], "^AIDA[A-Z2-7]{17}$")
        self.assertEqual(self.arn("user/staff/Ann"), made["Arn"])
        self.assertEqual(tags(team="data"), made["Tags"])
        self.assertIsInstance(made["CreateDate"], datetime.datetime)
        found = self.iam.get_user(UserName="ann")["User"]
        self.assertEqual(made, found, "names are found in any case and shown as they were given")
        self.assertNotIn("PasswordLastUsed", found)
        self.fails("EntityAlreadyExists", self.iam.create_user, UserName="ANN")
        self.iam.update_user(UserName="Ann", NewUserName="Anna", NewPath="/people/")
        renamed = self.iam.get_user(UserName="Anna")["User"]
        self.assertEqual((made["UserId"], self.arn("user/people/Anna")), (renamed["UserId"], renamed["Arn"]))
        listed = self.iam.list_users(PathPrefix="/people/")["Users"]
        self.assertEqual(["Anna"], [user["UserName"] for user in listed])
        self.assertNotIn("Tags", listed[0], "lists do not show tags")
        self.iam.delete_user(UserName="Anna")
        message = self.fails("NoSuchEntity", self.iam.get_user, UserName="Anna")
        self.assertEqual("The user with name Anna cannot be found.", message)

    def test_tags(self):
        self.iam.create_user(UserName="tagged", Tags=tags(Team="a"))
        self.iam.tag_user(UserName="tagged", Tags=tags(team="b", cost="1"))
        found = self.iam.list_user_tags(UserName="tagged")["Tags"]
        self.assertEqual({"team": "b", "cost": "1"}, {tag["Key"].lower(): tag["Value"] for tag in found})
        self.iam.untag_user(UserName="tagged", TagKeys=["cost"])
        self.assertEqual(1, len(self.iam.list_user_tags(UserName="tagged")["Tags"]))
        self.fails("InvalidInput", self.iam.tag_user, UserName="tagged", Tags=tags(a="1") + tags(A="2"))

    def test_boundary(self):
        arn = self.iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
        made = self.iam.create_user(UserName="bounded", PermissionsBoundary=arn)["User"]
        boundary = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}
        self.assertEqual(boundary, made["PermissionsBoundary"])
        self.assertEqual(1, self.iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"])
        self.fails("DeleteConflict", self.iam.delete_policy, PolicyArn=arn)
        self.iam.delete_user_permissions_boundary(UserName="bounded")
        self.assertNotIn("PermissionsBoundary", self.iam.get_user(UserName="bounded")["User"])
        self.iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=arn)
        used = self.iam.list_entities_for_policy(PolicyArn=arn, PolicyUsageFilter="PermissionsBoundary")
        self.assertEqual(["bounded"], [user["UserName"] for user in used["PolicyUsers"]])
        missing = self.arn("policy/none")
        self.fails(
            "NoSuchEntity",
            self.iam.put_user_permissions_boundary,
            UserName="bounded",
            PermissionsBoundary=missing,
        )

    def test_a_user_with_anything_left_is_not_deleted(self):
        self.iam.create_user(UserName="held")
        self.iam.put_user_policy(UserName="held", PolicyName="p", PolicyDocument=json.dumps(READ))
        self.fails("DeleteConflict", self.iam.delete_user, UserName="held")
        self.iam.delete_user_policy(UserName="held", PolicyName="p")
        key = self.iam.create_access_key(UserName="held")["AccessKey"]["AccessKeyId"]
        self.fails("DeleteConflict", self.iam.delete_user, UserName="held")
        self.iam.delete_access_key(UserName="held", AccessKeyId=key)
        self.iam.delete_user(UserName="held")

    def test_what_a_user_does_not_have(self):
        self.iam.create_user(UserName="plain")
        for call, key in [
            (self.iam.list_mfa_devices, "MFADevices"),
            (self.iam.list_ssh_public_keys, "SSHPublicKeys"),
            (self.iam.list_signing_certificates, "Certificates"),
            (self.iam.list_service_specific_credentials, "ServiceSpecificCredentials"),
        ]:
            self.assertEqual([], call(UserName="plain")[key])
        self.fails("NoSuchEntity", self.iam.get_login_profile, UserName="plain")
        self.fails("NoSuchEntity", self.iam.delete_login_profile, UserName="plain")

    def test_input_is_checked(self):
        self.fails("ValidationError", self.iam.create_user, UserName="no spaces")
        self.fails("ValidationError", self.iam.create_user, UserName="x" * 65)
        self.fails("ValidationError", self.iam.create_user, UserName="x", Path="no-slashes")
        self.fails("ValidationError", self.iam.list_users, Marker="nonsense")
        self.fails("ValidationError", self.iam.list_users, MaxItems=1001)


class AccessKeys(Case):
    def test_life_of_a_key(self):
        self.iam.create_user(UserName="keyed")
        key = self.iam.create_access_key(UserName="keyed")["AccessKey"]
        self.assertRegex(key["AccessKeyId"], "^AKIA[A-Z2-7]{16}$")
        self.assertEqual((40, "Active", "keyed"), (len(key["SecretAccessKey"]), key["Status"], key["UserName"]))
        last = self.iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
        self.assertEqual(("keyed", "N/A"), (last["UserName"], last["AccessKeyLastUsed"]["ServiceName"]))
        self.assertEqual("N/A", last["AccessKeyLastUsed"]["Region"])
        self.assertNotIn("LastUsedDate", last["AccessKeyLastUsed"])
        sts = client("sts", key["AccessKeyId"], key["SecretAccessKey"])
        identity = sts.get_caller_identity()
        self.assertEqual(self.arn("user/keyed"), identity["Arn"])
        last = self.last_used(key)
        self.assertEqual(("sts", "us-east-1"), (last["ServiceName"], last["Region"]))
        self.assertIsInstance(last["LastUsedDate"], datetime.datetime)
        self.iam.update_access_key(UserName="keyed", AccessKeyId=key["AccessKeyId"], Status="Inactive")
        self.fails("InvalidClientTokenId", sts.get_caller_identity)
        listed = self.iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"]
        self.assertEqual([("Inactive", key["AccessKeyId"])], [(k["Status"], k["AccessKeyId"]) for k in listed])
        self.assertNotIn("SecretAccessKey", listed[0])
        self.iam.create_access_key(UserName="keyed")
        self.fails("LimitExceeded", self.iam.create_access_key, UserName="keyed")
        self.iam.delete_access_key(UserName="keyed", AccessKeyId=key["AccessKeyId"])
        self.assertEqual(1, len(self.iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"]))
        self.fails(
            "NoSuchEntity", self.iam.delete_access_key, UserName="keyed", AccessKeyId=key["AccessKeyId"]
        )

    def last_used(self, key):
        """Uses are written down every few seconds."""
        for _ in range(100):
            last = self.iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
            if "LastUsedDate" in last:
                return last
            time.sleep(0.2)
        self.fail("the use of the key is not known after 20 seconds")

    def test_a_user_is_meant_by_saying_nothing(self):
        self.iam.create_user(UserName="self")
        document = json.dumps(policy(allow("iam:*", self.arn("user/${aws:username}"))))
        self.iam.put_user_policy(UserName="self", PolicyName="own", PolicyDocument=document)
        key = self.iam.create_access_key(UserName="self")["AccessKey"]
        own = client("iam", key["AccessKeyId"], key["SecretAccessKey"])
        self.assertEqual("self", own.get_user()["User"]["UserName"])
        self.assertEqual(1, len(own.list_access_keys()["AccessKeyMetadata"]))
        self.assertEqual("self", own.create_access_key()["AccessKey"]["UserName"])
        message = self.fails("AccessDenied", own.get_user, UserName="other")
        self.assertEqual(
            f"User: {self.arn('user/self')} is not authorized to perform: iam:GetUser on resource: "
            f"{self.arn('user/other')} because no identity-based policy allows the iam:GetUser action",
            message,
        )

    def test_wrong_keys(self):
        self.fails("InvalidClientTokenId", client("sts", "AKIAIOSFODNN7EXAMPLE").get_caller_identity)
        self.fails("SignatureDoesNotMatch", client("sts", secret="wrong").get_caller_identity)


class Groups(Case):
    def test_life_of_a_group(self):
        made = self.iam.create_group(GroupName="Staff", Path="/all/")["Group"]
        self.assertRegex(made["GroupId"], "^AGPA[A-Z2-7]{17}$")
        self.assertEqual(self.arn("group/all/Staff"), made["Arn"])
        for name in ["g-ann", "g-bob"]:
            self.iam.create_user(UserName=name)
            self.iam.add_user_to_group(GroupName="Staff", UserName=name)
        self.iam.add_user_to_group(GroupName="Staff", UserName="g-ann")
        group = self.iam.get_group(GroupName="Staff")
        self.assertEqual(made, group["Group"])
        self.assertEqual({"g-ann", "g-bob"}, {user["UserName"] for user in group["Users"]})
        self.iam.update_group(GroupName="Staff", NewGroupName="Crew", NewPath="/")
        groups = self.iam.list_groups_for_user(UserName="g-ann")["Groups"]
        self.assertEqual([("Crew", self.arn("group/Crew"))], [(g["GroupName"], g["Arn"]) for g in groups])
        self.fails("DeleteConflict", self.iam.delete_group, GroupName="Crew")
        for name in ["g-ann", "g-bob"]:
            self.iam.remove_user_from_group(GroupName="Crew", UserName=name)
        self.fails("NoSuchEntity", self.iam.remove_user_from_group, GroupName="Crew", UserName="g-ann")
        self.iam.delete_group(GroupName="Crew")
        self.fails("NoSuchEntity", self.iam.get_group, GroupName="Crew")

    def test_members_get_what_the_group_gets(self):
        self.iam.create_group(GroupName="readers")
        self.iam.create_user(UserName="member")
        key = self.iam.create_access_key(UserName="member")["AccessKey"]
        own = client("iam", key["AccessKeyId"], key["SecretAccessKey"])
        self.fails("AccessDenied", own.list_users)
        self.iam.put_group_policy(
            GroupName="readers", PolicyName="list", PolicyDocument=json.dumps(policy(allow("iam:ListUsers")))
        )
        self.fails("AccessDenied", own.list_users)
        self.iam.add_user_to_group(GroupName="readers", UserName="member")
        self.assertTrue(own.list_users()["Users"])
        self.iam.remove_user_from_group(GroupName="readers", UserName="member")
        self.fails("AccessDenied", own.list_users)


class Roles(Case):
    def test_life_of_a_role(self):
        made = self.iam.create_role(
            RoleName="App",
            Path="/service/",
            Description="runs",
            MaxSessionDuration=7200,
            AssumeRolePolicyDocument=json.dumps(EC2),
            Tags=tags(team="data"),
        )["Role"]
        self.assertRegex(made["RoleId"], "^AROA[A-Z2-7]{17}$")
        self.assertEqual(self.arn("role/service/App"), made["Arn"])
        self.assertEqual(EC2, made["AssumeRolePolicyDocument"], "documents are decoded")
        found = self.iam.get_role(RoleName="app")["Role"]
        self.assertEqual(({}, 7200, "runs"), (found.pop("RoleLastUsed"), found["MaxSessionDuration"], found["Description"]))
        self.assertEqual(tags(team="data"), found["Tags"])
        self.iam.update_role(RoleName="App", Description="rests", MaxSessionDuration=3600)
        self.iam.update_assume_role_policy(
            RoleName="App", PolicyDocument=json.dumps(trust({"Service": "lambda.amazonaws.com"}))
        )
        found = self.iam.get_role(RoleName="App")["Role"]
        self.assertEqual(("rests", 3600), (found["Description"], found["MaxSessionDuration"]))
        self.assertIn("lambda", json.dumps(found["AssumeRolePolicyDocument"]))
        described = self.iam.update_role_description(RoleName="App", Description="again")["Role"]
        self.assertEqual("again", described["Description"])
        self.iam.tag_role(RoleName="App", Tags=tags(cost="2"))
        self.iam.untag_role(RoleName="App", TagKeys=["team"])
        self.assertEqual(tags(cost="2"), self.iam.list_role_tags(RoleName="App")["Tags"])
        listed = self.iam.list_roles(PathPrefix="/service/")["Roles"]
        self.assertEqual([("App", found["AssumeRolePolicyDocument"])], [(r["RoleName"], r["AssumeRolePolicyDocument"]) for r in listed])
        self.fails("EntityAlreadyExists", self.iam.create_role, RoleName="APP", AssumeRolePolicyDocument=json.dumps(EC2))
        self.iam.delete_role(RoleName="App")
        self.fails("NoSuchEntity", self.iam.get_role, RoleName="App")

    def test_boundary(self):
        arn = self.iam.create_policy(PolicyName="role-limit", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
        made = self.iam.create_role(
            RoleName="bounded", AssumeRolePolicyDocument=json.dumps(EC2), PermissionsBoundary=arn
        )["Role"]
        self.assertEqual(arn, made["PermissionsBoundary"]["PermissionsBoundaryArn"])
        self.iam.delete_role_permissions_boundary(RoleName="bounded")
        self.assertNotIn("PermissionsBoundary", self.iam.get_role(RoleName="bounded")["Role"])
        self.iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=arn)
        self.assertEqual(1, self.iam.get_policy(PolicyArn=arn)["Policy"]["PermissionsBoundaryUsageCount"])

    def test_trust_policies_are_checked(self):
        for bad in [
            policy(allow("sts:AssumeRole")),
            trust({"Service": "ec2.amazonaws.com"}, "s3:GetObject"),
            trust({"AWS": self.arn("user/nobody-here")}),
            {"Statement": []},
        ]:
            self.fails(
                "MalformedPolicyDocument",
                self.iam.create_role,
                RoleName="bad",
                AssumeRolePolicyDocument=json.dumps(bad),
            )

    def test_instance_profiles(self):
        self.iam.create_role(RoleName="machine", AssumeRolePolicyDocument=json.dumps(EC2))
        made = self.iam.create_instance_profile(
            InstanceProfileName="machine", Path="/m/", Tags=tags(team="data")
        )["InstanceProfile"]
        self.assertRegex(made["InstanceProfileId"], "^AIPA[A-Z2-7]{17}$")
        self.assertEqual([], made["Roles"])
        self.iam.add_role_to_instance_profile(InstanceProfileName="machine", RoleName="machine")
        self.fails(
            "LimitExceeded",
            self.iam.add_role_to_instance_profile,
            InstanceProfileName="machine",
            RoleName="machine",
        )
        found = self.iam.get_instance_profile(InstanceProfileName="machine")["InstanceProfile"]
        self.assertEqual([EC2], [role["AssumeRolePolicyDocument"] for role in found["Roles"]])
        profiles = self.iam.list_instance_profiles_for_role(RoleName="machine")["InstanceProfiles"]
        self.assertEqual(["machine"], [profile["InstanceProfileName"] for profile in profiles])
        listed = self.iam.list_instance_profiles(PathPrefix="/m/")["InstanceProfiles"]
        self.assertEqual(["machine"], [profile["InstanceProfileName"] for profile in listed])
        self.iam.tag_instance_profile(InstanceProfileName="machine", Tags=tags(cost="1"))
        self.iam.untag_instance_profile(InstanceProfileName="machine", TagKeys=["team"])
        found = self.iam.list_instance_profile_tags(InstanceProfileName="machine")["Tags"]
        self.assertEqual(tags(cost="1"), found)
        self.fails("DeleteConflict", self.iam.delete_role, RoleName="machine")
        self.fails("DeleteConflict", self.iam.delete_instance_profile, InstanceProfileName="machine")
        self.iam.remove_role_from_instance_profile(InstanceProfileName="machine", RoleName="machine")
        self.iam.delete_instance_profile(InstanceProfileName="machine")
        self.iam.delete_role(RoleName="machine")


class ManagedPolicies(Case):
    def test_life_of_a_policy(self):
        made = self.iam.create_policy(
            PolicyName="Read",
            Path="/p/",
            Description="reads",
            PolicyDocument=json.dumps(READ),
            Tags=tags(team="data"),
        )["Policy"]
        arn = made["Arn"]
        self.assertRegex(made["PolicyId"], "^ANPA[A-Z2-7]{17}$")
        self.assertEqual(
            (self.arn("policy/p/Read"), "v1", 0, 0, True),
            (arn, made["DefaultVersionId"], made["AttachmentCount"], made["PermissionsBoundaryUsageCount"], made["IsAttachable"]),
        )
        found = self.iam.get_policy(PolicyArn=arn)["Policy"]
        self.assertEqual(("reads", tags(team="data")), (found["Description"], found["Tags"]))
        self.fails("EntityAlreadyExists", self.iam.create_policy, PolicyName="read", PolicyDocument=json.dumps(READ))
        version = self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(WRITE))["PolicyVersion"]
        self.assertEqual(("v2", False), (version["VersionId"], version["IsDefaultVersion"]))
        got = self.iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
        self.assertEqual((WRITE, False), (got["Document"], got["IsDefaultVersion"]))
        self.iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
        self.assertEqual("v2", self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"])
        self.fails("DeleteConflict", self.iam.delete_policy_version, PolicyArn=arn, VersionId="v2")
        for _ in range(3):
            self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(READ), SetAsDefault=True)
        self.fails("LimitExceeded", self.iam.create_policy_version, PolicyArn=arn, PolicyDocument=json.dumps(READ))
        versions = self.iam.list_policy_versions(PolicyArn=arn)["Versions"]
        self.assertEqual(["v5", "v4", "v3", "v2", "v1"], [version["VersionId"] for version in versions])
        self.assertEqual([True] + [False] * 4, [version["IsDefaultVersion"] for version in versions])
        self.fails("DeleteConflict", self.iam.delete_policy, PolicyArn=arn)
        for name in ["v1", "v2", "v3", "v4"]:
            self.iam.delete_policy_version(PolicyArn=arn, VersionId=name)
        self.iam.tag_policy(PolicyArn=arn, Tags=tags(cost="1"))
        self.iam.untag_policy(PolicyArn=arn, TagKeys=["team"])
        self.assertEqual(tags(cost="1"), self.iam.list_policy_tags(PolicyArn=arn)["Tags"])
        self.iam.delete_policy(PolicyArn=arn)
        self.fails("NoSuchEntity", self.iam.get_policy, PolicyArn=arn)
        self.fails("NoSuchEntity", self.iam.get_policy_version, PolicyArn=arn, VersionId="v5")

    def test_attachments(self):
        arn = self.iam.create_policy(PolicyName="shared", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
        attached = [{"PolicyName": "shared", "PolicyArn": arn}]
        self.iam.create_user(UserName="at-user")
        self.iam.create_group(GroupName="at-group")
        self.iam.create_role(RoleName="at-role", AssumeRolePolicyDocument=json.dumps(EC2))
        holders = [("user", "UserName", "at-user"), ("group", "GroupName", "at-group"), ("role", "RoleName", "at-role")]
        for kind, member, name in holders:
            attach = getattr(self.iam, f"attach_{kind}_policy")
            attach(**{member: name}, PolicyArn=arn)
            attach(**{member: name}, PolicyArn=arn)
            listed = getattr(self.iam, f"list_attached_{kind}_policies")(**{member: name})
            self.assertEqual(attached, listed["AttachedPolicies"])
            self.fails("NoSuchEntity", attach, **{member: name}, PolicyArn=self.arn("policy/none"))
        self.assertEqual(3, self.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"])
        entities = self.iam.list_entities_for_policy(PolicyArn=arn)
        self.assertEqual(["at-group"], [entity["GroupName"] for entity in entities["PolicyGroups"]])
        self.assertEqual(["at-user"], [entity["UserName"] for entity in entities["PolicyUsers"]])
        self.assertEqual(["at-role"], [entity["RoleName"] for entity in entities["PolicyRoles"]])
        self.fails("DeleteConflict", self.iam.delete_policy, PolicyArn=arn)
        self.assertIn(arn, [p["Arn"] for p in self.iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"]])
        for kind, member, name in holders:
            detach = getattr(self.iam, f"detach_{kind}_policy")
            detach(**{member: name}, PolicyArn=arn)
            self.fails("NoSuchEntity", detach, **{member: name}, PolicyArn=arn)
        self.iam.delete_policy(PolicyArn=arn)

    def test_aws_managed_policies(self):
        arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        found = self.iam.get_policy(PolicyArn=arn)["Policy"]
        self.assertEqual(("ReadOnlyAccess", True), (found["PolicyName"], found["IsAttachable"]))
        document = self.iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])
        self.assertEqual("2012-10-17", document["PolicyVersion"]["Document"]["Version"])
        pages = self.iam.get_paginator("list_policies").paginate(Scope="AWS")
        names = [found["PolicyName"] for page in pages for found in page["Policies"]]
        self.assertGreater(len(names), 1000)
        self.assertEqual(len(names), len(set(names)))
        self.fails("AccessDenied", self.iam.delete_policy, PolicyArn=arn)

    def test_documents_are_checked(self):
        for bad in ["{", "[]", json.dumps(trust({"AWS": "*"})), json.dumps(policy(allow("nonsense")))]:
            self.fails("MalformedPolicyDocument", self.iam.create_policy, PolicyName="bad", PolicyDocument=bad)
        many = policy(*[allow("s3:GetObject", f"arn:aws:s3:::bucket-{number}/*") for number in range(200)])
        self.fails("LimitExceeded", self.iam.create_policy, PolicyName="bad", PolicyDocument=json.dumps(many))


class InlinePolicies(Case):
    def test_life_of_inline_policies(self):
        self.iam.create_user(UserName="in-user")
        self.iam.create_group(GroupName="in-group")
        self.iam.create_role(RoleName="in-role", AssumeRolePolicyDocument=json.dumps(EC2))
        text = json.dumps(WRITE, indent=3)
        for kind, member, name in [("user", "UserName", "in-user"), ("group", "GroupName", "in-group"), ("role", "RoleName", "in-role")]:
            holder = {member: name}
            call = lambda verb: getattr(self.iam, f"{verb}_{kind}_policy")
            call("put")(**holder, PolicyName="one", PolicyDocument=json.dumps(READ))
            call("put")(**holder, PolicyName="one", PolicyDocument=text)
            call("put")(**holder, PolicyName="two", PolicyDocument=json.dumps(READ))
            got = call("get")(**holder, PolicyName="one")
            self.assertEqual((name, "one", WRITE), (got[member], got["PolicyName"], got["PolicyDocument"]))
            names = getattr(self.iam, f"list_{kind}_policies")(**holder)["PolicyNames"]
            self.assertEqual(["one", "two"], sorted(names))
            self.fails("MalformedPolicyDocument", call("put"), **holder, PolicyName="x", PolicyDocument="{}")
            call("delete")(**holder, PolicyName="one")
            self.fails("NoSuchEntity", call("get"), **holder, PolicyName="one")
            self.fails("NoSuchEntity", call("delete"), **holder, PolicyName="one")


class Account(Case):
    def test_alias(self):
        self.assertEqual([], self.iam.list_account_aliases()["AccountAliases"])
        self.iam.create_account_alias(AccountAlias="bailiwick-e2e")
        self.assertEqual(["bailiwick-e2e"], self.iam.list_account_aliases()["AccountAliases"])
        self.iam.delete_account_alias(AccountAlias="bailiwick-e2e")
        self.fails("NoSuchEntity", self.iam.delete_account_alias, AccountAlias="bailiwick-e2e")
        self.fails("ValidationError", self.iam.create_account_alias, AccountAlias="Not-Allowed")

    def test_summary(self):
        before = self.iam.get_account_summary()["SummaryMap"]
        self.iam.create_group(GroupName="summed")
        after = self.iam.get_account_summary()["SummaryMap"]
        self.assertEqual(before["Groups"] + 1, after["Groups"])
        self.assertTrue(all(isinstance(value, int) for value in after.values()))

    def test_what_an_account_does_not_have(self):
        self.assertEqual([], self.iam.list_virtual_mfa_devices()["VirtualMFADevices"])
        self.assertEqual([], self.iam.list_server_certificates()["ServerCertificateMetadataList"])
        self.assertEqual([], self.iam.list_saml_providers()["SAMLProviderList"])
        self.assertEqual([], self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"])
        self.fails("NoSuchEntity", self.iam.get_account_password_policy)

    def test_details(self):
        arn = self.iam.create_policy(PolicyName="detail", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
        self.iam.create_group(GroupName="detail")
        self.iam.create_user(UserName="detail", Tags=tags(a="b"))
        self.iam.add_user_to_group(GroupName="detail", UserName="detail")
        self.iam.attach_user_policy(UserName="detail", PolicyArn=arn)
        self.iam.put_group_policy(GroupName="detail", PolicyName="inline", PolicyDocument=json.dumps(WRITE))
        self.iam.create_role(RoleName="detail", AssumeRolePolicyDocument=json.dumps(EC2))
        lists = {"UserDetailList": "UserName", "GroupDetailList": "GroupName", "RoleDetailList": "RoleName", "Policies": "PolicyName"}
        found = {}
        pages = self.iam.get_paginator("get_account_authorization_details")
        for page in pages.paginate(Filter=["User", "Group", "Role", "LocalManagedPolicy"]):
            for key, name in lists.items():
                found.update({(key, entity[name]): entity for entity in page.get(key, [])})
        user = found["UserDetailList", "detail"]
        self.assertEqual((["detail"], arn), (user["GroupList"], user["AttachedManagedPolicies"][0]["PolicyArn"]))
        self.assertEqual(tags(a="b"), user["Tags"])
        self.assertEqual(WRITE, found["GroupDetailList", "detail"]["GroupPolicyList"][0]["PolicyDocument"])
        self.assertEqual(EC2, found["RoleDetailList", "detail"]["AssumeRolePolicyDocument"])
        self.assertEqual([], found["RoleDetailList", "detail"]["InstanceProfileList"])
        versions = found["Policies", "detail"]["PolicyVersionList"]
        self.assertEqual([(READ, True)], [(v["Document"], v["IsDefaultVersion"]) for v in versions])


class Pages(Case):
    """Every paginator that botocore has, one item a page, against the whole list."""

    def test_paginators(self):
        self.make()
        user, group, role = {"UserName": "pg-0"}, {"GroupName": "pg-0"}, {"RoleName": "pg-0"}
        arn = {"PolicyArn": self.arn("policy/pg-0")}
        prefix = {"PathPrefix": "/pg/"}
        cases = {
            "get_account_authorization_details": {"Filter": ["User", "Group", "Role", "LocalManagedPolicy"]},
            "get_group": group,
            "list_access_keys": user,
            "list_account_aliases": {},
            "list_attached_group_policies": group,
            "list_attached_role_policies": role,
            "list_attached_user_policies": user,
            "list_entities_for_policy": arn,
            "list_group_policies": group,
            "list_groups": prefix,
            "list_groups_for_user": user,
            "list_instance_profile_tags": {"InstanceProfileName": "pg-0"},
            "list_instance_profiles": prefix,
            "list_instance_profiles_for_role": role,
            "list_mfa_devices": user,
            "list_policies": {"Scope": "Local", **prefix},
            "list_policy_tags": arn,
            "list_policy_versions": arn,
            "list_role_policies": role,
            "list_role_tags": role,
            "list_roles": prefix,
            "list_server_certificates": {},
            "list_signing_certificates": user,
            "list_ssh_public_keys": user,
            "list_user_policies": user,
            "list_user_tags": user,
            "list_users": prefix,
            "list_virtual_mfa_devices": {},
        }
        empty = {"list_mfa_devices", "list_server_certificates", "list_signing_certificates", "list_ssh_public_keys", "list_virtual_mfa_devices", "list_account_aliases"}
        for operation, arguments in cases.items():
            with self.subTest(operation):
                self.assertTrue(self.iam.can_paginate(operation))
                paginator = self.iam.get_paginator(operation)
                whole = self.items(paginator, arguments, 1000)
                single = self.items(paginator, arguments, 1)
                self.assertEqual(sorted(whole), sorted(single))
                self.assertEqual(len(single), len(set(single)), "nothing comes twice")
                if operation not in empty:
                    self.assertGreaterEqual(len(single), 1 if operation.endswith("for_role") else 2)

    def items(self, paginator, arguments, size):
        found = []
        for page in paginator.paginate(**arguments, PaginationConfig={"PageSize": size}):
            values = [value for key in paginator.result_keys for value in page.get(key.expression, [])]
            self.assertLessEqual(len(values), size)
            found.extend(json.dumps(value, sort_keys=True, default=str) for value in values)
        return found

    def make(self):
        document = json.dumps(READ)
        for number in range(3):
            name = f"pg-{number}"
            some = tags(**{f"t{index}": "v" for index in range(3)})
            self.iam.create_user(UserName=name, Path="/pg/", Tags=some)
            self.iam.create_group(GroupName=name, Path="/pg/")
            self.iam.create_role(RoleName=name, Path="/pg/", AssumeRolePolicyDocument=json.dumps(EC2), Tags=some)
            self.iam.create_instance_profile(InstanceProfileName=name, Path="/pg/", Tags=some)
            # One policy without a path, so that its ARN is short to write; all are listed by the path "/pg/" or "/".
            self.iam.create_policy(PolicyName=f"{name}-p", Path="/pg/", PolicyDocument=document)
        self.iam.create_policy(PolicyName="pg-0", PolicyDocument=document, Tags=tags(a="1", b="2", c="3"))
        arns = [self.arn("policy/pg-0"), self.arn("policy/pg/pg-1-p"), self.arn("policy/pg/pg-2-p")]
        for number in range(3):
            self.iam.put_user_policy(UserName="pg-0", PolicyName=f"i{number}", PolicyDocument=document)
            self.iam.put_group_policy(GroupName="pg-0", PolicyName=f"i{number}", PolicyDocument=document)
            self.iam.put_role_policy(RoleName="pg-0", PolicyName=f"i{number}", PolicyDocument=document)
            self.iam.attach_user_policy(UserName="pg-0", PolicyArn=arns[number])
            self.iam.attach_group_policy(GroupName="pg-0", PolicyArn=arns[number])
            self.iam.attach_role_policy(RoleName="pg-0", PolicyArn=arns[number])
            self.iam.add_user_to_group(UserName="pg-0", GroupName=f"pg-{number}")
            self.iam.create_policy_version(PolicyArn=arns[0], PolicyDocument=document)
        self.iam.add_user_to_group(UserName="pg-1", GroupName="pg-0")
        self.iam.add_role_to_instance_profile(InstanceProfileName="pg-0", RoleName="pg-0")
        for _ in range(2):
            self.iam.create_access_key(UserName="pg-0")


class Credentials(Case):
    """Credentials besides access keys, and reports about all of them."""

    SSH_KEY = (
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDPe2mpo6az2Mfp+LAEri10bO9P4WOqgXbJMoi1YWAcX1ntuZOHySsYGlm8zEoRIBDU2+R2w4TFTqsqgm9EAf8rddmUVRTItaFIQFWEGOQAazFy4FbKGKNV49DD0rAj9gh7nTS34CMHjLoftPcH+N8LDn"
        "5rVH0Be1XfVPe2sw31MXaeAvzWnBDuoj2RBZFuF4WNMQEWBhWTfANfrE+I5uKaCd3wu6G3wFZ20iifyS8kZYwlPGKsJp3C4ThHuolrjE2aLhRizDJPEmtXoSeYPqkwYWumDoLdU+knWx6Mfm2jURPKuduVonO7+g0c0A93xnZrAIASnwYWCh/G5NgWoHtP"
    )

    def test_ssh_keys(self):
        self.iam.create_user(UserName="ssh")
        made = self.iam.upload_ssh_public_key(UserName="ssh", SSHPublicKeyBody=self.SSH_KEY)["SSHPublicKey"]
        self.assertEqual(("Active", 47), (made["Status"], len(made["Fingerprint"])))
        of = {"UserName": "ssh", "SSHPublicKeyId": made["SSHPublicKeyId"]}
        pem = self.iam.get_ssh_public_key(**of, Encoding="PEM")["SSHPublicKey"]["SSHPublicKeyBody"]
        self.assertTrue(pem.startswith("-----BEGIN PUBLIC KEY-----\n"))
        upload = self.iam.upload_ssh_public_key
        self.fails("DuplicateSSHPublicKey", upload, UserName="ssh", SSHPublicKeyBody=pem)
        self.fails("InvalidPublicKey", upload, UserName="ssh", SSHPublicKeyBody="ssh-rsa AAAA")
        self.fails("UnrecognizedPublicKeyEncoding", upload, UserName="ssh", SSHPublicKeyBody="AAAA")
        self.fails("DeleteConflict", self.iam.delete_user, UserName="ssh")
        self.iam.delete_ssh_public_key(**of)
        self.fails("NoSuchEntity", self.iam.get_ssh_public_key, **of, Encoding="SSH")

    def test_service_specific_credentials(self):
        self.iam.create_user(UserName="git")
        create = self.iam.create_service_specific_credential
        made = create(UserName="git", ServiceName="codecommit.amazonaws.com")["ServiceSpecificCredential"]
        self.assertEqual("git-at-" + self.account, made["ServiceUserName"])
        key = create(UserName="git", ServiceName="bedrock.amazonaws.com", CredentialAgeDays=1)
        key = key["ServiceSpecificCredential"]
        self.assertNotIn("ServicePassword", key)
        self.assertEqual(datetime.timedelta(days=1), key["ExpirationDate"] - key["CreateDate"])
        of = {"UserName": "git", "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
        again = self.iam.reset_service_specific_credential(**of)["ServiceSpecificCredential"]
        self.assertNotEqual(made["ServicePassword"], again["ServicePassword"])
        listed = self.iam.list_service_specific_credentials(UserName="git")["ServiceSpecificCredentials"]
        self.assertEqual(2, len(listed))
        create(UserName="git", ServiceName="codecommit.amazonaws.com")
        self.fails("LimitExceeded", create, UserName="git", ServiceName="codecommit.amazonaws.com")
        self.fails("NoSuchEntity", create, UserName="git", ServiceName="s3.amazonaws.com")

    def test_certificates_that_are_none(self):
        self.iam.create_user(UserName="cert")
        upload = self.iam.upload_signing_certificate
        self.fails("MalformedCertificate", upload, UserName="cert", CertificateBody="none")
        site = {"ServerCertificateName": "site", "CertificateBody": "none", "PrivateKey": "none"}
        self.fails("MalformedCertificate", self.iam.upload_server_certificate, **site)
        self.fails("NoSuchEntity", self.iam.get_server_certificate, ServerCertificateName="site")

    def test_service_linked_roles(self):
        create, principal = self.iam.create_service_linked_role, "elasticloadbalancing.amazonaws.com"
        role = create(AWSServiceName=principal)["Role"]
        self.assertEqual("AWSServiceRoleForElasticLoadBalancing", role["RoleName"])
        self.assertEqual(self.arn(f"role/aws-service-role/{principal}/{role['RoleName']}"), role["Arn"])
        self.assertEqual(principal, role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"])
        self.fails("InvalidInput", create, AWSServiceName=principal)
        self.fails("UnmodifiableEntity", self.iam.delete_role, RoleName=role["RoleName"])
        task = self.iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
        status = self.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
        self.assertEqual("SUCCEEDED", status["Status"])

    def test_credential_report(self):
        self.iam.create_user(UserName="reported")
        for _ in range(100):
            if self.iam.generate_credential_report()["State"] == "COMPLETE":
                break
            time.sleep(0.1)
        report = self.iam.get_credential_report()
        lines = report["Content"].decode().split("\n")
        self.assertEqual("text/csv", report["ReportFormat"])
        self.assertTrue(lines[0].startswith("user,arn,user_creation_time,password_enabled"))
        self.assertTrue(lines[1].startswith("<root_account>," + self.arn("root")))
        self.assertTrue(any(line.startswith("reported,") for line in lines))

    def test_last_access(self):
        self.iam.create_user(UserName="watched")
        self.iam.attach_user_policy(UserName="watched", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
        arn = self.arn("user/watched")
        job = self.iam.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")["JobId"]
        for _ in range(100):
            details = self.iam.get_service_last_accessed_details(JobId=job)
            if details["JobStatus"] != "IN_PROGRESS":
                break
            time.sleep(0.1)
        namespaces = [service["ServiceNamespace"] for service in details["ServicesLastAccessed"]]
        self.assertEqual(("COMPLETED", ["iam"]), (details["JobStatus"], namespaces))
        entities = self.iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")
        self.assertEqual([arn], [one["EntityInfo"]["Arn"] for one in entities["EntityDetailsList"]])
        granting = self.iam.list_policies_granting_service_access(Arn=arn, ServiceNamespaces=["iam", "s3"])
        granting = granting["PoliciesGrantingServiceAccess"]
        self.assertEqual([1, 0], [len(entry["Policies"]) for entry in granting])

    def test_settings(self):
        self.iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v1Token")
        summary = self.iam.get_account_summary()["SummaryMap"]
        self.assertEqual(1, summary["GlobalEndpointTokenVersion"])
        self.iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")


class Waiters(Case):
    def test_waiters(self):
        self.iam.create_user(UserName="waited")
        self.iam.create_role(RoleName="waited", AssumeRolePolicyDocument=json.dumps(EC2))
        self.iam.create_instance_profile(InstanceProfileName="waited")
        arn = self.iam.create_policy(PolicyName="waited", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
        for waiter, arguments in {
            "user_exists": {"UserName": "waited"},
            "role_exists": {"RoleName": "waited"},
            "instance_profile_exists": {"InstanceProfileName": "waited"},
            "policy_exists": {"PolicyArn": arn},
        }.items():
            self.iam.get_waiter(waiter).wait(**arguments, WaiterConfig={"Delay": 0, "MaxAttempts": 1})


if __name__ == "__main__":
    unittest.main()
