#!/usr/bin/python3
"""mosquitto_pub and mosquitto_sub in all three versions of the protocol."""

import subprocess

import harness

SUBSCRIBED = "Subscribed"


class MosquittoClients:
    """The tests; each version of the protocol below runs them all."""

    version = None

    def common(self):
        return ["-h", "127.0.0.1", "-p", self.broker.port, "-V", self.version]

    def publish(self, *arguments):
        process = self.start("mosquitto_pub", *arguments)
        self.assertEqual(process.wait_exit(), 0, str(process))

    def start(self, program, *arguments, **rest):
        process = harness.Process(program, *self.common(), *arguments, **rest)
        self.addCleanup(process.kill)
        return process

    def subscribe(self, *arguments):
        """mosquitto_sub, once its subscription stands. Messages are the lines that begin with >."""
        process = self.start("mosquitto_sub", "-d", "-F", ">%t %q %r %p", *arguments)
        process.wait_line(SUBSCRIBED)
        return process

    def messages(self, process):
        return [line[1:] for line in process.lines if line.startswith(">")]

    def received(self, process):
        """What a subscriber with -C got, when it has ended."""
        self.assertEqual(process.wait_exit(), 0, str(process))
        return self.messages(process)

    def session(self, client_id):
        """Options of a client whose session outlives its connection."""
        expiry = ["-x", "600"] if self.version == "mqttv5" else []
        return ["-c", "-i", client_id, *expiry]

    def test_a_message_arrives_at_each_qos(self):
        for qos in "012":
            topic = self.name(qos)
            subscriber = self.subscribe("-t", topic, "-q", qos, "-C", "1")
            self.publish("-t", topic, "-q", qos, "-m", "hello")
            self.assertEqual(self.received(subscriber), [f"{topic} {qos} 0 hello"])

    def test_a_lower_granted_qos_lowers_the_message(self):
        topic = self.name("t")
        subscriber = self.subscribe("-t", topic, "-q", "1", "-C", "2")
        self.publish("-t", topic, "-q", "2", "-m", "two")
        self.publish("-t", topic, "-q", "0", "-m", "nought")
        self.assertEqual(self.received(subscriber), [f"{topic} 1 0 two", f"{topic} 0 0 nought"])

    def test_a_retained_message_is_replayed_replaced_and_cleared(self):
        topic = self.name("t")
        for value in ("first", "second"):
            self.publish("-t", topic, "-q", "1", "-r", "-m", value)
            self.assertEqual(self.received(self.subscribe("-t", topic, "-q", "1", "-C", "1")), [f"{topic} 1 1 {value}"])
        self.publish("-t", topic, "-q", "1", "-r", "-n")
        subscriber = self.subscribe("-t", topic, "-q", "1", "-C", "1")
        self.publish("-t", topic, "-q", "1", "-m", "fence")
        self.assertEqual(self.received(subscriber), [f"{topic} 1 0 fence"])

    def test_the_will_of_a_killed_client_is_published(self):
        topic = self.name("will")
        subscriber = self.subscribe("-t", topic, "-q", "1", "-C", "1")
        dying = self.subscribe(
            "-t", self.name("t"), "--will-topic", topic, "--will-payload", "gone", "--will-qos", "1"
        )
        dying.kill()
        self.assertEqual(self.received(subscriber), [f"{topic} 1 0 gone"])

    def test_an_offline_session_gets_what_was_queued_in_order(self):
        topic, client_id = self.name("t"), "mosquitto-" + self.version
        first = self.start("mosquitto_sub", *self.session(client_id), "-t", topic, "-q", "2", "-E")
        self.assertEqual(first.wait_exit(), 0, str(first))
        for number in range(10):
            self.publish("-t", topic, "-q", 1 + number % 2, "-m", number)
        again = self.start(
            "mosquitto_sub", *self.session(client_id), "-t", topic, "-q", "2", "-C", "10", "-F", ">%t %q %r %p"
        )
        # The client shows a QoS 2 message at its PUBREL, so the two kinds overtake each other in it.
        received = sorted(self.received(again), key=lambda line: line.split()[1])
        self.assertEqual(received, [f"{topic} {1 + n % 2} 0 {n}" for n in (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)])

    def test_a_shared_subscription_gives_each_message_to_one_member(self):
        topic, fence, count = self.name("t"), self.name("fence"), 100
        members = [self.subscribe("-t", "$share/crew/" + topic, "-t", fence, "-q", "1") for _ in range(2)]
        publisher = self.start("mosquitto_pub", "-t", topic, "-q", "1", "-l", stdin=subprocess.PIPE)
        publisher.process.stdin.write(b"".join(b"%d\n" % number for number in range(count)))
        publisher.process.stdin.close()
        self.assertEqual(publisher.wait_exit(), 0, str(publisher))

        def shares():
            return [[m for m in self.messages(member) if m.startswith(topic)] for member in members]

        harness.wait_for(lambda: sum(map(len, shares())) >= count, f"{count} messages")
        self.publish("-t", fence, "-q", "1", "-m", "end")
        for member in members:
            member.wait_line(f">{fence}")
        one, other = shares()
        self.assertEqual(sorted(one + other), sorted(f"{topic} 1 0 {number}" for number in range(count)))
        self.assertTrue(one and other, "one member got everything")

    def test_a_thousand_lines_from_stdin_arrive_in_order(self):
        for qos in "012":
            topic, count = self.name(qos), 1000
            subscriber = self.subscribe("-t", topic, "-q", qos, "-C", count)
            publisher = self.start("mosquitto_pub", "-t", topic, "-q", qos, "-l", stdin=subprocess.PIPE)
            publisher.process.stdin.write(b"".join(b"line %d\n" % number for number in range(count)))
            publisher.process.stdin.close()
            self.assertEqual(publisher.wait_exit(), 0, str(publisher))
            self.assertEqual(
                self.received(subscriber), [f"{topic} {qos} 0 line {number}" for number in range(count)]
            )

    def test_wildcards_choose_levels(self):
        root = self.name("w")
        one = self.subscribe("-t", root + "/+/c", "-q", "1", "-C", "2")
        rest = self.subscribe("-t", root + "/#", "-q", "1", "-C", "5")
        topics = [root + tail for tail in ("/a/c", "/a/d", "/a/c/e", "", "/b/c")]
        for topic in topics:
            self.publish("-t", topic, "-q", "1", "-m", "x")
        self.assertEqual(self.received(one), [f"{root}/a/c 1 0 x", f"{root}/b/c 1 0 x"])
        self.assertEqual(self.received(rest), [f"{topic} 1 0 x" for topic in topics])


class Version31(MosquittoClients, harness.BrokerCase):
    version = "mqttv31"


class Version311(MosquittoClients, harness.BrokerCase):
    version = "mqttv311"


class Version5(MosquittoClients, harness.BrokerCase):
    version = "mqttv5"


if __name__ == "__main__":
    harness.main()
