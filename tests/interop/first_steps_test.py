#!/usr/bin/python3
"""What a newcomer types first: gaon pub, sub, simulate and config check."""

import os
import subprocess
import tempfile
import unittest

import harness

DONE, FAILED, USAGE, TIMED_OUT = 0, 1, 2, 27  # 27 as mosquitto_sub has it


class FirstSteps(harness.BrokerCase):
    @classmethod
    def setUpClass(cls):
        if not harness.is_gaon():
            raise unittest.SkipTest("only gaon has these commands")
        super().setUpClass()

    def gaon(self, *arguments, **rest):
        made = harness.Process(harness.command_of_broker(), *arguments, **rest)
        self.addCleanup(made.kill)
        return made

    def client(self, command, *arguments, **rest):
        return self.gaon(command, "-p", self.broker.port, *arguments, **rest)

    def publish(self, *arguments):
        process = self.client("pub", *arguments)
        self.assertEqual(process.wait_exit(), DONE, str(process))

    def subscribe(self, *arguments):
        """gaon sub, once the broker has its subscription: it shows a retained message that waits for it."""
        ready = self.name("ready")
        self.publish("-t", ready, "-r", "-m", "ready")
        process = self.client("sub", "-v", *arguments, "-t", ready)
        process.wait_line(ready)
        return process

    def test_a_published_line_reaches_gaon_sub(self):  # MQTT-7.1.1-1@311, MQTT-7.1.2-1@311: over TCP
        for qos in "012":
            topic = self.name(qos)
            subscriber = self.subscribe("-t", topic, "-q", qos, "-C", "2")
            self.publish("-t", topic, "-q", qos, "-m", "hello")
            self.assertEqual(subscriber.wait_exit(), DONE, str(subscriber))
            self.assertIn(f"{topic} hello", subscriber.lines)

    def test_each_version_of_the_protocol_is_spoken(self):
        for version in ("mqttv31", "mqttv311", "mqttv5"):
            topic = self.name(version)
            self.publish("-V", version, "-t", topic, "-r", "-q", "1", "-m", version)
            subscriber = self.client("sub", "-V", version, "-t", topic, "-C", "1")
            self.assertEqual(subscriber.wait_exit(), DONE, str(subscriber))
            self.assertEqual(subscriber.lines, [version])

    def test_lines_from_stdin_arrive_in_order(self):
        topic = self.name("t")
        subscriber = self.subscribe("-t", topic, "-q", "1", "-C", "1001")
        publisher = self.client("pub", "-t", topic, "-q", "1", "-l", stdin=subprocess.PIPE)
        publisher.process.stdin.write(b"".join(b"%d\n" % number for number in range(1000)))
        publisher.process.stdin.close()
        self.assertEqual(publisher.wait_exit(), DONE, str(publisher))
        self.assertEqual(subscriber.wait_exit(), DONE, str(subscriber))
        received = [line.split()[1] for line in subscriber.lines if line.startswith(topic)]
        self.assertEqual(received, [str(number) for number in range(1000)])

    def test_waiting_in_vain_tells_that_the_time_is_up(self):
        for count in (["-C", "1"], []):
            process = self.client("sub", "-t", self.name("t"), "-W", "1", *count)
            self.assertEqual(process.wait_exit(), TIMED_OUT, str(process))

    def test_no_broker_fails_with_its_address(self):
        port = harness.free_port()
        for command in (["pub", "-m", "x"], ["sub", "-C", "1"]):
            process = self.gaon(*command, "-t", "t", "-p", port)
            self.assertEqual(process.wait_exit(), FAILED, str(process))
            self.assertIn(str(port), "\n".join(process.lines))

    def test_a_wrong_option_is_a_matter_of_usage(self):
        for arguments in (["pub", "-t", "t", "--qos", "3", "-m", "x"], ["sub"], ["sub", "--no-such"], ["frobnicate"]):
            process = self.gaon(*arguments)
            self.assertEqual(process.wait_exit(), USAGE, str(process))

    def test_mosquitto_sub_sees_the_simulated_line(self):
        watcher = harness.Process(
            "mosquitto_sub", "-h", "127.0.0.1", "-p", self.broker.port, "-t", "factory/#", "-v", "-C", "50"
        )
        self.addCleanup(watcher.kill)
        simulated = self.client("simulate", "--rate", "500", "--seed", "7")
        self.assertEqual(watcher.wait_exit(), 0, str(watcher))
        self.assertEqual(len(watcher.lines), 50)
        for line in watcher.lines:
            self.assertRegex(line, r"^factory/line\d+/machine\d+/[a-z_]+ \S")
        simulated.process.terminate()
        self.assertEqual(simulated.wait_exit(), DONE, str(simulated))

    def test_a_simulation_with_a_count_ends(self):
        process = self.client("simulate", "--rate", "10000", "--count", "100", "-q", "1")
        self.assertEqual(process.wait_exit(), DONE, str(process))


class ConfigCheck(unittest.TestCase):
    def check(self, text):
        if not harness.is_gaon():
            self.skipTest("only gaon has this command")
        with tempfile.TemporaryDirectory(prefix="gaon-interop-") as directory:
            path = os.path.join(directory, "broken.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            process = harness.Process(harness.command_of_broker(), "config", "check", "-c", path)
            self.addCleanup(process.kill)
            return process.wait_exit(), "\n".join(process.lines)

    def test_a_good_file_is_done(self):
        code, said = self.check("[limits]\nconnections_max = 10\n")
        self.assertEqual(code, DONE, said)

    def test_a_misspelled_key_is_named_with_its_line_and_its_neighbour(self):
        code, said = self.check("[limits]\nconnections_max = 10\nqueue_bytes_mx = 1\n")
        self.assertEqual(code, FAILED, said)
        for part in ("broken.toml:3", "queue_bytes_mx", "queue_bytes_max"):
            self.assertIn(part, said)

    def test_a_value_out_of_bounds_is_named_with_its_line(self):
        code, said = self.check("[limits]\nreceive_maximum = 0\n")
        self.assertEqual(code, FAILED, said)
        for part in ("broken.toml:2", "receive_maximum", "65535"):
            self.assertIn(part, said)

    def test_a_file_that_is_not_toml_is_named_with_its_line(self):
        code, said = self.check("[limits]\nreceive_maximum = = 1\n")
        self.assertEqual(code, FAILED, said)
        self.assertIn("broken.toml:2", said)


if __name__ == "__main__":
    harness.main()
