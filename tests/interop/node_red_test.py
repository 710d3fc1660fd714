#!/usr/bin/python3
"""Node-RED between a factory and its summary: node_red/flow.json subscribes to the simulated
factory in MQTT 3.1.1 and 5, counts what it says and publishes that, retained."""

import collections
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

HERE = pathlib.Path(__file__).resolve().parent / "node_red"
NODE_RED = HERE / "node_modules/node-red/red.js"
START_S = 120  # Node-RED loads some thousand files.

LINES, MACHINES, SIGNALS = 3, 8, 6
MESSAGES = 2400
# Retained before Node-RED is there: its subscriptions stand once a summary tells of it.
FIRST_TOPIC, FIRST_STATE = "factory/line0/machine0/state", "idle"


class NodeRed(harness.BrokerCase):
    @classmethod
    def setUpClass(cls):
        if not harness.is_gaon():
            raise unittest.SkipTest("only gaon has a factory")
        super().setUpClass()

    def setUp(self):
        self.node_red = None
        self.publish_first()
        self.witness = self.subscribe("factory/#", ">%t %p")
        self.summaries = self.subscribe("summary/+", ">%t %p")

    def start_node_red(self):
        user_dir = tempfile.mkdtemp(prefix="gaon-node-red-")
        self.addCleanup(shutil.rmtree, user_dir, ignore_errors=True)
        shutil.copy(HERE / "flow.json", user_dir)
        os.environ["GAON_PORT"] = str(self.broker.port)
        os.environ["NODE_RED_PORT"] = str(harness.free_port())
        node = os.environ.get("GAON_NODE", "node")
        settings = HERE / "settings.js"
        process = harness.Process(node, NODE_RED, "--userDir", user_dir, "--settings", settings, "flow.json")
        self.addCleanup(process.kill)
        return process

    def publish_first(self):
        port = str(self.broker.port)
        message = ["-q", "1", "-r", "-t", FIRST_TOPIC, "-m", FIRST_STATE]
        subprocess.run(["mosquitto_pub", "-p", port, *message], check=True)

    def subscribe(self, topic, form, *more):
        connection = ["-p", self.broker.port, "-V", "mqttv5", "-d"]
        process = harness.Process("mosquitto_sub", *connection, "-q", "1", "-t", topic, "-F", form, *more)
        self.addCleanup(process.kill)
        process.wait_line("Subscribed")
        return process

    def run_factory(self):
        plan = ["-q", "1", "--lines", LINES, "--machines", MACHINES, "--rate", "2000", "--count", MESSAGES]
        factory = harness.Process(harness.command_of_broker(), "simulate", "-p", self.broker.port, *plan)
        self.addCleanup(factory.kill)
        self.assertEqual(factory.wait_exit(), 0, str(factory))

    def wait_for_messages(self, count, deadline_s=harness.DEADLINE_S):
        """Until the newest summary of each version tells of so many messages; these summaries."""

        def told():
            self.assertIsNone(self.node_red.process.poll(), "Node-RED has ended")
            newest = {topic: json.loads(text) for topic, text in messages(self.summaries)}
            done = [summary for summary in newest.values() if summary["messages"] >= count]
            return newest if len(done) == 2 else None

        try:
            return harness.wait_for(told, f"summaries of {count} messages", deadline_s)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.node_red}{self.summaries}") from None

    def test_what_the_line_says_is_in_the_summary_of_both_versions(self):
        self.node_red = self.start_node_red()
        self.wait_for_messages(1, START_S)
        self.run_factory()
        summaries = self.wait_for_messages(1 + MESSAGES)

        said = harness.wait_for(
            lambda: len(messages(self.witness)) >= 1 + MESSAGES and messages(self.witness), "the factory's messages"
        )
        states = {topic: payload for topic, payload in said if topic.endswith("/state")}
        self.assertEqual(len(states), 1 + LINES * MACHINES)
        expected = {
            "messages": 1 + MESSAGES,
            "topics": 1 + LINES * MACHINES * SIGNALS,
            "machines": 1 + LINES * MACHINES,
            "states": dict(collections.Counter(states.values())),
        }
        self.assertEqual(summaries, {"summary/3.1.1": expected, "summary/5": expected})

        # Whoever comes later finds them, and what MQTT 5 tells beside the payload.
        later = self.subscribe("summary/+", ">%t %q %r %C", "-C", "2")
        self.assertEqual(later.wait_exit(), 0, str(later))
        self.assertEqual(
            sorted(line[1:].split() for line in later.lines if line.startswith(">")),
            [["summary/3.1.1", "1", "1"], ["summary/5", "1", "1", "application/json"]],
        )


def messages(process):
    """(topic, payload) of each message that mosquitto_sub has shown."""
    return [tuple(line[1:].split(" ", 1)) for line in process.lines if line.startswith(">")]


if __name__ == "__main__":
    harness.main()
