#!/usr/bin/python3
"""Passwords, tokens and somebody else's HTTP server, each with an issuer made of Python: mosquitto's
clients with passwords, paho with tokens as Keycloak makes them."""

import base64
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import harness
import wire
from wire import packet, properties, text

try:
    import paho.mqtt.client as mqtt
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
except ImportError:
    print("python3-paho-mqtt or python3-cryptography is not installed")
    sys.exit(harness.SKIPPED)

CONTINUE, AGAIN = 0x18, 0x19
SECRETS = ["pencil-of-ada", "eyJ", "s3cret-of-the-broker"]  # none of them may be in a log


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def number(value, size=None):
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Issuer:
    """A server of identities: its keys as a JWKS, its tokens, and a yes or no to a POST."""

    def __init__(self):
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.asked = []
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.answer(200, issuer.jwks())

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                issuer.asked.append(body)
                if self.headers["Authorization"] != "Bearer s3cret-of-the-broker":
                    return self.answer(500, {"allow": True})
                known = body["user_name"] == "ada" and body["password"] == "pencil-of-ada"
                self.answer(200, {"allow": known, "acl": ["allow all ada/#"]})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def jwks(self):
        of_rsa, of_ec = self.rsa.public_key().public_numbers(), self.ec.public_key().public_numbers()
        return {
            "keys": [
                {"kid": "r", "kty": "RSA", "alg": "RS256", "use": "sig", "n": number(of_rsa.n), "e": number(of_rsa.e)},
                {"kid": "o", "kty": "RSA", "alg": "RSA-OAEP", "use": "enc", "n": number(of_rsa.n), "e": number(of_rsa.e)},
                {"kid": "e", "kty": "EC", "crv": "P-256", "use": "sig", "x": number(of_ec.x, 32), "y": number(of_ec.y, 32)},
            ]
        }

    def token(self, algorithm="RS256", lasts_s=300, signed_by=None, **claims):
        header = {"alg": algorithm, "typ": "JWT", "kid": "r" if algorithm == "RS256" else "e"}
        now = int(time.time())
        body = {
            "exp": now + lasts_s, "iat": now, "jti": "6a4b", "iss": self.url + "/realms/plant", "aud": ["mqtt", "account"],
            "sub": "f3c1-77", "typ": "Bearer", "azp": "gateway", "preferred_username": "ada", "email_verified": False,
            "realm_access": {"roles": ["offline_access", "operator"]},
            "resource_access": {"account": {"roles": ["view-profile"]}}, "scope": "profile email", "site": "seoul",
            **claims,
        }
        front = base64url(json.dumps(header).encode()) + "." + base64url(json.dumps(body).encode())
        return front + "." + base64url(self.sign(algorithm, front.encode(), signed_by))

    def sign(self, algorithm, data, signed_by):
        if algorithm == "RS256":
            return (signed_by or self.rsa).sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = utils.decode_dss_signature((signed_by or self.ec).sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Case(harness.BrokerCase):
    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        log = cls.broker.log()
        for secret in SECRETS:
            assert secret not in log, f"{secret} is in the log"

    def mosquitto(self, *arguments, program="mosquitto_pub"):
        process = harness.Process(program, "-h", "127.0.0.1", "-p", self.broker.port, *arguments)
        self.addCleanup(process.kill)
        return process.wait_exit()

    def paho_code(self, user, password, client_id=""):
        """Of the CONNACK (3.1.1)."""
        codes = []
        client = mqtt.Client(client_id, protocol=mqtt.MQTTv311)
        client.username_pw_set(user, password)
        client.on_connect = lambda _c, _u, _f, code: codes.append(code)
        client.connect("127.0.0.1", self.broker.port)
        end = time.monotonic() + harness.DEADLINE_S
        while not codes and time.monotonic() < end:
            client.loop(0.1)
        client.disconnect()
        return codes[0]


class PasswordTest(Case):
    config = """
log.level = "debug"
[auth]
password_file = "{users}"
[[listener]]
url = "mqtt://127.0.0.1:{port}"
[[acl]]
user = "ada"
rules = ["allow all ada/#"]
"""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.mkdtemp(prefix="gaon-users-")
        users = os.path.join(directory, "users")
        subprocess.run(["mosquitto_passwd", "-c", "-b", users, "bob", "b,=ü"], check=True)
        gaon = harness.command_of_broker()
        for name, password in (("ada", "pencil-of-ada\n"), ("eve", "x\n")):
            subprocess.run([gaon, "passwd", "add", users, name, "--stdin"], input=password.encode(), check=True,
                           stdout=subprocess.DEVNULL)
        subprocess.run([gaon, "passwd", "remove", users, "eve"], check=True, stdout=subprocess.DEVNULL)
        cls.users = subprocess.run([gaon, "passwd", "list", users], check=True, stdout=subprocess.PIPE).stdout
        cls.config = cls.config.replace("{users}", users)
        cls.mode = os.stat(users).st_mode & 0o777
        super().setUpClass()
        cls.addClassCleanup(lambda: shutil.rmtree(directory))

    def test_the_file_is_kept_by_gaon_passwd(self):
        self.assertEqual(self.users, b"bob\nada\n")
        self.assertEqual(self.mode, 0o600)

    def test_who_knows_the_password_gets_in(self):
        self.assertEqual(self.mosquitto("-t", "ada/x", "-m", "1", "-u", "ada", "-P", "pencil-of-ada"), 0)
        self.assertEqual(self.mosquitto("-t", "x", "-m", "1", "-u", "bob", "-P", "b,=ü", "-V", "mqttv5"), 0)

    def test_others_do_not(self):
        for arguments in (["-u", "ada", "-P", "pencil"], ["-u", "nobody", "-P", "pencil-of-ada"], ["-u", "eve", "-P", "x"], []):
            self.assertNotEqual(self.mosquitto("-t", "ada/x", "-m", "1", *arguments), 0, arguments)

    def test_a_subscription_that_is_not_allowed_is_refused(self):
        user = ["-u", "ada", "-P", "pencil-of-ada"]
        reader = harness.Process("mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", self.broker.port, *user, "-t", "bob/#")
        self.addCleanup(reader.kill)
        reader.wait_line("All subscription requests were denied")
        reader = harness.Process("mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", self.broker.port, *user, "-t", "ada/#",
                                 "-C", "1")
        self.addCleanup(reader.kill)
        reader.wait_line("Subscribed")
        self.mosquitto("-t", "ada/x", "-m", "mine", *user)
        self.assertEqual(reader.wait_exit(), 0)
        self.assertIn("mine", reader.lines)


class Flood(harness.BrokerCase):
    """Who guesses keeps the one thread that hashes busy, and its queue full."""

    config = """
sys_interval_s = 1
[auth]
password_file = "{users}"
queue_max = 4
[[listener]]
url = "mqtt://127.0.0.1:{port}"
"""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="gaon-users-")
        cls.addClassCleanup(directory.cleanup)
        users = os.path.join(directory.name, "users")
        subprocess.run([harness.command_of_broker(), "passwd", "add", users, "ada", "--stdin"], check=True,
                       input=b"pencil-of-ada\n", stdout=subprocess.DEVNULL)
        cls.config = cls.config.replace("{users}", users)
        super().setUpClass()

    def ask(self, client_id, password):
        client = wire.Wire(self.broker.port)
        self.addCleanup(client.socket.close)
        client.send(wire.connect(client_id, flags=0xC2, tail=text("ada") + text(password)))
        return client

    def test_who_was_right_before_does_not_wait_with_those_who_guess(self):
        def code(client):
            return client.expect(wire.CONNACK)[1][1]

        self.assertEqual(code(self.ask("first", "pencil-of-ada")), 0)
        codes = set()
        for turn in range(20):
            guesses = [self.ask(f"guess{n}", "pencil") for n in range(20)]
            self.assertEqual(code(self.ask(f"ada{turn}", "pencil-of-ada")), 0)
            codes |= {code(guess) for guess in guesses}
        self.assertEqual(codes, {0x86, 0x87})  # hashed and wrong; told that it is busy


