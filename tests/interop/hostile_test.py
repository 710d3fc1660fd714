#!/usr/bin/python3
"""Peers that mean harm: who goes on for ever without getting anywhere, heads and tokens made to be
expensive, and a JWKS server that is down, slow or talks nonsense. Each is bounded, somebody else is
served meanwhile, and the log says what it was."""

import json
import os
import select
import socket
import ssl
import threading
import time
import unittest

import authentication_test
import harness
import tls_test
import wire
from authentication_test import base64url
from harness import DEADLINE_S, wait_for
from wire import Wire, packet, text

MIB = 1 << 20
CONNECT = wire.connect("never", flags=0x06, tail=b"\x00" + text("t") + text(bytes(60_000)))
WEBSOCKET = (b"GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n")


class Entrances(harness.BrokerCase):
    """A broker with a listener of each kind; harness.Broker's own is the plain one, opened last."""

    NAMES = ("tls", "ws", "proxy")

    @classmethod
    def setUpClass(cls):
        cls.broker = harness.Broker()
        cls.addClassCleanup(cls.broker.remove)
        cls.ports = {name: harness.free_port() for name in cls.NAMES}
        ca = tls_test.Certificates(cls.broker.directory, "ca")
        certificate, key = ca.issue("localhost")
        cls.trust = ssl.create_default_context(cafile=ca.ca)
        cls.broker.config = f"""
limits.connect_timeout_s = 2
[[listener]]
url = "mqtts://127.0.0.1:{cls.ports["tls"]}"
allow_anonymous = true
tls.certificate_file = "{certificate}"
tls.key_file = "{key}"
[[listener]]
url = "ws://127.0.0.1:{cls.ports["ws"]}"
allow_anonymous = true
[[listener]]
url = "mqtt://127.0.0.1:{cls.ports["proxy"]}"
allow_anonymous = true
proxy_protocol = true
proxy_trusted = "127.0.0.1"
[[listener]]
url = "mqtt://127.0.0.1:{{port}}"
allow_anonymous = true
"""
        cls.broker.start()

    def connect(self, name=None):
        made = socket.create_connection(("127.0.0.1", self.ports[name] if name else self.broker.port), DEADLINE_S)
        self.addCleanup(made.close)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def witness(self):
        client = Wire(self.broker.port).open(self.name("witness"))
        self.addCleanup(client.socket.close)
        return client

    def lives(self, client):
        client.send(packet(wire.PINGREQ))
        client.expect(wire.PINGRESP)

    def in_tls(self):
        secure = self.trust.wrap_socket(self.connect("tls"), server_hostname="localhost")
        self.addCleanup(secure.close)
        return secure

    def in_websocket(self):
        made = self.connect("ws")
        made.sendall(WEBSOCKET + b"\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += made.recv(1)
        self.assertIn(b" 101 ", head)
        return made

    def hello(self):
        """What a client of TLS sends first, at its full length."""
        out = ssl.MemoryBIO()
        try:
            self.trust.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost").do_handshake()
        except ssl.SSLWantReadError:
            pass
        return out.read()

    def test_who_sends_a_byte_now_and_then_is_closed_all_the_same(self):
        frames = [b"\x82\x81\x00\x00\x00\x00" + bytes([byte]) for byte in CONNECT]  # each masked with zeros
        singly = lambda data: [bytes([byte]) for byte in data]
        hello = self.hello()
        rows = [
            ("CONNECT", self.connect(), singly(CONNECT)),
            ("CONNECT in TLS", self.in_tls(), singly(CONNECT)),
            ("CONNECT in WebSocket", self.in_websocket(), frames),
            ("a handshake of TLS", self.connect("tls"), singly(hello[:-1])),
            ("a WebSocket request", self.connect("ws"), singly(WEBSOCKET + b"X: " + bytes(4000).replace(b"\0", b"x"))),
            ("a PROXY header", self.connect("proxy"), singly(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x0f\xa0" + bytes(3000))),
        ]
        witness = self.witness()
        began, opened = time.monotonic(), {}
        for what, made, pieces in rows:
            opened[made] = (what, iter(pieces))
        while opened:
            # 20 bytes a second: none of them comes to its end before the deadline is over.
            ready, _, _ = select.select(list(opened), [], [], 0.05)
            for made in [one for one in ready if self.ended(one)]:
                what, _ = opened.pop(made)
                self.assertGreaterEqual(time.monotonic() - began, 1, f"{what} was closed early")
            for made, (_, pieces) in opened.items():
                try:
                    made.sendall(next(pieces))
                except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                    pass  # It is seen as the end.
            self.lives(witness)
            self.assertLess(time.monotonic() - began, DEADLINE_S, f"still open: {[what for what, _ in opened.values()]}")
        wait_for(lambda: self.broker.log().count("not authenticated, in time; closed") >= len(rows), "a line for each")

    @staticmethod
    def ended(made):
        """Whether there is nothing more to read, not even later. Takes what is there."""
        made.setblocking(False)
        try:
            return made.recv(4096) == b""
        except (BlockingIOError, ssl.SSLWantReadError):
            return False  # Tickets of TLS are no bytes.
        except (ConnectionResetError, ssl.SSLError):
            return True
        finally:
            made.settimeout(DEADLINE_S)

    def send_to_the_end(self, name, data):
        """What comes before the connection is closed."""
        made, got = self.connect(name), b""
        try:
            made.sendall(data)
            while piece := made.recv(65536):
                got += piece
        except (BrokenPipeError, ConnectionResetError):
            pass
        return got

    def test_a_head_of_http_that_does_not_end_is_refused_at_8_kib(self):
        witness = self.witness()
        for head in (b"X: " + b"x" * 9000, b"".join(b"X%d: x\r\n" % n for n in range(100_000))):
            self.send_to_the_end("ws", WEBSOCKET + head)
            self.lives(witness)
        self.assertIn("the head is larger than 8 KiB", self.broker.log())
        # No byte too many, so that the answer cannot get lost.
        self.assertIn(b" 431 ", self.send_to_the_end("ws", (WEBSOCKET + b"X: " + b"x" * 9000)[:8192]))

    def test_garbage_instead_of_a_handshake_is_named(self):
        witness = self.witness()
        for garbage, cause in (
            (bytes(range(128, 255)), "what it sends is not TLS"),
            (bytes(5000), "what it sends is not TLS"),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "what it sends is not TLS"),
            (b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(40), "what it sends is not TLS"),  # SSL 2
            (b"\x16\x03\x01\x40\x01" + bytes(20_000), "what it sends is broken TLS"),
            (b"\x16\x03\x01\x00\x20" + b"\xff" * 32, "what it sends is broken TLS"),
            (self.hello()[:60] + bytes(1000), "TLS failed: "),
        ):
            with self.subTest(garbage=garbage[:8]):
                since = self.broker.log_size()
                self.send_to_the_end("tls", garbage)
                wait_for(lambda: "TLS failed: " in self.broker.log(since), "a line about it")
                self.assertIn(cause, self.broker.log(since))
                self.lives(witness)


class Tokens(authentication_test.Case):
    """Tokens that are expensive on purpose, in front of one who has a good one."""

    config = """
log.level = "debug"
[auth]
jwks_url = "{issuer}/certs"
jwt_user_claim = "preferred_username"
jwt_roles_claim = "realm_access.roles"
[[listener]]
url = "mqtt://127.0.0.1:{port}"
auth = ["jwt"]
"""

    @classmethod
    def setUpClass(cls):
        cls.issuer = authentication_test.Issuer()
        cls.addClassCleanup(cls.issuer.server.shutdown)
        cls.config = cls.config.replace("{issuer}", cls.issuer.url)
        super().setUpClass()

    def code(self, token, client_id="c"):
        """Of the CONNACK; None: it was just closed."""
        with Wire(self.broker.port) as client:
            client.send(wire.connect(self.name(client_id), flags=0xC2, tail=text("u") + text(token)))
            found = client.receive()
            return found and found[1][1]

    def signed(self, claims):
        front = base64url(json.dumps({"alg": "ES256", "kid": "e"}).encode()) + "." + base64url(claims)
        return front + "." + base64url(self.issuer.sign("ES256", front.encode(), None))

    def test_bombs_are_refused_and_others_get_in(self):
        deep = b'{"a":' * 2000 + b"1" + b"}" * 2000
        good = self.issuer.token()
        _, claims, signature = good.split(".")
        rows = [
            ("as large as a password may be", "eyJ." + "eyJ" + "A" * 65_000 + "." + signature),
            ("one byte too large", good + "A" * (16 * 1024 + 1 - len(good))),
            ("a deep header", ".".join((base64url(deep[:9_000]), claims, signature))),
            ("deep claims, well signed", self.signed(deep[:9_000])),
            ("deep and whole, well signed", self.signed(b'{"a":' * 1000 + b"1" + b"}" * 1000)),
            ("one claim many times, well signed", self.signed(b"{" + b'"a":1,' * 1500 + b'"a":1}')),
            ("a number without end", self.signed(b'{"exp":1' + b"0" * 9_000 + b"}")),
            ("an exponent", self.signed(b'{"exp":1e999,"preferred_username":"ada"}')),
            ("more roles than may be", self.issuer.token(realm_access={"roles": [str(n) for n in range(1500)]})),
            ("a user without end", self.issuer.token(preferred_username="u" * 5000)),
        ]
        for what, token in rows:
            with self.subTest(what):
                self.assertEqual(self.code(token), 0x87)
                self.assertEqual(self.code(good), 0)
        self.assertEqual(self.code("." * 60_000), 0x86)  # no token
        self.assertIsNone(self.code_of_method("x" * 65_000, times=3))  # beyond limits.connect_bytes_max
        self.assertEqual(self.code(self.issuer.token(**{f"claim{n}": n for n in range(600)})), 0)  # only long

    def code_of_method(self, token, times):
        more = b"".join(b"\x26" + text("k") + text(token) for _ in range(times))
        with Wire(self.broker.port) as client:
            client.send(wire.connect(self.name("m"), extra=b"\x15" + text("OAUTH") + b"\x16" + text(token) + more))
            found = client.receive()
            return found and found[1][1]


class BadIssuer(authentication_test.Issuer):
    """Serves its keys in a bad way until it is told to be good."""

    def __init__(self, way):
        super().__init__()
        self.way, self.is_good = way, threading.Event()
        good = self.server.RequestHandlerClass

        class Handler(good):
            def do_GET(handler):
                if self.is_good.is_set():
                    return super().do_GET()
                handler.send_response(500 if way == "status" else 200)
                handler.end_headers()
                try:
                    self.misbehave(handler.wfile.write)
                except OSError:
                    pass  # The broker had enough.

        self.server.RequestHandlerClass = Handler

    def misbehave(self, write):
        if self.way == "huge":
            for _ in range(64):
                write(b" " * MIB)
        elif self.way == "hanging":
            while not self.is_good.wait(0.1):
                write(b" ")  # on and on
        else:
            write({"no JSON": b"<html>", "no keys": b'{"keys":[]}', "deep": b'{"keys":' + b"[" * 300_000,
                   "status": json.dumps(self.jwks()).encode()}[self.way])


class BadIssuers(unittest.TestCase):
    """Several brokers side by side, as each asks its server again only after 5 s."""

    CONFIG = """
auth.jwks_url = "{issuer}/certs"
auth.jwt_user_claim = "preferred_username"
workers = 1
[[listener]]
url = "mqtt://127.0.0.1:{open}"
allow_anonymous = true
[[listener]]
url = "mqtt://127.0.0.1:{port}"
auth = ["jwt"]
"""
    WAYS = {
        "huge": "its answer is too large",
        "no JSON": "neither PEM nor JWK",
        "no keys": "there is no public key for tokens in it",
        "deep": "no JSON object, or not a strict one",
        "status": "it answered with status 500",
        "down": "Couldn't connect to server",
        "hanging": "Timeout was reached",
    }

    def begin(self, way):
        issuer, open_port = BadIssuer(way), harness.free_port()
        self.addCleanup(issuer.server.server_close)
        self.addCleanup(issuer.server.shutdown)
        self.addCleanup(issuer.is_good.set)
        url = issuer.url if way != "down" else f"http://127.0.0.1:{harness.free_port()}"
        broker = harness.Broker(config=self.CONFIG.replace("{issuer}", url).replace("{open}", str(open_port)))
        self.addCleanup(broker.remove)
        return issuer, broker.start(), open_port

    @staticmethod
    def ask(broker, issuer):
        client = Wire(broker.port)
        client.send(wire.connect("c", flags=0xC2, tail=text("u") + text(issuer.token())))
        return client

    def test_nobody_gets_in_until_the_keys_come_and_others_do_not_wait(self):
        all_of_them = {way: self.begin(way) for way in self.WAYS}
        waiting = {way: self.ask(broker, issuer) for way, (issuer, broker, _) in all_of_them.items()}
        for _, _, open_port in all_of_them.values():
            with Wire(open_port) as client:
                client.open("beside")
        self.assertEqual(select.select([waiting["hanging"].socket], [], [], 0)[0], [])
        for way, (issuer, broker, _) in all_of_them.items():
            with self.subTest(way), waiting[way] as client:
                self.assertEqual(client.expect(wire.CONNACK)[1][1], 0x87)
                self.assertIn(self.WAYS[way], broker.log())
                self.assertIn("there are no keys to check tokens with", broker.log())
                if not harness.is_sanitized():
                    self.assertLess(broker.memory_bytes("VmHWM"), 128 * MIB)
            issuer.is_good.set()
        for way, (issuer, broker, _) in all_of_them.items():
            if way != "down":
                wait_for(lambda: self.gets_in(broker, issuer), f"the keys after {way}")
            self.assertEqual(broker.stop(), 0)

    def gets_in(self, broker, issuer):
        with self.ask(broker, issuer) as client:
            return client.expect(wire.CONNACK)[1][1] == 0


if __name__ == "__main__":
    harness.main()
