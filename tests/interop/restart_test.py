#!/usr/bin/python3
"""What is there after the broker was killed: seen by mosquitto's clients."""

import os
import unittest

import harness

VERSIONS = ("mqttv311", "mqttv5")


class Restart(unittest.TestCase):
    def setUp(self):
        if not harness.is_gaon():
            self.skipTest("is about the journal of gaon")
        self.broker = harness.Broker()
        self.addCleanup(self.broker.remove)
        self.broker.start()

    def kill_and_start(self):
        self.broker.process.kill()
        self.broker.process.wait()
        self.broker.start()

    def lines(self, version, program, *arguments):
        """Of a client that ends by itself: those that begin with >."""
        process = harness.Process(program, "-h", "127.0.0.1", "-p", self.broker.port, "-V", version, *arguments)
        self.addCleanup(process.kill)
        self.assertEqual(process.wait_exit(), 0, str(process))
        return [line[1:] for line in process.lines if line.startswith(">")]

    def session(self, version):
        expiry = ["-x", "600"] if version == "mqttv5" else []
        return ["-c", "-i", "session-" + version, *expiry, "-q", "2", "-t", "queue/#", "-F", ">%t %q %p"]

    def test_a_killed_broker_has_sessions_queues_and_retained_messages(self):
        for version in VERSIONS:
            self.lines(version, "mosquitto_sub", *self.session(version), "-E")
        self.kill_and_start()
        for number in range(10):
            self.lines("mqttv5", "mosquitto_pub", "-t", f"queue/{number}", "-q", str(1 + number % 2), "-m", "m")
        self.lines("mqttv311", "mosquitto_pub", "-t", "kept", "-q", "1", "-r", "-m", "retained")
        self.kill_and_start()
        for version in VERSIONS:
            got = self.lines(version, "mosquitto_sub", *self.session(version), "-C", "10")
            for qos in (1, 2):  # It shows QoS 2 when the PUBREL has come.
                with self.subTest(version, qos=qos):
                    expected = [f"queue/{number} {qos} m" for number in range(qos - 1, 10, 2)]
                    self.assertEqual([line for line in got if f" {qos} " in line], expected)
        kept = self.lines("mqttv5", "mosquitto_sub", "-t", "kept", "-C", "1", "-F", ">%t %r %p")
        self.assertEqual(kept, ["kept 1 retained"])

    def test_a_second_broker_on_the_same_directory_does_not_start(self):
        second = harness.Broker()
        self.addCleanup(second.remove)
        os.symlink(self.broker.directory + "/data", second.directory + "/data")
        with self.assertRaisesRegex(AssertionError, "the broker ended with 1"):
            second.start()


if __name__ == "__main__":
    harness.main()
