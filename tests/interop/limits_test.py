#!/usr/bin/python3
"""What docs/security.md promises under "Limits", against a running broker: who comes, publishes or
keeps too much, and that others do not notice. A time is only ever compared with the least that a
limit demands."""

import os
import subprocess
import tempfile
import time
import unittest

import harness
import wire
from harness import wait_for
from wire import Wire, packet, text, u16

MIB = 1 << 20


def answer(client_id, port, version=5, user=None, source="", **rest):
    """The code of the CONNACK, or None where the connection is just closed."""
    if user:
        rest = {"flags": 0xC2, "tail": text(user) + text("pw"), **rest}
    try:
        with Wire(port, source=source) as client:
            client.send(wire.connect(client_id, version, **rest))
            found = client.receive()
    except ConnectionResetError:  # before connect() returned
        return None
    if found is None:
        return None
    assert found[0] == wire.CONNACK, found
    return found[1][1]


class LimitsCase(harness.BrokerCase):
    """Listeners are named in the configuration by {a}, {b}, and by {port}, which lets everybody in
    and stands last, so that all are open when it is; users of auth.password_file all have the password "pw"."""

    users = ()

    @classmethod
    def setUpClass(cls):
        cls.ports = {name: harness.free_port() for name in "ab"}
        for name, port in cls.ports.items():
            cls.config = cls.config.replace("{" + name + "}", str(port))
        if cls.users:
            directory = tempfile.TemporaryDirectory(prefix="gaon-users-")
            cls.addClassCleanup(directory.cleanup)
            file = os.path.join(directory.name, "users")
            for user in cls.users:
                subprocess.run([harness.command_of_broker(), "passwd", "add", file, user, "--stdin"],
                               input=b"pw\n", check=True, stdout=subprocess.DEVNULL)
            cls.config = cls.config.replace("{users}", file)
        super().setUpClass()

    def enter(self, client_id, port=None, version=5, user=None, source="", **rest):
        """A connection that was let in, and ends with the test."""
        client = Wire(port or self.broker.port, source=source)
        self.addCleanup(client.socket.close)
        if user:
            rest = {"flags": 0xC2, "tail": text(user) + text("pw"), **rest}
        return client.open(client_id, version, **rest)

    def lives(self, client):
        client.send(packet(wire.PINGREQ))
        client.expect(wire.PINGRESP)

    def sys(self, topic):
        """What $SYS says now."""
        with Wire(self.broker.port) as client:
            client.open("").subscribe("$SYS/broker/" + topic)
            return client.receive_publish()[1].decode()

    def until_sys(self, topic, value):
        wait_for(lambda: self.sys(topic) == value, f"{value} in $SYS/broker/{topic}")


class PublishRate(LimitsCase):
    RATE, BYTES = 100, 20_000
    users = ("plc", "free")
    config = f"""
sys_interval_s = 1
auth.password_file = "{{users}}"
[limits]
messages_per_s = {RATE}
[[listener]]
url = "mqtt://127.0.0.1:{{port}}"
allow_anonymous = true
[[limit]]
user = "free"
messages_per_s = 0
[[limit]]
user = "plc"
messages_per_s = 1
[[limit]]
client = "bytes"
messages_per_s = 0
bytes_per_s = {BYTES}
"""

    def test_nothing_is_lost_and_nothing_comes_faster(self):
        count, topic = 300, self.name("t")
        subscriber = self.enter(self.name("s"), user="free").subscribe(topic)
        lines = os.path.join(self.broker.directory, "lines")
        with open(lines, "w", encoding="ascii") as file:
            file.writelines(f"{n}\n" for n in range(count))
        began = time.monotonic()
        with open(lines, encoding="ascii") as file:
            publisher = harness.Process("mosquitto_pub", "-h", "127.0.0.1", "-p", self.broker.port, "-t", topic,
                                        "-q", "1", "-l", stdin=file)
        self.addCleanup(publisher.kill)
        got = [int(subscriber.receive_publish()[1]) for _ in range(count)]
        elapsed = time.monotonic() - began
        self.assertEqual(got, list(range(count)))
        self.assertEqual(publisher.wait_exit(), 0, str(publisher))
        # One second's worth may come at once, and one is taken before it is made up for.
        self.assertGreaterEqual(elapsed, (count - self.RATE - 1) / self.RATE - 0.01)

    def test_bytes_count_too(self):
        topic, size = self.name("t"), self.BYTES // 2
        subscriber = self.enter(self.name("s"), user="free").subscribe(topic)
        began = time.monotonic()
        publisher = self.enter("bytes")
        for number in range(5):
            publisher.send(wire.publish(topic, bytes([number]) * size))
        got = [subscriber.receive_publish()[1][0] for _ in range(5)]
        self.assertEqual(got, list(range(5)))
        self.assertGreaterEqual(time.monotonic() - began, (5 * size - self.BYTES - size) / self.BYTES - 0.01)

    def test_who_has_another_limit_is_not_slowed_by_one_who_waits(self):
        topic, slow_count, count = self.name("t"), 60, 1000
        subscriber = self.enter(self.name("s"), user="free").subscribe(topic)
        slow = self.enter(self.name("slow"), user="plc")
        slow.send(b"".join(wire.publish(topic, b"slow") for _ in range(slow_count)))
        self.until_sys("clients/waiting_to_publish", "1")
        free = self.enter(self.name("free"), user="free")
        free.send(b"".join(wire.publish(topic, b"free") for _ in range(count)))
        seen = {b"slow": 0, b"free": 0}
        while seen[b"free"] < count:
            seen[subscriber.receive_publish()[1]] += 1
        self.assertLess(seen[b"slow"], slow_count)