class TokenTest(Case):
    config = """
log.level = "debug"
[auth]
jwks_url = "{issuer}/realms/plant/protocol/openid-connect/certs"
jwt_issuer = "{issuer}/realms/plant"
jwt_audience = "mqtt"
jwt_user_claim = "preferred_username"
jwt_roles_claim = "realm_access.roles"
jwt_leeway_s = 0
expiry_grace_s = 1
[[listener]]
url = "mqtt://127.0.0.1:{port}"
auth = ["jwt"]
[[acl]]
role = "operator"
rules = ["allow all sites/%{site}/#"]
"""

    @classmethod
    def setUpClass(cls):
        cls.issuer = Issuer()
        cls.addClassCleanup(cls.issuer.server.shutdown)
        cls.config = cls.config.replace("{issuer}", cls.issuer.url)
        super().setUpClass()

    def test_paho_gets_in_with_a_token_as_password(self):
        self.assertEqual(self.paho_code("oauth", self.issuer.token()), 0)
        self.assertEqual(self.paho_code("oauth", self.issuer.token("ES256")), 0)

    def test_tokens_that_are_not_good_are_refused(self):
        other = rsa.generate_private_key(65537, 2048)
        none = base64url(b'{"alg":"none"}') + "." + self.issuer.token().split(".")[1] + "."
        for token in (self.issuer.token(lasts_s=-1), self.issuer.token(aud="account"), self.issuer.token(iss="https://x"),
                      self.issuer.token(signed_by=other), self.issuer.token(nbf=int(time.time()) + 60), none):
            self.assertEqual(self.paho_code("oauth", token), 5)
        self.assertEqual(self.paho_code("ada", "pencil-of-ada"), 4)

    def connection(self):
        connection = wire.Wire(self.broker.port)
        self.addCleanup(connection.socket.close)
        return connection

    @staticmethod
    def method(token):
        return b"\x15" + text("OAUTH") + b"\x16" + text(token)

    def enter(self, token, client_id="c"):
        connection = self.connection()
        connection.send(wire.connect(self.name(client_id), extra=self.method(token)))
        first_byte, body = connection.receive()
        self.assertEqual(first_byte, wire.CONNACK)
        return connection, body[1]

    def test_a_token_by_the_method_oauth_says_what_may_be_published(self):
        connection, code = self.enter(self.issuer.token())
        self.assertEqual(code, 0)
        for number_, (topic, reason) in enumerate((("sites/seoul/x", 0x10), ("sites/busan/x", 0x87)), 1):
            connection.send(wire.publish(topic, b"1", qos=1, packet_id=number_))
            first_byte, body = connection.receive()
            self.assertEqual((first_byte, body[2]), (wire.PUBACK, reason))
        self.assertEqual(self.enter(self.issuer.token(lasts_s=-1))[1], 0x87)

    def renew(self, connection, token):
        connection.send(packet(wire.AUTH, bytes([AGAIN]), properties(5, self.method(token))))
        return connection.receive()

    def test_a_token_is_renewed_inside_the_session(self):
        connection, _ = self.enter(self.issuer.token(lasts_s=2))
        first_byte, body = self.renew(connection, self.issuer.token())
        self.assertEqual((first_byte, body[0]), (wire.AUTH, 0))
        # One like its first token ends later than that, and takes its connection with it.
        other, _ = self.enter(self.issuer.token(lasts_s=2), "other")
        first_byte, body = other.receive()
        self.assertEqual((first_byte, body[0]), (wire.DISCONNECT, 0x87))
        connection.send(packet(wire.PINGREQ))
        self.assertEqual(connection.receive()[0], wire.PINGRESP)

    def test_another_user_cannot_take_over_the_connection(self):
        connection, _ = self.enter(self.issuer.token())
        first_byte, body = self.renew(connection, self.issuer.token(preferred_username="bob"))
        self.assertEqual((first_byte, body[0]), (wire.DISCONNECT, 0x87))

    def test_who_does_not_renew_is_disconnected(self):
        connection, code = self.enter(self.issuer.token(lasts_s=1))
        self.assertEqual(code, 0)
        first_byte, body = connection.receive()
        self.assertEqual((first_byte, body[0]), (wire.DISCONNECT, 0x87))
        self.assertIsNone(connection.receive())


