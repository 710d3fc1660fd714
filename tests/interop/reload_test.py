#!/usr/bin/python3
"""Reload: certificates, lists of revoked ones, users, rules and keys of tokens change while clients
are connected, by SIGHUP, by `gaon reload` and by a change of the file."""

import json
import os
import selectors
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

import authentication_test
import harness
import wire
from harness import DEADLINE_S
from tls_test import Certificates
from wire import Wire, packet, text

CLIENTS, PUBLISHERS, PER_SECOND, SECONDS = 1000, 8, 10_000, 5
if harness.is_sanitized():
    CLIENTS, PER_SECOND = 200, 1_000


class ReloadBroker(harness.Broker):
    """With a file that a test writes anew; reload.watch is off unless it says otherwise."""

    def __init__(self, watch=False):
        super().__init__()
        self.file = os.path.join(self.directory, "gaon.toml")
        self.data = os.path.join(self.directory, "data")
        self.watch = watch
        self.tls_port = harness.free_port()

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, content):
        """As an editor does: another file in its place."""
        with open(self.path(name + ".new"), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
        os.rename(self.path(name + ".new"), self.path(name))

    def configure(self, content, listener="allow_anonymous = true"):
        head = "" if self.watch else "reload.watch = false\n"
        url = f"mqtt://127.0.0.1:{self.port}"
        self.write("gaon.toml", f'{head}{content}\n[[listener]]\nurl = "{url}"\n{listener}\n')

    def command(self):
        return [harness.command_of_broker(), "serve", "-c", self.file, "--data-dir", self.data]

    def gaon(self, *arguments, **rest):
        return subprocess.run(
            [harness.command_of_broker(), *arguments], capture_output=True, text=True, timeout=60, cwd=self.directory, **rest
        )

    def reload(self, *arguments):
        return self.gaon("reload", "-c", self.file, "--data-dir", self.data, *arguments)

    def report(self):
        try:
            with open(os.path.join(self.data, "reload.json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def signalled(self):
        """SIGHUP, and what became of it. For files that `gaon reload` would not let through."""
        before = (self.report() or {"number": 0})["number"]
        self.process.send_signal(signal.SIGHUP)
        return harness.wait_for(
            lambda: (report := self.report()) and report["number"] > before and report, "the end of a reload"
        )


class Reload(unittest.TestCase):
    def begin(self, watch=False):
        self.broker = ReloadBroker(watch)
        self.addCleanup(self.broker.remove)
        self.clients = []
        return self.broker

    def tearDown(self):
        for client in self.clients:
            client.socket.close()
        code = self.broker.stop()
        self.assertEqual(code, 0, self.broker.log()[-20000:])

    def enter(self, client_id, user=None, password=""):
        client = Wire(self.broker.port)
        self.clients.append(client)
        if user is None:
            return client.open(client_id)
        return client.open(client_id, flags=0xC2, tail=text(user) + text(password))

    def refused(self, client_id, user, password):
        with Wire(self.broker.port) as client:
            client.send(wire.connect(client_id, flags=0xC2, tail=text(user) + text(password)))
            return client.expect(wire.CONNACK)[1][1] >= 0x80

    def lives(self, client):
        client.send(packet(wire.PINGREQ))
        client.expect(wire.PINGRESP)

    def reloaded(self):
        done = self.broker.reload("--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_web_pages_of_other_origins_are_turned_away_from_then_on(self):
        broker = self.begin()
        port = broker.tls_port
        listener = f'allow_anonymous = true\n[[listener]]\nurl = "ws://127.0.0.1:{port}"\nallow_anonymous = true\n'
        broker.configure("", listener)
        broker.start()

        def opened_by(origin):
            page = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
            page.settimeout(DEADLINE_S)
            self.addCleanup(page.close)
            page.sendall((f"GET /mqtt HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n").encode())
            return page, page.recv(4096).split(b"\r\n")[0]

        before, answer = opened_by("https://eve.example")
        self.assertEqual(answer, b"HTTP/1.1 101 Switching Protocols")
        broker.configure("", listener + 'origins = "https://console.example"')
        self.assertEqual(self.reloaded()["changed"], [f"listener ws://127.0.0.1:{port}/mqtt: origins"])
        self.assertEqual(opened_by("https://console.example")[1], b"HTTP/1.1 101 Switching Protocols")
        self.assertEqual(opened_by("https://eve.example")[1], b"HTTP/1.1 403 Forbidden")
        self.assertIn("pages of https://eve.example may not connect (listener.origins)", broker.log())
        before.sendall(b"\x89\x80\0\0\0\0")  # a ping: who is there stays
        self.assertEqual(before.recv(16), b"\x8a\x00")

    def test_a_right_is_taken_away_and_others_keep_theirs(self):
        broker = self.begin()
        rules = 'user ada\nallow all a/#\nuser bob\nallow all {}/#\nexpect allow user=ada publish a/x\n'
        for user in ("ada", "bob"):
            broker.gaon("passwd", "add", broker.path("users"), user, "--stdin", input="pw\n")
        broker.write("acl", rules.format("a"))
        broker.configure('auth.password_file = "users"\nauth.acl_file = "acl"', "")
        broker.start()
        ada, bob = self.enter("ada", "ada", "pw"), self.enter("bob", "bob", "pw")
        ada.subscribe("a/x"), bob.subscribe("a/x")
        broker.write("acl", rules.format("b"))
        report = self.reloaded()
        self.assertEqual((report["disconnected"], report["restricted"]), (0, 1), report)
        self.assertEqual(report["changed"], ["acl", "auth.acl_file: what is in the file"])
        self.assertIn("1 connected client would lose access", broker.log())
        bob.send(wire.publish("a/x", b"no", qos=1))
        self.assertEqual(bob.expect(wire.PUBACK)[1][2], 0x87)
        ada.send(wire.publish("a/x", b"yes"))
        self.assertEqual(ada.receive_publish(), ("a/x", b"yes"))
        self.lives(bob)
        # Tests of rules that fail keep them out.
        broker.write("acl", rules.format("b").replace("user ada\nallow", "user ada\ndeny"))
        done = broker.reload()
        self.assertEqual(done.returncode, 1)
        self.assertIn("expect allow user=ada publish a/x", done.stderr)
        self.assertFalse(broker.signalled()["ok"])
        self.lives(ada)
        # Who is gone from the file is gone, the others stay.
        broker.write("acl", rules.format("b"))
        broker.gaon("passwd", "remove", broker.path("users"), "ada")
        report = self.reloaded()
        self.assertEqual((report["disconnected"], report["restricted"]), (1, 0), report)
        self.assertEqual(ada.expect(wire.DISCONNECT)[1][0], 0x87)
        self.assertIsNone(ada.receive())
        self.lives(bob)
        self.assertTrue(self.refused("ada", "ada", "pw"))

    def test_a_broken_file_changes_nothing_and_is_told_with_its_line(self):
        broker = self.begin()
        broker.configure("limits.topic_levels_max = 2")
        broker.start()
        client = self.enter("c")
        broker.configure("limits.topic_levels_max = 1\nlimits.connections_max = 0")
        done = broker.reload()
        self.assertEqual(done.returncode, 1)
        self.assertIn("gaon.toml:3: limits.connections_max", done.stderr)
        self.assertIsNone(broker.report())  # It was not even asked.
        report = broker.signalled()
        self.assertFalse(report["ok"])
        self.assertEqual((report["problems"][0]["line"], report["problems"][0]["key"]), (3, "limits.connections_max"))
        self.assertIn("nothing changed", broker.log())
        client.send(wire.publish("a/b", b"", qos=1))
        self.assertEqual(client.expect(wire.PUBACK)[1][2:3], b"\x10")
        # And a good one: what can change does, what cannot is named.
        broker.configure('limits.topic_levels_max = 1\nworkers = 3\nlog.level = "debug"')
        done = broker.reload()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("changed: limits.topic_levels_max: 2 -> 1", done.stdout)
        self.assertIn("needs a restart: workers", done.stdout)
        client.send(wire.publish("a/b", b"", qos=1))
        self.assertEqual(client.expect(wire.PUBACK)[1][2], 0x90)
        self.enter("late")
        self.assertIn("client 'late' connected", broker.log())  # log.level
        self.assertEqual(broker.reload("--check").returncode, 0)

    def tls(self, authority, certificate, **rest):
        """A TLS 1.2 handshake, whose tickets can be used at once, and MQTT in it."""
        context = ssl.create_default_context(cafile=authority.ca)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        if certificate:
            context.load_cert_chain(authority.path(certificate + ".pem"), authority.path(certificate + ".key"))
        return self.handshake(context, certificate or "c", **rest)

    def handshake(self, context, client_id, session=None):
        plain = socket.create_connection(("127.0.0.1", self.broker.tls_port), timeout=DEADLINE_S)
        client = context.wrap_socket(plain, server_hostname="localhost", session=session)
        client.sendall(wire.connect(client_id))
        if client.recv(100)[:1] != b"\x20":
            raise ConnectionError("no CONNACK")
        return client, context

    def configure_tls(self, authority, certificate, more=""):
        self.broker.configure(
            f'sys_interval_s = 1\n[[listener]]\nurl = "mqtts://127.0.0.1:{self.broker.tls_port}"\nallow_anonymous = true\n'
            f'tls.certificate_file = "{certificate[0]}"\ntls.key_file = "{certificate[1]}"\n'
            f'tls.min_version = "1.2"\n{more}'
        )

    def days(self, expected):
        """Waits until $SYS says so many days are left of its certificate."""
        topic = f"$SYS/broker/certificates/127.0.0.1:{self.broker.tls_port}/days"
        watch = harness.Process("mosquitto_sub", "-p", self.broker.port, "-F", "days %p", "-t", topic)
        self.addCleanup(watch.kill)
        watch.wait_line(f"days {expected}")

    def test_a_new_certificate_is_for_new_connections(self):
        broker = self.begin()
        authority = Certificates(broker.directory, "plant-ca")
        server = authority.issue("localhost")
        self.configure_tls(authority, server)
        broker.start()
        old, _ = self.tls(authority, None)
        self.addCleanup(old.close)
        serial = old.getpeercert()["serialNumber"]
        self.days(0)
        authority.issue("renewed", "-days", "10")
        for end in (".pem", ".key"):
            os.rename(authority.path("renewed" + end), authority.path("localhost" + end))
        report = self.reloaded()
        self.assertEqual(len(report["changed"]), 2, report)
        self.days(9)
        late, _ = self.tls(authority, None)
        self.addCleanup(late.close)
        self.assertNotEqual(late.getpeercert()["serialNumber"], serial)
        old.sendall(packet(wire.PINGREQ))
        # A key that does not fit: nothing changes.
        authority.issue("another")
        os.rename(authority.path("another.key"), authority.path("localhost.key"))
        self.assertFalse(broker.signalled()["ok"])
        self.tls(authority, None)[0].close()

    def test_who_is_revoked_goes_and_its_ticket_is_worth_nothing(self):
        broker = self.begin()
        authority = Certificates(broker.directory, "plant-ca")
        server = authority.issue("localhost")
        authority.issue("pump"), authority.issue("lost")
        mtls = f'tls.client_certificate = "required"\ntls.client_ca_file = "{authority.ca}"\n'
        self.configure_tls(authority, server, mtls)
        broker.start()
        lost, lost_context = self.tls(authority, "lost")
        pump, _ = self.tls(authority, "pump")
        self.addCleanup(pump.close)
        ticket = lost.session
        again, _ = self.handshake(lost_context, "lost-again", ticket)
        self.assertTrue(again.session_reused)
        self.configure_tls(authority, server, mtls + f'tls.crl = "{authority.crl("lost")}"\n')
        report = self.reloaded()
        self.assertEqual(report["disconnected"], 2, report)
        for client in (lost, again):
            self.assertEqual(client.recv(100)[:3], b"\xe0\x01\x87")
            client.close()
        for session in (ticket, None):
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.handshake(lost_context, "lost", session)
        self.tls(authority, "pump")[0].close()
        self.assertIn("its certificate was revoked", broker.log())

    def test_keys_of_tokens_are_rotated(self):
        broker = self.begin()
        issuer, other = authentication_test.Issuer(), authentication_test.Issuer()
        for server in (issuer.server, other.server):
            self.addCleanup(server.shutdown)
        broker.write("jwks.json", json.dumps(issuer.jwks()))
        broker.configure('auth.jwt_keys = "jwks.json"', "")
        broker.start()
        before = issuer.token(preferred_username="ada", sub="ada")
        client = self.enter("c", "ada", before)
        broker.write("jwks.json", json.dumps(other.jwks()))
        self.assertEqual(self.reloaded()["changed"], ["auth.jwt_keys: what is in the file"])
        self.assertTrue(self.refused("d", "ada", before))
        self.enter("e", "ada", other.token(preferred_username="ada", sub="ada"))
        self.lives(client)

    def test_keys_that_were_fetched_stay_while_their_server_is_down(self):
        broker = self.begin()
        issuer = authentication_test.Issuer()
        broker.gaon("passwd", "add", "users", "bob", "--stdin", input="pencil-of-bob")
        broker.configure(f'auth.jwks_url = "{issuer.url}"\nauth.password_file = "users"', "")
        broker.start()
        token = issuer.token(preferred_username="ada", sub="ada")
        self.enter("c", "ada", token)
        issuer.server.shutdown()
        issuer.server.server_close()
        broker.gaon("passwd", "add", "users", "eve", "--stdin", input="pencil-of-eve")
        self.assertEqual(self.reloaded()["changed"], ["auth.password_file: what is in the file"])
        self.enter("d", "ada", token)
        self.enter("e", "eve", "pencil-of-eve")

    def test_files_that_change_are_noticed(self):
        broker = self.begin(watch=True)
        broker.write("acl", "everybody\nallow all #\n")
        broker.configure('auth.acl_file = "acl"')
        broker.start()
        client = self.enter("c")

        def allowed():
            client.send(wire.publish("a", b"", qos=1))
            return client.expect(wire.PUBACK)[1][2:3] != b"\x87"

        def told(number):
            return harness.wait_for(
                lambda: (report := broker.report()) and report["number"] == number and report, f"reload {number}"
            )

        self.assertTrue(allowed())
        broker.write("acl", "everybody\ndeny all #\n")
        self.assertTrue(told(1)["ok"])
        self.assertFalse(allowed())
        broker.write("acl", "everybody\nallow al #\n")
        self.assertFalse(told(2)["ok"])
        self.assertFalse(allowed())
        with open(broker.path("acl"), "w", encoding="utf-8") as file:  # in place
            file.write("everybody\nallow all #\n")
        self.assertTrue(told(3)["ok"])
        self.assertTrue(allowed())
        self.assertEqual(broker.log().count("reload: reading"), 3)

    def test_what_changes_while_the_broker_starts_is_taken_over(self):
        for watch in (False, True):
            with self.subTest(watch=watch):
                broker = self.begin(watch)
                for user in ("ada", "bob"):
                    broker.gaon("passwd", "add", broker.path("users"), user, "--stdin", input="pw\n")
                broker.configure('auth.password_file = "users"', "")
                held = broker.path("held")
                broker.environment = {
                    "LD_PRELOAD": os.environ["GAON_HELD_START"],
                    "GAON_HELD": held,
                    "ASAN_OPTIONS": "verify_asan_link_order=0",
                }

                def change():
                    harness.wait_for(lambda: os.path.exists(held), "the broker to have read its files")
                    broker.gaon("passwd", "remove", broker.path("users"), "ada")
                    os.remove(held)

                other = threading.Thread(target=change)
                other.start()
                broker.start()
                other.join()
                if watch:
                    harness.wait_for(broker.report, "a reload")
                else:
                    self.assertEqual(self.reloaded()["changed"], ["auth.password_file: what is in the file"])
                self.assertTrue(self.refused("ada", "ada", "pw"))
                self.enter("bob", "bob", "pw").socket.close()
                if not watch:
                    self.assertEqual(broker.stop(), 0, broker.log())

    def test_gaon_reload_says_when_there_is_no_broker(self):
        broker = self.begin()
        broker.configure("")
        broker.start()
        done = broker.gaon("reload", "--data-dir", broker.directory)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no broker runs with", done.stderr)

    def test_under_load_nobody_is_disconnected_and_nothing_is_lost(self):
        harness.raise_file_limit()
        broker = self.begin()
        broker.configure("limits.connections_max = 5000")
        broker.start()
        for i in range(CLIENTS):
            self.enter(f"c{i}").subscribe(f"t/{i}")
        publishers = [Publisher(self.enter(f"p{i}"), i) for i in range(PUBLISHERS)]
        readers = Readers(self.clients[:CLIENTS])
        readers.start()
        began = time.monotonic()
        for publisher in publishers:
            publisher.start()
        for turn in range(1, 4):
            harness.wait_for(lambda: time.monotonic() - began > turn * SECONDS / 4, "the time of a reload")
            broker.configure(f"limits.connections_max = {5000 + turn}\nlimits.topic_levels_max = {100 + turn}")
            self.assertEqual(self.reloaded()["disconnected"], 0)
        for publisher in publishers:
            publisher.join(60)
            self.assertIsNone(publisher.wrong)
            self.assertEqual(publisher.acknowledged, publisher.sent)
        took = time.monotonic() - began
        sent = sum(publisher.sent for publisher in publishers)
        harness.wait_for(lambda: readers.wrong or readers.count >= sent, "all messages", 60)
        readers.ends = True
        readers.join(60)
        self.assertIsNone(readers.wrong)
        self.assertEqual(readers.count, sent)
        for client in self.clients:
            self.lives(client)
        print(f"{sent} messages of QoS 1 to {CLIENTS} clients in {took:.1f} s: {sent / took:.0f}/s, three reloads")


class Publisher(threading.Thread):
    """QoS 1, in bursts of a fixed rate, with its acknowledgements counted."""

    def __init__(self, client, number):
        super().__init__(daemon=True)
        self.client, self.number = client, number
        self.sent = self.acknowledged = 0
        self.wrong = None

    def run(self):
        burst = 50
        pause = burst * PUBLISHERS / PER_SECOND
        began = time.monotonic()
        try:
            while time.monotonic() - began < SECONDS:
                due = began + self.sent / burst * pause
                if due > time.monotonic():
                    time.sleep(due - time.monotonic())  # the rate, not a wait for something
                out = b""
                for _ in range(burst):
                    topic = f"t/{(self.sent * PUBLISHERS + self.number) % CLIENTS}"
                    out += wire.publish(topic, b"x" * 64, qos=1, packet_id=self.sent % 60000 + 1)
                    self.sent += 1
                self.client.socket.sendall(out)
                while self.sent - self.acknowledged > 500:
                    self.take()
            while self.acknowledged < self.sent:
                self.take()
        except (OSError, AssertionError) as error:
            self.wrong = repr(error)

    def take(self):
        if self.client.expect(wire.PUBACK)[1][2:3] >= b"\x80":
            raise AssertionError("refused")
        self.acknowledged += 1


class Readers(threading.Thread):
    """Counts what all clients get. A connection that ends is wrong."""

    def __init__(self, clients):
        super().__init__(daemon=True)
        self.clients = clients
        self.count = 0
        self.ends = False
        self.wrong = None

    def run(self):
        with selectors.DefaultSelector() as selector:
            for client in self.clients:
                selector.register(client.socket, selectors.EVENT_READ, client)
            while not self.ends and not self.wrong:
                for key, _ in selector.select(0.05):
                    self.read(key.data)

    def read(self, client):
        if not client.fill():
            self.wrong = "a connection ended"
            return
        while found := client.split():
            if found[0] & 0xF0 == wire.PUBLISH:
                self.count += 1
            elif found[0] == wire.DISCONNECT:
                self.wrong = "a client was disconnected"


if __name__ == "__main__":
    harness.main()
