"""MFA through boto3: a virtual device from its seed to a session, and the conditions that hang on it."""

import base64
import hmac
import json
import struct
import time
import unittest

from judge import Case, allow, of_credentials, policy, trust

STEP = 30


def code(seed, counter):
    """RFC 6238, written from the standard once more."""
    mac = hmac.new(base64.b32decode(seed), struct.pack(">q", counter), "sha1").digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7fffffff) % 1_000_000:06}"


def step():
    """The present step, with time enough left in it."""
    if time.time() % STEP > STEP - 12:
        time.sleep(STEP - time.time() % STEP + 0.5)
    return int(time.time() // STEP)


class Mfa(Case):
    def test_a_virtual_device(self):
        self.iam.create_user(UserName="mfa")
        made = self.iam.create_virtual_mfa_device(VirtualMFADeviceName="mfa", Path="/e2e/")["VirtualMFADevice"]
        serial, seed = made["SerialNumber"], made["Base32StringSeed"]
        self.assertEqual(f"arn:aws:iam::{self.account}:mfa/e2e/mfa", serial)
        self.assertTrue(made["QRCodePNG"].startswith(b"\x89PNG\r\n\x1a\n"))
        enable = {"UserName": "mfa", "SerialNumber": serial}
        message = self.fails(
            "InvalidAuthenticationCode",
            self.iam.enable_mfa_device,
            AuthenticationCode1="000000",
            AuthenticationCode2="000000",
            **enable,
        )
        self.assertIn("not valid", message)
        now = step()
        # Two codes of the past leave this one and the next to be used.
        self.iam.enable_mfa_device(
            AuthenticationCode1=code(seed, now - 2), AuthenticationCode2=code(seed, now - 1), **enable
        )
        listed = self.iam.list_mfa_devices(UserName="mfa")["MFADevices"]
        self.assertEqual([("mfa", serial)], [(it["UserName"], it["SerialNumber"]) for it in listed])
        paginator = self.iam.get_paginator("list_virtual_mfa_devices")
        assigned = [it for page in paginator.paginate(AssignmentStatus="Assigned") for it in page["VirtualMFADevices"]]
        self.assertEqual(["mfa"], [it["User"]["UserName"] for it in assigned])
        self.assertEqual(serial, self.iam.get_mfa_device(UserName="mfa", SerialNumber=serial)["SerialNumber"])

        proven = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        document = policy(allow("iam:GetUser", Condition=proven), allow("sts:AssumeRole"))
        self.iam.put_user_policy(UserName="mfa", PolicyName="own", PolicyDocument=json.dumps(document))
        key = self.iam.create_access_key(UserName="mfa")["AccessKey"]
        sts = of_credentials("sts", key)
        self.fails("AccessDenied", of_credentials("iam", key).get_user)
        given = {"SerialNumber": serial, "TokenCode": code(seed, now)}
        session = sts.get_session_token(**given)["Credentials"]
        self.assertEqual("mfa", of_credentials("iam", session).get_user()["User"]["UserName"])
        self.fails("AccessDenied", sts.get_session_token, **given)

        trusts = trust({"AWS": self.account}, "sts:AssumeRole", Bool={"aws:MultiFactorAuthPresent": "true"})
        role = self.iam.create_role(RoleName="mfa", AssumeRolePolicyDocument=json.dumps(trusts))["Role"]
        assume = {"RoleArn": role["Arn"], "RoleSessionName": "one"}
        self.fails("AccessDenied", sts.assume_role, **assume)
        sts.assume_role(SerialNumber=serial, TokenCode=code(seed, now + 1), **assume)

        self.fails("DeleteConflict", self.iam.delete_virtual_mfa_device, SerialNumber=serial)
        self.iam.deactivate_mfa_device(UserName="mfa", SerialNumber=serial)
        self.iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "team", "Value": "data"}])
        self.assertEqual("data", self.iam.list_mfa_device_tags(SerialNumber=serial)["Tags"][0]["Value"])
        self.iam.untag_mfa_device(SerialNumber=serial, TagKeys=["team"])
        self.iam.delete_virtual_mfa_device(SerialNumber=serial)
        self.fails("NoSuchEntity", self.iam.delete_virtual_mfa_device, SerialNumber=serial)


if __name__ == "__main__":
    unittest.main()
