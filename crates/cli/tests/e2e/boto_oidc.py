"""Roles assumed with tokens of a real provider (npm's oidc-provider), and tokens of ours read by PyJWT."""

import http.cookiejar
import json
import os
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import jwt

from judge import Case, allow, client, of_credentials, policy

ISSUER = os.environ["OIDC_ISSUER"]
NAME = ISSUER.partition("://")[2]
RESOURCE = "urn:bailiwick:sts"
BACK = "http://127.0.0.1:1/back"
ACTIONS = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]


class Stop(urllib.request.HTTPRedirectHandler):
    """Follows a provider's redirects, but not the one back to the application."""

    def redirect_request(self, request, file, code, message, headers, url):
        if url.startswith(BACK):
            raise Back(url)
        return super().redirect_request(request, file, code, message, headers, url)


class Back(Exception):
    """The provider has sent the user back to the application."""


def post(path, **fields):
    body = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(f"{ISSUER}{path}", body) as answer:
        return json.load(answer)


def id_token(client_id):
    """An ID token of the user `ann.smith`, who signs in at the provider: the authorization code flow."""
    jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(strict_ns_domain=0))
    browser = urllib.request.build_opener(Stop(), urllib.request.HTTPCookieProcessor(jar))
    fields = {"client_id": client_id, "response_type": "code", "scope": "openid", "redirect_uri": BACK, "nonce": "n"}
    try:
        browser.open(f"{ISSUER}/auth?{urllib.parse.urlencode(fields)}")
    except Back as back:
        query = urllib.parse.parse_qs(urllib.parse.urlparse(str(back)).query)
    return post(
        "/token",
        grant_type="authorization_code",
        code=query["code"][0],
        redirect_uri=BACK,
        client_id=client_id,
        client_secret=f"secret of {client_id}",
    )["id_token"]


def machine_token():
    """A token of an application for itself: the client credentials flow."""
    return post(
        "/token",
        grant_type="client_credentials",
        client_id="pipeline",
        client_secret="secret of pipeline",
        scope="assume",
    )["access_token"]


class Federation(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.iam = client("iam")
        clients = ["pipeline", "mobile", "strong", "edwards", RESOURCE]
        cls.provider = cls.iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=clients)[
            "OpenIDConnectProviderArn"
        ]
        cls.sts = client("sts")

    def role(self, name, subject):
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": self.provider},
            "Action": ACTIONS,
            "Condition": {"StringEquals": {f"{NAME}:sub": subject}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        own = json.dumps(policy(allow("iam:ListUsers")))
        self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=own)
        return arn

    def assume(self, role, token):
        return self.sts.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="session", WebIdentityToken=token
        )

    def test_the_provider(self):
        shown = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=self.provider)
        self.assertEqual((NAME, []), (shown["Url"], shown["ThumbprintList"]))
        listed = self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        self.assertEqual([self.provider], [entry["Arn"] for entry in listed])

    def test_a_person_with_every_kind_of_key(self):
        role = self.role("People", "ann.smith")
        for client_id in ["pipeline", "mobile", "strong", "edwards"]:
            with self.subTest(client_id):
                made = self.assume(role, id_token(client_id))
                self.assertEqual("ann.smith", made["SubjectFromWebIdentityToken"])
                self.assertEqual((client_id, self.provider), (made["Audience"], made["Provider"]))
                self.assertEqual("ann.smith@example.com", made["SourceIdentity"])
                of_credentials("iam", made["Credentials"]).list_users()

    def test_a_machine(self):
        role = self.role("Machine", "pipeline")
        made = self.assume(role, machine_token())
        self.assertEqual(("pipeline", RESOURCE), (made["SubjectFromWebIdentityToken"], made["Audience"]))
        self.fails("AccessDenied", self.assume, self.role("Other", "somebody else"), machine_token())

    def test_changed_tokens(self):
        role = self.role("Changed", "ann.smith")
        head, body, signature = id_token("pipeline").split(".")
        other = id_token("mobile").split(".")
        for token in [
            f"{head}.{body}.{other[2]}",
            f"{head}.{other[1]}.{signature}",
            f"{other[0]}.{body}.{signature}",
            f"{head}.{body}.{signature[:-2]}",
            f"{head}.{body}.",
        ]:
            self.fails("InvalidIdentityToken", self.assume, role, token)
        client_ids = {"OpenIDConnectProviderArn": self.provider, "ClientID": "edwards"}
        self.iam.remove_client_id_from_open_id_connect_provider(**client_ids)
        self.fails("InvalidIdentityToken", self.assume, role, id_token("edwards"))
        self.iam.add_client_id_to_open_id_connect_provider(**client_ids)

    def test_a_client_that_finds_its_token_in_a_file(self):
        """What SDKs do in a pod: AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE."""
        import boto3

        path = os.path.join(os.environ["TMPDIR"], "token")
        with open(path, "w") as file:
            file.write(machine_token())
        names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        kept = {name: os.environ.pop(name) for name in names if name in os.environ}
        os.environ.update(AWS_ROLE_ARN=self.role("Pod", "pipeline"), AWS_WEB_IDENTITY_TOKEN_FILE=path)
        try:
            arn = boto3.session.Session().client("sts").get_caller_identity()["Arn"]
        finally:
            os.environ.update(kept)
            del os.environ["AWS_ROLE_ARN"], os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"]
        self.assertIn(":assumed-role/Pod/", arn)


