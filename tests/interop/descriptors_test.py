#!/usr/bin/python3
"""A crowd of silent connections takes all the descriptors that it can get: the broker keeps what its
journal needs, and lives."""

import os
import signal
import socket
import threading
import unittest

import harness
import wire
from harness import wait_for
from wire import Wire, packet

FILES = 64
CROWD = 200
CONFIG = """
storage.segment_bytes = "1 MiB"
sys_interval_s = 0
limits.connect_timeout_s = 600
limits.connections_max = {most}
[[listener]]
url = "mqtt://127.0.0.1:{port}"
allow_anonymous = true
"""
SESSION = b"\x11" + wire.u32(3600)


class FewFiles(harness.Broker):
    def command(self):
        return ["prlimit", f"--nofile={FILES}:{FILES}", *super().command()]


@unittest.skipUnless(harness.is_gaon(), "about what this broker does")
class Descriptors(unittest.TestCase):
    def setUp(self):
        self.broker = FewFiles(config=CONFIG.replace("{most}", "1000"))
        self.addCleanup(self.broker.remove)
        self.broker.start()

    def open(self, client_id, **rest):
        client = Wire(self.broker.port)
        self.addCleanup(client.socket.close)
        return client.open(client_id, **rest)

    def knock(self):
        """Comes again and again, so that what the journal closes for a moment is asked for."""
        while not self.enough.is_set():
            try:
                one = socket.create_connection(("127.0.0.1", self.broker.port), timeout=harness.DEADLINE_S)
            except ConnectionError:
                continue  # It was turned away before connect() returned.
            self.sockets.append(one)
            if len(self.sockets) > CROWD:
                self.sockets.pop(CROWD // 2).close()  # The first ones stay.

    def crowd(self):
        self.enough = threading.Event()
        self.sockets = []
        threads = [threading.Thread(target=self.knock) for _ in range(2)]
        for thread in threads:
            thread.start()

        def leave():
            self.enough.set()
            for thread in threads:
                thread.join()
            for one in self.sockets:
                one.close()

        self.addCleanup(leave)
        return leave

    def gets_in(self):
        """Whether a new client does now."""
        try:
            with Wire(self.broker.port) as client:
                client.send(wire.connect("new"))
                found = client.receive()
                return found is not None and found[1][1] == 0
        except ConnectionResetError:
            return False

    def publish(self, client, count):
        """At QoS 1, each acknowledged as taken."""
        for n in range(count):
            client.send(wire.publish("t", os.urandom(60_000), qos=1, packet_id=n + 1))
            _, body = client.expect(wire.PUBACK)
            self.assertIn(body[2] if len(body) > 2 else 0, (0,), self.broker.log()[-2000:])

    def test_a_crowd_of_silent_connections_does_not_end_the_broker(self):
        self.assertRegex(self.broker.log(), "limits.connections_max is 1000, but .* only 64 files: there is room "
                                            "for 16 connections.*LimitNOFILE=.*ulimit -n")
        with Wire(self.broker.port) as session:
            session.open("s", extra=SESSION).subscribe("t", options=1)
        publisher = self.open("p")
        leave = self.crowd()
        wait_for(lambda: "limits.connections_max is reached" in self.broker.log(), "the crowd to be too large")
        self.publish(publisher, 100)  # several segments of the journal
        self.assertFalse(self.gets_in())

        # The bound is not a matter of the configuration.
        with open(os.path.join(self.broker.directory, "gaon.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.replace("{most}", "2000").replace("{port}", str(self.broker.port)))
        self.broker.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "1000 -> 2000" in self.broker.log(), "the new configuration")
        self.publish(publisher, 50)
        self.assertFalse(self.gets_in())

        leave()
        wait_for(self.gets_in, "new clients to be let in again")
        session = self.open("s", flags=0, extra=SESSION)
        for _ in range(150):
            _, body = session.expect(wire.PUBLISH)
            session.send(packet(wire.PUBACK, body[3:5]))
        self.assertEqual(self.broker.stop(), 0, self.broker.log()[-4000:])
        self.assertNotIn("Too many open files", self.broker.log())


if __name__ == "__main__":
    harness.main()