class Places(LimitsCase):
    users = ("ada", "bob")
    config = """
auth.password_file = "{users}"
limits.connections_per_user_max = 2
[[listener]]
url = "mqtt://127.0.0.1:{a}"
allow_anonymous = true
limits.connections_max = 2
[[listener]]
url = "mqtt://127.0.0.1:{b}"
allow_anonymous = true
limits.connections_per_address_max = 2
[[listener]]
url = "mqtt://127.0.0.1:{port}"
allow_anonymous = true
"""

    def check_closed_at_once(self, port, **rest):
        """The third of two is closed, whatever its version."""
        first, second = (self.enter(self.name(n), port, **rest) for n in "12")
        self.assertIsNone(answer(self.name("3"), port, **rest))
        self.assertIsNone(answer(self.name("3"), port, 4, **rest))
        self.lives(first)
        self.lives(second)
        first.socket.close()
        wait_for(lambda: answer(self.name("3"), port, **rest) == 0, "a third to be let in")

    def test_a_listener_has_its_number_of_connections(self):
        self.check_closed_at_once(self.ports["a"])
        self.assertIn("listener.limits.connections_max is reached", self.broker.log())

    def test_an_address_has_its_number_of_connections_and_others_have_theirs(self):
        here = [self.enter(self.name(n), self.ports["b"], source="127.0.0.1") for n in "ab"]
        self.check_closed_at_once(self.ports["b"], source="127.0.0.2")
        self.assertIsNone(answer(self.name("x"), self.ports["b"], source="127.0.0.1"))
        self.assertIn("connections_per_address_max of its listener", self.broker.log())
        for client in here:
            self.lives(client)
        self.assertEqual(answer(self.name("x"), self.broker.port, source="127.0.0.1"), 0)

    def test_a_user_has_its_number_of_connections_and_may_take_over_its_own(self):
        port = self.broker.port
        first, second = (self.enter(self.name(n), user="ada") for n in "12")
        self.assertEqual(answer(self.name("3"), port, user="ada"), 0x97)
        self.assertEqual(answer(self.name("3"), port, 4, user="ada"), 3)
        self.assertEqual(answer(self.name("bob"), port, user="bob"), 0)
        self.assertEqual(answer(self.name("nobody"), port), 0)
        again = self.enter(self.name("2"), user="ada")
        first_byte, body = second.receive()
        self.assertEqual((first_byte, body[0]), (wire.DISCONNECT, 0x8E))
        self.assertEqual(answer(self.name("3"), port, user="ada"), 0x97)
        self.lives(first), self.lives(again)
        first.socket.close()
        wait_for(lambda: answer(self.name("3"), port, user="ada") == 0, "a third to be let in")


