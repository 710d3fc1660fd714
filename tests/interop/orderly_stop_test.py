#!/usr/bin/python3
"""How the broker ends a connection that did nothing wrong: at its own stop and at a takeover."""

import signal
import unittest

import harness
import wire


class OrderlyStop(unittest.TestCase):
    def setUp(self):
        self.broker = harness.Broker()
        self.addCleanup(self.broker.remove)
        self.broker.start()

    def client(self, client_id, version=5):
        made = wire.Wire(self.broker.port)
        self.addCleanup(made.socket.close)
        return made.open(client_id, version)

    def stop(self, how):
        self.broker.process.send_signal(how)
        self.assertEqual(self.broker.process.wait(harness.DEADLINE_S), 0, self.broker.log())

    def test_sigterm_says_server_shutting_down_to_version_5_and_ends_with_0(self):
        client = self.client("five")
        self.stop(signal.SIGTERM)
        first_byte, body = client.expect(wire.DISCONNECT)
        self.assertEqual((first_byte, body[0]), (wire.DISCONNECT, 0x8B))
        self.assertIsNone(client.receive())

    def test_sigterm_just_closes_a_3_1_1_client(self):
        client = self.client("four", version=4)
        self.stop(signal.SIGTERM)
        self.assertIsNone(client.receive())

    def test_sigint_ends_with_0_too(self):
        client = self.client("five")
        self.stop(signal.SIGINT)
        self.assertEqual(client.receive_to_end()[0][1][0], 0x8B)

    def test_sigterm_ends_a_broker_with_silent_connections(self):
        silent = wire.Wire(self.broker.port)
        self.addCleanup(silent.socket.close)
        self.stop(signal.SIGTERM)
        self.assertEqual(silent.receive_to_end(), [])

    def test_the_port_is_free_at_once_for_the_next_broker(self):
        self.client("five")
        self.stop(signal.SIGTERM)
        self.broker.start()
        self.client("five")
        self.stop(signal.SIGTERM)

    def test_a_taken_over_version_5_client_is_told_so(self):
        first = self.client("twin")
        self.client("twin")
        _, body = first.expect(wire.DISCONNECT)
        self.assertEqual(body[0], 0x8E)
        self.assertIsNone(first.receive())


if __name__ == "__main__":
    harness.main()
