#!/usr/bin/python3
"""Tokens while the clock of the machine is set, and while the server of their keys hangs: the
broker's clocks are moved by a library that is loaded before it."""

import os
import struct
import sys
import tempfile
import threading
import time
import unittest

import harness
import wire
from wire import Wire, text

try:
    import authentication_test
except SystemExit:
    sys.exit(harness.SKIPPED)


class HeldIssuer(authentication_test.Issuer):
    """Gives its keys while it is free."""

    def __init__(self):
        super().__init__()
        self.is_free, self.asked_for_keys = threading.Event(), 0
        self.is_free.set()
        good = self.server.RequestHandlerClass

        class Handler(good):
            def do_GET(handler):
                self.asked_for_keys += 1
                self.is_free.wait()
                try:
                    super().do_GET()
                except OSError:
                    pass  # The broker had enough.

        self.server.RequestHandlerClass = Handler


@unittest.skipIf("GAON_MOVED_CLOCK" not in os.environ, "GAON_MOVED_CLOCK names the library")
class ClockTest(unittest.TestCase):
    CONFIG = """
auth.jwks_url = "{issuer}/certs"
auth.jwt_user_claim = "preferred_username"
auth.jwt_leeway_s = 60
[[listener]]
url = "mqtt://127.0.0.1:{port}"
auth = ["jwt"]
"""

    def setUp(self):
        self.issuer = HeldIssuer()
        self.addCleanup(self.issuer.server.server_close)
        self.addCleanup(self.issuer.server.shutdown)
        self.addCleanup(self.issuer.is_free.set)
        file = tempfile.NamedTemporaryFile()
        self.addCleanup(file.close)
        self.clocks = file
        self.broker = harness.Broker(config=self.CONFIG.replace("{issuer}", self.issuer.url))
        self.addCleanup(self.broker.remove)
        self.broker.environment = {"LD_PRELOAD": os.environ["GAON_MOVED_CLOCK"], "GAON_CLOCKS": file.name,
                                   "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def set_clocks(self, system_s=0, steady_s=0, stands_at_s=0):
        self.clocks.seek(0)
        self.clocks.write(struct.pack("=qqq", system_s, steady_s, stands_at_s))
        self.clocks.flush()

    def ask(self, token, client_id="c"):
        client = Wire(self.broker.port)
        self.addCleanup(client.socket.close)
        client.send(wire.connect(client_id, flags=0xC2, tail=text("u") + text(token)))
        return client

    def code(self, token, client_id="c"):
        return self.ask(token, client_id).expect(wire.CONNACK)[1][1]

    def test_a_clock_that_is_put_right_is_heard(self):
        self.set_clocks(system_s=-7200)
        self.broker.start()
        fresh, over = self.issuer.token(), self.issuer.token(lasts_s=-3600, iat=int(time.time()) - 8000)
        self.assertEqual((self.code(fresh), self.code(over)), (0x87, 0))
        self.set_clocks(system_s=0)
        self.assertEqual((self.code(fresh), self.code(over)), (0, 0x87))
        self.assertEqual(self.broker.stop(), 0)

    def test_who_has_a_known_key_gets_in_while_the_server_of_keys_hangs(self):
        self.set_clocks()
        self.broker.start()
        self.assertEqual(self.code(self.issuer.token()), 0)
        self.issuer.is_free.clear()
        # Newer keys may be asked for, and the broker's patience with the server does not end.
        self.set_clocks(stands_at_s=int(time.monotonic()) + 40)
        unknown = self.issuer.token().split(".")
        unknown[0] = authentication_test.base64url(b'{"alg":"ES256","kid":"new"}')
        waiting = [self.ask(".".join(unknown), f"w{n}") for n in range(20)]
        harness.wait_for(lambda: self.issuer.asked_for_keys == 2, "the broker to ask for newer keys")
        for number in range(20):
            self.assertEqual(self.code(self.issuer.token(), f"c{number}"), 0)
        # All of them while the server still held the request.
        self.assertNotIn("the keys for tokens could not be fetched", self.broker.log())
        self.assertEqual(self.issuer.asked_for_keys, 2)
        self.issuer.is_free.set()
        for client in waiting:
            self.assertEqual(client.expect(wire.CONNACK)[1][1], 0x87)
        self.set_clocks(steady_s=100)
        self.assertEqual(self.broker.stop(), 0)


if __name__ == "__main__":
    harness.main()