class ConnectRate(LimitsCase):
    RATE, WORKERS = 10, 2
    config = f"""
workers = {WORKERS}
[[listener]]
url = "mqtt://127.0.0.1:{{a}}"
allow_anonymous = true
limits.connects_per_s = {RATE}
[[listener]]
url = "mqtt://127.0.0.1:{{port}}"
allow_anonymous = true
"""

    def test_all_get_in_but_not_faster_and_other_listeners_do_not_wait(self):
        count = 4 * self.RATE
        began = time.monotonic()
        all_of_them = [Wire(self.ports["a"]) for _ in range(count)]
        for number, one in enumerate(all_of_them):
            self.addCleanup(one.socket.close)
            one.send(wire.connect(self.name(str(number))))
        self.assertEqual(answer(self.name("beside"), self.broker.port), 0)
        self.assertEqual([one.expect(wire.CONNACK)[1][1] for one in all_of_them], [0] * count)
        # One second's worth comes at once, and each worker may be one early.
        self.assertGreaterEqual(time.monotonic() - began, (count - self.RATE - self.WORKERS) / self.RATE - 0.01)


class Bans(LimitsCase):
    users = ("ada", "eve")
    config = """
auth.password_file = "{users}"
[limits]
flapping_connects = 3
flapping_window_s = 3600
flapping_ban_s = 3600
[[listener]]
url = "mqtt://127.0.0.1:{port}"
allow_anonymous = true
[[ban]]
address = "127.0.3.0/24"
[[ban]]
client = "scanner-*"
[[ban]]
user = "eve"
"""

    def test_the_banned_are_told_so_and_others_get_in(self):
        port = self.broker.port
        for what, good, bad in (
            ("address", {"source": "127.0.4.1"}, {"source": "127.0.3.1"}),
            ("client", {"client_id": "scanner"}, {"client_id": "scanner-7"}),
            ("user", {"user": "ada"}, {"user": "eve"}),
        ):
            with self.subTest(what):
                good, bad = ({"client_id": what, "port": port, **rest} for rest in (good, bad))
                self.assertEqual((answer(**bad), answer(**bad, version=4)), (0x8A, 5))
                self.assertEqual(answer(**good), 0)
        self.assertIn("it is banned by a [[ban]]", self.broker.log())

    def test_who_only_says_that_it_is_a_banned_user_is_told_that_it_is_not(self):
        wrong = {"flags": 0xC2, "tail": text("eve") + text("wrong")}
        self.assertEqual(answer(self.name("x"), self.broker.port, **wrong), 0x86)

    def test_who_flaps_stays_out_and_others_come_in(self):
        port, flapping = self.broker.port, self.name("f")
        self.assertEqual([answer(flapping, port) for _ in range(3)], [0, 0, 0])
        self.assertEqual((answer(flapping, port), answer(flapping, port, 4)), (0x9F, 3))
        self.assertEqual(answer(self.name("other"), port), 0)
        self.assertIn("it connects too often (limits.flapping_connects)", self.broker.log())

    def test_who_is_not_let_in_does_not_count_as_flapping(self):
        port, client_id = self.broker.port, self.name("x")
        wrong = {"flags": 0xC2, "tail": text("ada") + text("wrong")}
        self.assertEqual([answer(client_id, port, **wrong) for _ in range(4)], [0x86] * 4)
        self.assertEqual(answer(client_id, port), 0)


class MemoryCase(LimitsCase):
    """The ceiling is what such a broker needs, and some room to fill."""

    ROOM = 96 * MIB
    INTERVAL = 1
    CONFIG = """
storage.durability = "none"
sys_interval_s = {interval}
[limits]
memory_bytes_max = {ceiling}
queue_messages_max = 1_000_000
queue_bytes_max = "1 GiB"
[[listener]]
url = "mqtt://127.0.0.1:{port}"
allow_anonymous = true
"""
    SESSION = b"\x11" + wire.u32(3600)

    @classmethod
    def setUpClass(cls):
        if harness.is_sanitized():
            raise unittest.SkipTest("memory under a sanitizer says nothing")
        plain = harness.Broker()
        try:
            plain.start()
            resident = plain.memory_bytes("VmRSS")
        finally:
            plain.remove()
        cls.ceiling = resident + cls.ROOM
        cls.config = cls.CONFIG.replace("{ceiling}", str(cls.ceiling)).replace("{interval}", str(cls.INTERVAL))
        super().setUpClass()

    def reason(self, client):
        """Of the next PUBACK."""
        _, body = client.expect(wire.PUBACK)
        return body[2] if len(body) > 2 else 0

    def ask(self, client, topic, payload):
        client.send(wire.publish(topic, payload, qos=1))
        return self.reason(client)

    def fill(self, publisher, topics):
        """Publishes to sessions that are away until that is refused; returns how many wait in each."""
        batch, payload = 200, os.urandom(500)
        taken, refused = dict.fromkeys(topics, 0), False
        while not refused:
            for topic in topics:
                # The broker looks once a second; from 100 % on it would not answer.
                wait_for(lambda: self.broker.memory_bytes("VmRSS") < 0.93 * self.ceiling
                         or "memory is scarce" in self.broker.log(), "the broker to see that memory is scarce")
                packets = (wire.publish(topic, payload, qos=1, packet_id=n) for n in range(1, batch + 1))
                publisher.send(b"".join(packets))
                reasons = [self.reason(publisher) for _ in range(batch)]
                taken[topic] += reasons.count(0)
                refused = refused or 0x97 in reasons
        return taken

    def fetch(self, client_id, count):
        client = self.enter(client_id, flags=0, extra=self.SESSION)
        for _ in range(count):
            _, body = client.expect(wire.PUBLISH)
            end = 2 + int.from_bytes(body[:2], "big")
            client.send(packet(wire.PUBACK, body[end : end + 2]))

    def leave(self, *client_ids):
        """Each has a session that is away, and waits for what is published to a topic named like it."""
        for one in client_ids:
            with Wire(self.broker.port) as client:
                client.open(one, extra=self.SESSION).subscribe(one, options=1)