class Outbound(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issuer = client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
        with urllib.request.urlopen(f"{cls.issuer}/.well-known/openid-configuration") as answer:
            cls.description = json.load(answer)
        cls.keys = jwt.PyJWKClient(cls.description["jwks_uri"])

    def token(self, **more):
        asked = {"Audience": ["https://api.example.com"], "SigningAlgorithm": "ES384", **more}
        return client("sts").get_web_identity_token(**asked)

    def test_others_read_a_token(self):
        self.assertEqual(self.issuer, self.description["issuer"])
        for algorithm in ["RS256", "ES384"]:
            made = self.token(
                SigningAlgorithm=algorithm, DurationSeconds=600, Tags=[{"Key": "job", "Value": "42"}]
            )
            token = made["WebIdentityToken"]
            claims = jwt.decode(
                token,
                self.keys.get_signing_key_from_jwt(token),
                algorithms=[algorithm],
                audience="https://api.example.com",
                issuer=self.issuer,
                options={"require": ["exp", "iat", "iss", "sub", "aud", "jti"]},
            )
            self.assertEqual(client("sts").get_caller_identity()["Arn"], claims["sub"])
            own = claims["https://sts.amazonaws.com/"]
            self.assertEqual({"job": "42"}, own["request_tags"])
            self.assertAlmostEqual(time.time() + 600, claims["exp"], delta=30)
            self.assertAlmostEqual(made["Expiration"].timestamp(), claims["exp"], delta=1)
            with self.assertRaises(jwt.InvalidAudienceError):
                jwt.decode(
                    token, self.keys.get_signing_key_from_jwt(token), algorithms=[algorithm], audience="other"
                )

    def test_the_pages_are_public_and_nothing_else_is(self):
        info = client("iam").get_outbound_web_identity_federation_info()
        self.assertEqual((self.issuer, True), (info["IssuerIdentifier"], info["JwtVendingEnabled"]))
        for path in ["", "/", "/.well-known/", "/.well-known/other"]:
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(self.issuer + path)
            self.assertEqual(404, caught.exception.code)

    def test_a_token_of_ours_opens_a_role_of_ours(self):
        iam = client("iam")
        arn = iam.create_open_id_connect_provider(Url=self.issuer, ClientIDList=["sts.amazonaws.com"])
        name = self.issuer.partition("://")[2]
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": arn["OpenIDConnectProviderArn"]},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{name}:sub": client("sts").get_caller_identity()["Arn"]}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        role = iam.create_role(RoleName="Ours", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        token = self.token(Audience=["sts.amazonaws.com"])["WebIdentityToken"]
        made = client("sts").assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="ours", WebIdentityToken=token
        )
        self.assertEqual("sts.amazonaws.com", made["Audience"])


if __name__ == "__main__":
    unittest.main()