class HttpTest(Case):
    config = """
log.level = "debug"
[auth]
http_url = "{issuer}/auth"
http_authorization = "Bearer ${GAON_TEST_SECRET}"
[[listener]]
url = "mqtt://127.0.0.1:{port}"
"""

    @classmethod
    def setUpClass(cls):
        cls.issuer = Issuer()
        cls.config = cls.config.replace("{issuer}", cls.issuer.url)
        os.environ["GAON_TEST_SECRET"] = "s3cret-of-the-broker"
        cls.addClassCleanup(os.environ.pop, "GAON_TEST_SECRET")
        super().setUpClass()

    def test_1_the_server_is_asked_once_and_its_answer_holds(self):
        for _ in range(3):
            self.assertEqual(self.paho_code("ada", "pencil-of-ada", "c1"), 0)
        self.assertEqual(self.paho_code("ada", "wrong", "c1"), 4)
        expected = {"client_id": "c1", "user_name": "ada", "address": "127.0.0.1"}
        self.assertEqual(self.issuer.asked, [{**expected, "password": "pencil-of-ada"}, {**expected, "password": "wrong"}])

    def test_2_without_the_server_nobody_new_gets_in(self):
        self.issuer.server.shutdown()
        self.issuer.server.server_close()
        self.assertEqual(self.paho_code("ada", "pencil-of-ada", "c2"), 5)


if __name__ == "__main__":
    harness.main()