class Memory(MemoryCase):
    def test_what_would_wait_is_refused_and_all_goes_on_when_it_is_fetched(self):
        port, here, away = self.broker.port, self.name("here"), [self.name(n) for n in "abcd"]
        self.leave(*away)
        reader = self.enter(self.name("reader")).subscribe(here)
        publisher, old = self.enter(self.name("p")), self.enter(self.name("old"), version=4)
        waiting = self.fill(publisher, away)
        self.assertEqual((answer(self.name("new"), port), answer(self.name("new"), port, 4)), (0x89, 3))
        self.assertEqual(self.ask(publisher, here, b"x"), 0)
        self.assertEqual(reader.receive_publish(), (here, b"x"))
        old.send(packet(wire.PINGREQ) + wire.publish(away[0], b"old", 4, qos=1))
        old.expect(wire.PINGRESP)

        for one in away:
            self.fetch(one, waiting[one])
        old.expect(wire.PUBACK)
        wait_for(lambda: answer(self.name("new"), port) == 0, "new sessions to be let in")
        self.until_sys("memory/level", "0")
        self.assertNotEqual(self.sys("connections/refused/memory"), "0")
        self.assertEqual(self.ask(publisher, away[0], b"x"), 0)
        self.assertIn("memory is enough again", self.broker.log())


class MemoryOfAnIdleBroker(MemoryCase):
    INTERVAL = 0

    def test_what_was_fetched_is_given_back_although_nobody_does_anything(self):
        away = [self.name(n) for n in "abcd"]
        self.leave(*away)
        for client_id, count in self.fill(self.enter(self.name("p")), away).items():
            self.fetch(client_id, count)
        wait_for(lambda: "memory is enough again" in self.broker.log(), "memory to be enough again")


