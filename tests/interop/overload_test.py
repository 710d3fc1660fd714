#!/usr/bin/python3
"""Peers that take without reading and peers that come without speaking: what they cost is bounded."""

import select
import socket
import time
import unittest

import harness
import wire

MIB = 1 << 20


class SlowReader(harness.BrokerCase):
    """A subscriber that never reads, beside one that does."""

    QUEUE = 8 * MIB
    settings = {"limits.queue_bytes_max": QUEUE}

    def test_a_slow_reader_costs_its_queue_limit_and_nobody_else_anything(self):
        messages, size, round_messages = 3200, 64 * 1024, 16
        topic, port = self.name("t"), self.broker.port
        with wire.Wire(port, receive_buffer_bytes=4096) as slow, wire.Wire(port) as fast, wire.Wire(port) as publisher:
            slow.open("slow").subscribe(topic)
            fast.open("fast").subscribe(topic)
            publisher.open("publisher")
            before = self.broker.memory_bytes("VmHWM")
            packets = b"".join(wire.publish(topic, bytes([n]) * size) for n in range(round_messages))
            # The fast one must have a round before the next is sent, so that no queue of its own
            # can overflow: what is missing then is what the slow one took from it.
            for _ in range(messages // round_messages):
                publisher.send(packets)
                for number in range(round_messages):
                    received, payload = fast.receive_publish()
                    self.assertEqual((received, len(payload), payload[0]), (topic, size, number))
            grown = self.broker.memory_bytes("VmHWM") - before
            print(f"200 MiB past a slow reader cost {grown / MIB:.1f} MiB, its queue may hold {self.QUEUE / MIB:.0f}")
            if harness.is_gaon() and not harness.is_sanitized():
                self.assertLess(grown, self.QUEUE + 16 * MIB)

    def test_a_slow_reader_that_reads_again_is_served_again(self):
        topic, port, size = self.name("t"), self.broker.port, 64 * 1024
        with wire.Wire(port, receive_buffer_bytes=4096) as slow, wire.Wire(port) as publisher:
            slow.open("slow").subscribe(topic)
            publisher.open("publisher")
            for number in range(800):
                publisher.send(wire.publish(topic, b"%08d" % number + bytes(size)))
            publisher.send(wire.publish(topic, b"00000800"))
            last, count = -1, 0
            while last < 800:
                _, payload = slow.receive_publish()
                self.assertGreater(int(payload[:8]), last, "out of order")
                last, count = int(payload[:8]), count + 1
            print(f"of 801 messages {count} reached the slow reader")


class SilentConnections(harness.BrokerCase):
    """Ten thousand connections that never send a byte."""

    COUNT = 10_000
    BYTES_EACH = 4096
    settings = {"limits.connect_timeout_s": 4}

    @classmethod
    def setUpClass(cls):
        if not harness.is_gaon():
            raise unittest.SkipTest("the connect timeout is a setting of gaon")
        hard = harness.raise_file_limit()
        if hard < cls.COUNT + 500:
            cls.COUNT = hard - 500
            print(f"only {cls.COUNT} connections: the hard limit of open files is {hard}")
        super().setUpClass()

    def test_silent_connections_are_cheap_and_closed_by_the_connect_timer(self):
        before = self.broker.memory_bytes("VmHWM")
        poll, silent = select.poll(), {}
        self.addCleanup(lambda: [one.close() for one in silent.values()])
        for _ in range(self.COUNT):
            one = socket.create_connection(("127.0.0.1", self.broker.port), harness.DEADLINE_S)
            silent[one.fileno()] = one
            poll.register(one, select.POLLIN)
        with wire.Wire(self.broker.port) as client:
            client.open("normal").subscribe("t")
            client.send(wire.publish("t", b"meanwhile"))
            self.assertEqual(client.receive_publish(), ("t", b"meanwhile"))
            end = time.monotonic() + harness.DEADLINE_S
            while silent and time.monotonic() < end:
                for descriptor, _ in poll.poll(1000):
                    self.assertEqual(silent[descriptor].recv(1), b"", "a silent connection got an answer")
                    poll.unregister(descriptor)
                    silent.pop(descriptor).close()
            self.assertEqual(len(silent), 0, "silent connections that are still open")
            client.send(wire.publish("t", b"afterwards"))
            self.assertEqual(client.receive_publish(), ("t", b"afterwards"))
        each = (self.broker.memory_bytes("VmHWM") - before) / self.COUNT
        print(f"{self.COUNT} silent connections cost {each:.0f} bytes each")
        if not harness.is_sanitized():
            self.assertLess(each, self.BYTES_EACH)


if __name__ == "__main__":
    harness.main()
