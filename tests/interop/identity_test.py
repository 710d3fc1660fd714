#!/usr/bin/python3
"""A client is who its certificate says: each part of it as a name, rules about that name, client ids
that have to be it, and a token on top. Certificates by the openssl command, tokens by Python."""

import hashlib
import ssl

import authentication_test
import harness
import tls_test
import wire
from wire import Wire, packet, text

# What each tls.client_name makes of the certificate of pump-7; None: the fingerprint, known later.
NAMES = {
    "common_name": "pump-7",
    "subject": "CN=pump-7",
    "dns": "pump.plant.example",
    "uri": "urn:plant:pump:7",
    "email": "pump@plant.example",
    "fingerprint": None,
}
ALT = "IP:127.0.0.1,URI:urn:plant:pump:7,DNS:pump.plant.example,DNS:other.example,email:pump@plant.example"
NOT_AUTHORIZED, NOT_AUTHORIZED_3 = 0x87, 5
ALLOWED, DENIED = 0x10, 0x87  # of a PUBLISH that nobody gets

HEAD = """
log.level = "debug"
[auth]
jwks_url = "{issuer}/certs"
jwt_user_claim = "preferred_username"
jwt_roles_claim = "realm_access.roles"
[[acl]]
role = "operator"
rules = ["allow publish sites/%{site}/#"]
[[acl]]
rules = ["allow all own/%u/#", "deny all #"]
"""
LISTENER = """
[[listener]]
url = "mqtts://127.0.0.1:{at}"
tls.certificate_file = "{certificate}"
tls.key_file = "{key}"
tls.client_ca_file = "{ca}"
"""
REQUIRED = 'auth = ["certificate"]\ntls.client_certificate = "required"\n'
# Opened last, so that all are open when it is.
PLAIN = """
[[listener]]
url = "mqtt://127.0.0.1:{port}"
allow_anonymous = true
"""
MORE = {
    **{name: f'{REQUIRED}tls.client_name = "{name}"\n' for name in NAMES},
    "own_id": REQUIRED + "client_id_is_user = true\n",
    "both": 'auth = ["certificate", "jwt"]\nrequire = "all"\ntls.client_certificate = "optional"\n',
    "either": 'auth = ["certificate", "jwt"]\nrequire = "any"\ntls.client_certificate = "optional"\n',
}