class Amounts(LimitsCase):
    """What one client may keep and send."""

    config = """
sys_interval_s = 0
[limits]
retained_messages_max = 100
retained_bytes_max = "20 KiB"
packet_bytes_max = "64 KiB"
connect_bytes_max = "2 KiB"
subscriptions_per_session_max = 2
topic_levels_max = 3
receive_maximum = 7
[[listener]]
url = "mqtt://127.0.0.1:{port}"
allow_anonymous = true
[[limit]]
client = "small"
packet_bytes_max = "1 KiB"
receive_maximum = 2
"""

    def ask(self, client, topic, payload=b"x", version=5, **rest):
        """The reason of the PUBACK; None before MQTT 5."""
        client.send(wire.publish(topic, payload, version, qos=1, **rest))
        _, body = client.expect(wire.PUBACK)
        return body[2] if len(body) > 2 else 0 if version == 5 else None

    def check_retained(self, payload, fitting):
        """So many fit. One more is refused and nobody gets it; in the place of one that is there it fits."""
        topics = [self.name(f"{n:03}") for n in range(fitting + 1)]
        sees = self.enter(self.name("sees")).subscribe(self.name("+"))
        client = self.enter(self.name("p"))
        keep = {"payload": payload, "retain": True}
        for topic in topics[:-1]:
            self.assertIn(self.ask(client, topic, **keep), (0, 0x10))
            sees.receive_publish()
        self.assertEqual(self.ask(client, topics[-1], **keep), 0x97)
        old = self.enter(self.name("old"), version=4)
        self.assertIsNone(self.ask(old, topics[-1], version=4, **keep))  # It has no word for it.
        self.assertEqual(self.ask(client, topics[-1], payload), 0)  # if it need not be kept
        self.assertEqual(sees.receive_publish()[0], topics[-1])
        self.assertEqual(self.ask(client, topics[0], **keep), 0)
        self.assertEqual(sees.receive_publish()[0], topics[0])
        with Wire(self.broker.port) as new:
            new.open("").subscribe(self.name("+"))
            self.assertEqual(sorted(new.receive_publish()[0] for _ in range(fitting)), topics[:-1])
        for topic in topics[:-1]:
            self.ask(client, topic, b"", retain=True)
        self.assertEqual(self.ask(client, topics[-1], **keep), 0)
        self.ask(client, topics[-1], b"", retain=True)

    def test_retained_messages_have_their_number(self):
        self.check_retained(b"x", 100)

    def test_retained_messages_have_their_bytes(self):
        self.check_retained(bytes(6000), 3)

    def test_a_session_has_its_number_of_subscriptions(self):
        client = self.enter(self.name("s")).subscribe("a").subscribe("b")
        client.send(wire.subscribe("c"))
        self.assertEqual(client.expect(wire.SUBACK)[1][-1], 0x97)
        client.subscribe("a", options=1)  # no further one
        old = self.enter(self.name("old"), version=4).subscribe("a", 4).subscribe("b", 4)
        old.send(wire.subscribe("c", 4))
        self.assertEqual(old.expect(wire.SUBACK)[1][-1], 0x80)

    def test_a_topic_has_its_depth(self):
        client = self.enter(self.name("s"))
        self.assertEqual(self.ask(client, "1/2/3"), 0x10)
        self.assertEqual(self.ask(client, "1/2/3/4"), 0x90)
        client.send(wire.subscribe("+/+/+/#"))
        self.assertEqual(client.expect(wire.SUBACK)[1][-1], 0x8F)

    def test_a_packet_has_its_size_which_is_announced(self):
        for client_id, most in (("small", 1024), (self.name("s"), 64 * 1024)):
            client = Wire(self.broker.port)
            self.addCleanup(client.socket.close)
            client.send(wire.connect(client_id))
            self.assertIn(b"\x27" + wire.u32(most), client.expect(wire.CONNACK)[1])
            self.assertEqual(self.ask(client, "t", bytes(most - 100)), 0x10)
            client.send(wire.publish("t", bytes(most)))
            self.assertEqual([(kind, body[0]) for kind, body in client.receive_to_end()], [(wire.DISCONNECT, 0x95)])

    def test_what_is_not_finished_has_its_number_which_is_announced(self):
        for client_id, most in (("small", 2), (self.name("s"), 7)):
            client = Wire(self.broker.port)
            self.addCleanup(client.socket.close)
            client.send(wire.connect(client_id))
            self.assertIn(b"\x21" + u16(most), client.expect(wire.CONNACK)[1])
            client.send(b"".join(wire.publish("t", qos=2, packet_id=n) for n in range(1, most + 2)))
            kind, body = client.receive_to_end()[-1]
            self.assertEqual((kind, body[0]), (wire.DISCONNECT, 0x93))
            client = self.enter(client_id)
            client.send(b"".join(wire.publish("t", qos=2, packet_id=n) for n in range(1, most + 1)))
            self.assertEqual({client.expect(wire.PUBREC)[1][2] for _ in range(most)}, {0x10})

    def test_a_connect_has_its_size(self):
        most, will = 2048, {"flags": 0x06}
        for size, expected in ((most - 100, 0), (most, None)):
            tail = b"\x00" + text("t") + text(bytes(size))
            for version in (5, 4):
                found = answer(self.name("s"), self.broker.port, version, **will, tail=tail[version == 4 :])
                self.assertEqual(found, expected, (size, version))
        self.assertIsNone(self.unfinished(packet(wire.CONNECT, bytes(most + 1))[:3]))

    def unfinished(self, start):
        """What comes for the first bytes of a packet."""
        with Wire(self.broker.port) as client:
            client.send(start)
            return client.receive()


if __name__ == "__main__":
    harness.main()
