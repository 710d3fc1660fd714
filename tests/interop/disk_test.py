#!/usr/bin/python3
"""A disk that is full, and one that breaks: a small tmpfs in a mount namespace of the test's
own, and a library that lets syncs fail (GAON_FAILING_SYNC names it)."""

import os
import subprocess
import sys
import unittest

import harness

MIB = 1 << 20
IN_NAMESPACE = "GAON_OWN_MOUNTS"


class Disk(unittest.TestCase):
    def setUp(self):
        if not harness.is_gaon():
            self.skipTest("is about the journal of gaon")
        self.broker = harness.Broker({"storage.segment_bytes": MIB})
        self.addCleanup(self.broker.remove)

    def run_client(self, program, *arguments):
        process = harness.Process(program, "-h", "127.0.0.1", "-p", self.broker.port, *arguments)
        self.addCleanup(process.kill)
        return process.wait_exit(), process.lines

    def leave_session(self):
        code, _ = self.run_client(
            "mosquitto_sub", "-V", "mqttv5", "-c", "-x", "600", "-i", "away", "-q", "1", "-t", "queue/#", "-E")
        self.assertEqual(code, 0)

    def publish(self, topic, body, version="mqttv5"):
        """Whether it was acknowledged."""
        path = os.path.join(self.broker.directory, "payload")
        with open(path, "w", encoding="ascii") as payload:
            payload.write(body)
        code, lines = self.run_client("mosquitto_pub", "-V", version, "-q", "1", "-t", topic, "-f", path)
        return code == 0 and not any("failed" in line or "Error" in line for line in lines)

    def drain(self, count):
        code, lines = self.run_client(
            "mosquitto_sub", "-V", "mqttv5", "-c", "-x", "600", "-i", "away", "-q", "1", "-t", "queue/#",
            "-C", str(count), "-W", str(harness.DEADLINE_S), "-F", "%t")
        self.assertEqual(code, 0, lines)
        return lines

    def test_a_full_disk_refuses_what_must_be_kept_and_serves_the_rest(self):
        if os.environ.get(IN_NAMESPACE) != "yes":
            self.skipTest("needs unshare to mount a small disk")
        data = os.path.join(self.broker.directory, "data")
        os.makedirs(data)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", data], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", data], check=True)
        ballast = os.path.join(data, "ballast")
        with open(ballast, "wb") as file:
            file.write(bytes(8 * MIB))
        self.broker.start()
        self.leave_session()

        body = "x" * 100_000
        acknowledged = []
        while self.publish(f"queue/{len(acknowledged)}", body):
            acknowledged.append(f"queue/{len(acknowledged)}")
            self.assertLess(len(acknowledged), 200, "the disk was never full")
        self.assertIn("no room for the journal", self.broker.log())
        self.assertFalse(self.publish("queue/old", body, "mqttv311"))

        # Who keeps nothing is served.
        online = harness.Process(
            "mosquitto_sub", "-h", "127.0.0.1", "-p", self.broker.port, "-q", "1", "-t", "other", "-F", ">%p", "-d")
        self.addCleanup(online.kill)
        online.wait_line("Subscribed")
        self.assertTrue(self.publish("other", "served"))
        online.wait_line(">served")

        os.remove(ballast)
        harness.wait_for(lambda: self.publish("queue/again", body), "room for a message")
        # A kill now shows that nothing of it was only promised.
        self.broker.process.kill()
        self.broker.process.wait()
        self.broker.start()
        got = self.drain(len(acknowledged) + 1)
        self.assertEqual(got[: len(acknowledged)], acknowledged)
        self.assertEqual(self.broker.stop(), 0, self.broker.log())

    def test_a_full_disk_is_emptied_by_the_subscriber_alone(self):
        if os.environ.get(IN_NAMESPACE) != "yes":
            self.skipTest("needs unshare to mount a small disk")
        data = os.path.join(self.broker.directory, "data")
        os.makedirs(data)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", data], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", data], check=True)
        self.broker.start()
        self.leave_session()
        body = "x" * 100_000
        count = 0
        while self.publish(f"queue/{count}", body):
            count += 1
            self.assertLess(count, 200, "the disk was never full")
        self.assertEqual(self.drain(count), [f"queue/{number}" for number in range(count)])
        harness.wait_for(lambda: self.publish("queue/again", body), "room for a message")
        self.assertEqual(self.broker.stop(), 0, self.broker.log())

    def test_a_disk_that_fails_ends_the_broker_and_nothing_is_acknowledged(self):
        switch = os.path.join(self.broker.directory, "broken")
        self.broker.environment = {
            "LD_PRELOAD": os.environ["GAON_FAILING_SYNC"],
            "GAON_SYNC_FAILS": switch,
            "ASAN_OPTIONS": "verify_asan_link_order=0",
        }
        self.broker.start()
        self.leave_session()
        self.assertTrue(self.publish("queue/1", "before"))
        with open(switch, "w", encoding="ascii"):
            pass
        self.assertFalse(self.publish("queue/2", "after"))
        self.assertEqual(self.broker.process.wait(harness.DEADLINE_S), 1)
        self.assertIn("the journal failed: ", self.broker.log())
        self.assertIn("Input/output error", self.broker.log())
        os.remove(switch)
        self.broker.start()
        self.assertEqual(self.drain(1), ["queue/1"])


def enter_namespace():
    """Runs this again where it may mount; if that is not allowed, as it is."""
    if IN_NAMESPACE in os.environ:
        return
    allowed = subprocess.run(["unshare", "-rm", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    os.environ[IN_NAMESPACE] = "yes" if allowed else "no"
    if allowed:
        os.execvp("unshare", ["unshare", "-rm", sys.executable, "-B", *sys.argv])


if __name__ == "__main__":
    enter_namespace()
    harness.main()