class Identity(harness.BrokerCase):
    @classmethod
    def setUpClass(cls):
        cls.issuer = authentication_test.Issuer()
        cls.addClassCleanup(cls.issuer.server.server_close)
        cls.addClassCleanup(cls.issuer.server.shutdown)
        cls.broker = harness.Broker()
        cls.addClassCleanup(cls.broker.remove)
        cls.ca = tls_test.Certificates(cls.broker.directory, "ca")
        certificate, key = cls.ca.issue("localhost")
        cls.ca.issue("pump-7", alt=ALT)
        cls.ca.issue("pump-8", alt="IP:127.0.0.1")
        cls.ports = {name: harness.free_port() for name in MORE}
        config = HEAD.replace("{issuer}", cls.issuer.url)
        for name, more in MORE.items():
            listener = LISTENER.replace("{at}", str(cls.ports[name])).replace("{ca}", cls.ca.ca)
            config += listener.replace("{certificate}", certificate).replace("{key}", key) + more
        cls.broker.config = config + PLAIN
        cls.broker.start()

    def trust(self, certificate):
        """For the side of a client, with a certificate or None."""
        context = ssl.create_default_context(cafile=self.ca.ca)
        if certificate:
            context.load_cert_chain(self.ca.path(certificate + ".pem"), self.ca.path(certificate + ".key"))
        return context

    def open(self, listener, certificate, first, context=None, session=None):
        """A connection that began with the packet first, and (code, session present) of its CONNACK."""
        client = Wire(self.ports[listener])
        self.addCleanup(lambda: client.socket.close())
        context = context or self.trust(certificate)
        client.socket = context.wrap_socket(client.socket, server_hostname="localhost", session=session)
        client.send(first)
        _, body = client.expect(wire.CONNACK)
        return client, (body[1], body[0])

    def call(self, listener, certificate, client_id="c", version=5, token=None, **rest):
        """A connection, and the code of its CONNACK."""
        proof = {"flags": 0xC2, "tail": text("u") + text(token)} if token else {}
        client, (code, _) = self.open(listener, certificate, wire.connect(client_id, version, **proof), **rest)
        return client, code

    def code(self, *arguments, **rest):
        return self.call(*arguments, **rest)[1]

    def ask(self, client, topic):
        """The reason of a PUBACK."""
        client.send(wire.publish(topic, b"x", qos=1))
        _, body = client.expect(wire.PUBACK)
        return body[2] if len(body) > 2 else 0

    def check_is(self, client, user):
        self.assertEqual(self.ask(client, f"own/{user}/x"), ALLOWED)
        self.assertEqual(self.ask(client, "own/somebody/x"), DENIED)
        for topic_filter, reason in ((f"own/{user}/#", 0), ("own/+/x", DENIED), ("own/somebody/#", DENIED)):
            client.send(wire.subscribe(topic_filter))
            self.assertEqual(client.expect(wire.SUBACK)[1][-1], reason, topic_filter)
        client.send(wire.publish(f"own/{user}/y", b"mine"))
        self.assertEqual(client.receive_publish(), (f"own/{user}/y", b"mine"))

    def fingerprint(self, certificate):
        with open(self.ca.path(certificate + ".pem"), encoding="ascii") as file:
            return hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()

    def test_each_part_of_a_certificate_can_name_its_client_and_rules_hold_for_it(self):
        for part, user in NAMES.items():
            with self.subTest(part):
                client, code = self.call(part, "pump-7", self.name(part))
                self.assertEqual(code, 0)
                self.check_is(client, user or self.fingerprint("pump-7"))

    def test_a_certificate_without_that_part_lets_nobody_in(self):
        for part in NAMES:
            there = part in ("common_name", "subject", "fingerprint")
            with self.subTest(part):
                self.assertEqual(self.code(part, "pump-8", self.name(part)), 0 if there else NOT_AUTHORIZED)
                self.assertEqual(self.code(part, "pump-8", self.name(part + "3"), 4), 0 if there else NOT_AUTHORIZED_3)

    def test_a_client_id_has_to_be_the_user_where_that_is_wanted(self):
        client, code = self.call("own_id", "pump-7", "pump-7")
        self.assertEqual(code, 0)
        for other in ("pump-8", "pump-70", "PUMP-7", ""):
            self.assertEqual(self.code("own_id", "pump-7", other), NOT_AUTHORIZED, other)
            self.assertEqual(self.code("own_id", "pump-7", other, 4), NOT_AUTHORIZED_3, other)
        self.assertIn("its client id is not its user (listener.client_id_is_user)", self.broker.log())
        self.check_is(client, "pump-7")  # Nobody took its connection over.

    def test_a_session_of_tls_that_goes_on_is_still_that_client(self):
        context = self.trust("pump-7")
        first, _ = self.call("common_name", "pump-7", self.name("1"), context=context)
        again, code = self.call("common_name", "pump-7", self.name("2"), context=context, session=first.socket.session)
        self.assertTrue(again.socket.session_reused)
        self.assertEqual(code, 0)
        self.check_is(again, "pump-7")

    def test_a_certificate_and_a_token_where_both_are_wanted(self):
        good = self.issuer.token()
        for what, certificate, token in (
            ("a certificate alone", "pump-7", None),
            ("a token alone", None, good),
            ("neither", None, None),
            ("a token out of date", "pump-7", self.issuer.token(lasts_s=-100)),
            ("a password for a token", "pump-7", "pencil"),
        ):
            with self.subTest(what):
                self.assertEqual(self.code("both", certificate, self.name("x"), token=token), NOT_AUTHORIZED)
                self.assertEqual(self.code("both", certificate, self.name("x"), 4, token), NOT_AUTHORIZED_3)
        # It is who the certificate names, with the roles and claims of the token.
        client, code = self.call("both", "pump-7", self.name("c"), token=good)
        self.assertEqual(code, 0)
        self.check_is(client, "pump-7")
        for topic, reason in (("sites/seoul/x", ALLOWED), ("sites/busan/x", DENIED), ("own/ada/x", DENIED)):
            self.assertEqual(self.ask(client, topic), reason, topic)
        self.assertEqual(self.code("both", "pump-7", self.name("c3"), 4, good), 0)

    def test_a_certificate_or_a_token_where_one_is_enough(self):
        client, code = self.call("either", "pump-7", self.name("c"))
        self.assertEqual(code, 0)
        self.check_is(client, "pump-7")
        client, code = self.call("either", None, self.name("t"), token=self.issuer.token())
        self.assertEqual(code, 0)
        self.check_is(client, "ada")
        self.assertEqual(self.code("either", None, self.name("x")), NOT_AUTHORIZED)

    def test_what_waits_in_a_session_is_for_the_certificate_that_began_it(self):
        client_id, keep = self.name("s"), {"flags": 0, "extra": b"\x11" + wire.u32(3600)}

        def enter(certificate):
            """The connection, and whether a session goes on."""
            client, (code, present) = self.open("common_name", certificate, wire.connect(client_id, **keep))
            self.assertEqual(code, 0)
            return client, present

        def leave(client):
            client.send(packet(wire.DISCONNECT))
            client.receive_to_end()

        leave(enter("pump-7")[0].subscribe("own/pump-7/q", options=1))
        client, present = enter("pump-7")
        self.assertEqual(present, 1)
        leave(client)
        other, _ = self.call("common_name", "pump-7", self.name("p"))
        self.assertEqual(self.ask(other, "own/pump-7/q"), 0)
        client, present = enter("pump-8")
        self.assertEqual(present, 0)
        client.send(packet(wire.PINGREQ))
        client.expect(wire.PINGRESP)  # and no PUBLISH before it


if __name__ == "__main__":
    harness.main()
