#!/usr/bin/python3
"""paho-mqtt for Python (1.x) in 3.1.1 and 5."""

import sys
import threading
import time

import harness
import wire

try:
    import paho.mqtt.client as mqtt
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    from paho.mqtt.subscribeoptions import SubscribeOptions
except ImportError:
    print("python3-paho-mqtt is not installed")
    sys.exit(harness.SKIPPED)


def properties(kind, **values):
    made = Properties(kind)
    for name, value in values.items():
        setattr(made, name, value)
    return made


class Client:
    """One paho client that never reconnects by itself. What it receives is in `messages`."""

    def __init__(self, port, client_id, version=5, clean=True, will=None, will_delay_s=None, **connect_properties):
        self.messages = []
        self.session_present = None
        self.acknowledged = {}
        self.changed = threading.Condition()
        self.closed = False
        self.five = five = version == 5
        self.paho = mqtt.Client(
            client_id, clean_session=None if five else clean, protocol=mqtt.MQTTv5 if five else mqtt.MQTTv311
        )
        if will:
            delay = properties(PacketTypes.WILLMESSAGE, WillDelayInterval=will_delay_s or 0) if five else None
            self.paho.will_set(will, "gone", qos=1, properties=delay)
        self.paho.on_connect = self.on_connect
        self.paho.on_message = self.on_message
        self.paho.on_subscribe = lambda _c, _u, mid, codes, *_: self.note(self.acknowledged, mid, codes)
        self.paho.on_unsubscribe = lambda _c, _u, mid, *_: self.note(self.acknowledged, mid, True)
        self.paho.on_disconnect = self.on_disconnect
        if five:
            sent = properties(PacketTypes.CONNECT, **connect_properties)
            self.paho.connect("127.0.0.1", port, clean_start=clean, properties=sent)
        else:
            self.paho.connect("127.0.0.1", port)
        self.paho.loop_start()
        self.wait(lambda: self.session_present is not None, "CONNACK")

    def on_connect(self, _client, _user, flags, code, *_):
        with self.changed:
            if code == 0:
                self.session_present = bool(flags["session present"])
            self.changed.notify_all()

    def on_disconnect(self, client, *_):
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        client.disconnect()  # Keeps the loop from connecting again.

    def on_message(self, _client, _user, message):
        with self.changed:
            self.messages.append(message)
            self.changed.notify_all()

    def note(self, table, key, value):
        with self.changed:
            table[key] = value
            self.changed.notify_all()

    def wait(self, condition, what):
        with self.changed:
            if not self.changed.wait_for(condition, harness.DEADLINE_S):
                raise AssertionError(f"waited in vain for {what}; messages so far: {self.payloads()[-20:]}")

    def subscribe(self, topic, qos=0, subscription_id=None, **options):
        """The granted QoS or a failure code."""
        if options or subscription_id:
            made = properties(PacketTypes.SUBSCRIBE)
            if subscription_id:
                made.SubscriptionIdentifier = subscription_id
            _, mid = self.paho.subscribe(topic, options=SubscribeOptions(qos, **options), properties=made)
        elif self.five:
            _, mid = self.paho.subscribe(topic, options=SubscribeOptions(qos))
        else:
            _, mid = self.paho.subscribe(topic, qos)
        self.wait(lambda: mid in self.acknowledged, "SUBACK")
        code = self.acknowledged[mid][0]
        return getattr(code, "value", code)

    def unsubscribe(self, topic):
        _, mid = self.paho.unsubscribe(topic)
        self.wait(lambda: mid in self.acknowledged, "UNSUBACK")

    def publish(self, topic, payload="", qos=1, retain=False, **message_properties):
        made = properties(PacketTypes.PUBLISH, **message_properties) if message_properties else None
        info = self.paho.publish(topic, payload, qos, retain, made)
        info.wait_for_publish(harness.DEADLINE_S)
        if not info.is_published():
            raise AssertionError(f"publish to {topic} is not acknowledged")

    def take(self, count):
        """The first `count` messages, which are then forgotten."""
        self.wait(lambda: len(self.messages) >= count, f"{count} messages")
        with self.changed:
            taken, self.messages[:] = self.messages[:count], self.messages[count:]
        return taken

    def take_until(self, payload):
        """What came before the message with this payload, which is the fence."""
        self.wait(lambda: payload.encode() in [m.payload for m in self.messages], f"the fence {payload}")
        with self.changed:
            at = [m.payload for m in self.messages].index(payload.encode())
            taken, self.messages[:] = self.messages[:at], self.messages[at + 1 :]
        return taken

    def payloads(self):
        return [m.payload for m in self.messages]

    def vanish(self):
        """Cuts the connection without DISCONNECT."""
        self.paho.socket().shutdown(2)
        self.end()

    def disconnect(self):
        if not self.closed:
            self.paho.disconnect()
        self.end()

    def end(self):
        self.wait(lambda: self.closed, "the end of the connection")
        self.paho.loop_stop()


class Common:
    """Makes clients that are gone when the test ends."""

    version = 5

    clients = 0

    def client(self, client_id="", **rest):
        Common.clients += 1  # One count for all, so that no two clients share an id.
        client_id = self.name(client_id or f"client{Common.clients}")
        made = Client(self.broker.port, client_id, version=self.version, **rest)
        self.addCleanup(made.disconnect)
        return made

    def session(self, client_id, **rest):
        """A client whose session outlives its connection."""
        if self.version == 5:
            rest["SessionExpiryInterval"] = 600
        return self.client(client_id, clean=False, **rest)


def facts(messages):
    return [(m.payload.decode(), m.qos, bool(m.retain)) for m in messages]


class BothVersions(Common):
    """What holds in each version."""

    def test_the_lower_of_both_qos_is_delivered(self):
        publisher = self.client()
        for granted in (0, 1, 2):
            subscriber, topic = self.client(), self.name(str(granted))
            self.assertEqual(subscriber.subscribe(topic, granted), granted)
            for qos in (0, 1, 2):
                publisher.publish(topic, "x", qos)
                self.assertEqual(facts(subscriber.take(1)), [("x", min(qos, granted), False)])

    def test_a_retained_message_is_replayed_replaced_and_cleared(self):
        publisher, topic = self.client(), self.name("t")
        for value in ("first", "second"):
            publisher.publish(topic, value, 1, retain=True)
            subscriber = self.client()
            subscriber.subscribe(topic, 1)
            self.assertEqual(facts(subscriber.take(1)), [(value, 1, True)])
        publisher.publish(topic, "", 1, retain=True)
        subscriber = self.client()
        subscriber.subscribe(topic, 1)
        publisher.publish(topic, "fence")
        self.assertEqual(subscriber.take_until("fence"), [])

    def test_the_last_retained_message_wins_whoever_sent_it(self):
        topic = self.name("t")
        for number in range(20):
            publisher, subscriber = self.client(), self.client()
            publisher.publish(topic, str(number), 1, retain=True)
            subscriber.subscribe(topic, 1)
            self.assertEqual(facts(subscriber.take(1)), [(str(number), 1, True)])
            publisher.disconnect()
            subscriber.disconnect()

    def test_an_empty_client_id_is_served(self):
        topic = self.name("t")
        nameless = Client(self.broker.port, "", version=self.version)
        self.addCleanup(nameless.disconnect)
        nameless.subscribe(topic, 1)
        nameless.publish(topic, "x")
        self.assertEqual(facts(nameless.take(1)), [("x", 1, False)])

    def test_the_will_is_published_when_the_socket_breaks_and_not_after_disconnect(self):
        watcher, topic = self.client(), self.name("will")
        watcher.subscribe(topic, 1)
        self.client(will=topic).disconnect()
        watcher.publish(topic, "fence")
        self.assertEqual(watcher.take_until("fence"), [])
        self.client(will=topic).vanish()
        self.assertEqual(facts(watcher.take(1)), [("gone", 1, False)])

    def test_a_session_resumes_with_its_subscription_and_queue(self):
        topic, publisher = self.name("t"), self.client()
        first = self.session("s")
        self.assertFalse(first.session_present)
        first.subscribe(topic, 2)
        first.disconnect()
        for number in range(20):
            publisher.publish(topic, str(number), 1)
        for number in range(20, 40):
            publisher.publish(topic, str(number), 2)
        again = self.session("s")
        self.assertTrue(again.session_present)
        received = facts(again.take(40))
        self.assertEqual(received, [(str(n), 1 if n < 20 else 2, False) for n in range(40)])
        again.disconnect()
        self.assertFalse(self.client("s").session_present)

    def test_two_members_of_a_share_get_each_message_once_in_sum(self):
        topic, fence, count = self.name("t"), self.name("fence"), 200
        members = [self.client(), self.client()]
        for member in members:
            member.subscribe("$share/crew/" + topic, 1)
            member.subscribe(fence, 1)
        publisher = self.client()
        for number in range(count):
            publisher.publish(topic, str(number), 1)
        # Order holds within a topic only, so the fence must not stand for the count.
        harness.wait_for(lambda: sum(len(m.messages) for m in members) >= count, f"{count} messages")
        publisher.publish(fence, "end")
        shares = [[int(m.payload) for m in member.take_until("end")] for member in members]
        self.assertEqual(sorted(shares[0] + shares[1]), list(range(count)))
        self.assertTrue(shares[0] and shares[1], "one member got everything")
        for share in shares:
            self.assertEqual(share, sorted(share), "out of order")

    def test_a_megabyte_arrives_unchanged(self):
        topic, client = self.name("t"), self.client()
        client.subscribe(topic, 2)
        payload = bytes(range(256)) * 4096
        for qos in (0, 1, 2):
            client.publish(topic, payload, qos)
            self.assertEqual(client.take(1)[0].payload, payload)

    def test_a_thousand_messages_keep_their_order(self):
        topic, count = self.name("t"), 1000
        for qos in (0, 1, 2):
            subscriber, publisher = self.client(), self.client()
            subscriber.subscribe(topic, qos)
            for number in range(count):
                publisher.paho.publish(topic, str(number), qos)
            self.assertEqual([int(m.payload) for m in subscriber.take(count)], list(range(count)))

    def test_unsubscribing_ends_delivery(self):
        client, topic, fence = self.client(), self.name("t"), self.name("fence")
        client.subscribe(topic, 1)
        client.subscribe(fence, 1)
        client.publish(topic, "before")
        self.assertEqual(facts(client.take(1)), [("before", 1, False)])
        client.unsubscribe(topic)
        client.publish(topic, "after")
        client.publish(fence, "end")
        self.assertEqual(client.take_until("end"), [])

    def test_a_second_client_with_the_same_id_takes_over(self):
        first = self.client("twin")
        second = self.client("twin")
        first.wait(lambda: first.closed, "the end of the first")
        topic = self.name("t")
        second.subscribe(topic, 1)
        second.publish(topic, "alive")
        self.assertEqual(facts(second.take(1)), [("alive", 1, False)])


class Version311(BothVersions, harness.BrokerCase):
    version = 4


class Version5(BothVersions, harness.BrokerCase):
    def test_retain_handling_says_when_retained_messages_are_replayed(self):
        topic, publisher = self.name("t"), self.client()
        publisher.publish(topic, "kept", 1, retain=True)
        for handling, replays in ((0, [1, 1]), (1, [1, 0]), (2, [0, 0])):
            subscriber = self.client()
            for expected in replays:
                subscriber.subscribe(topic, 1, retainHandling=handling)
                publisher.publish(topic, "fence")
                self.assertEqual(len(subscriber.take_until("fence")), expected, f"retain handling {handling}")

    def test_retain_as_published_keeps_the_flag(self):
        topic, client = self.name("t"), self.client()
        client.subscribe(topic, 1, retainAsPublished=True)
        client.publish(topic, "a", 1, retain=True)
        client.publish(topic, "b", 1)
        self.assertEqual(facts(client.take(2)), [("a", 1, True), ("b", 1, False)])

    def test_no_local_keeps_own_messages_away(self):
        topic, client, other = self.name("t"), self.client(), self.client()
        client.subscribe(topic, 1, noLocal=True)
        client.publish(topic, "mine")
        other.publish(topic, "theirs")
        self.assertEqual(facts(client.take(1)), [("theirs", 1, False)])

    def test_subscription_identifiers_name_every_match(self):
        root, client = self.name("t"), self.client()
        client.subscribe(root + "/a", 1, subscription_id=7)
        client.subscribe(root + "/+", 1, subscription_id=268435455)
        client.publish(root + "/b", "one")
        self.assertEqual(client.take(1)[0].properties.SubscriptionIdentifier, [268435455])
        client.publish(root + "/a", "both")
        # One copy with both ids or a copy for each match: MQTT-3.3.4-4 allows the two.
        found = list(client.take(1)[0].properties.SubscriptionIdentifier)
        if len(found) == 1:
            found += client.take(1)[0].properties.SubscriptionIdentifier
        self.assertEqual(sorted(found), [7, 268435455])

    def test_properties_of_a_message_arrive_unchanged_and_in_order(self):
        topic, client = self.name("t"), self.client()
        client.subscribe(topic, 1)
        pairs = [("b", "1"), ("a", "2"), ("b", "1"), ("", "")]
        client.publish(topic, "x", ContentType="text/plain", PayloadFormatIndicator=1, UserProperty=pairs)
        found = client.take(1)[0].properties
        self.assertEqual(found.UserProperty, pairs)
        self.assertEqual(found.ContentType, "text/plain")
        self.assertEqual(found.PayloadFormatIndicator, 1)

    def test_a_request_finds_its_reply(self):
        ask, answer = self.name("ask"), self.name("answer")
        server, asker = self.client(), self.client()
        server.subscribe(ask, 1)
        asker.subscribe(answer, 1)
        asker.publish(ask, "six times seven", ResponseTopic=answer, CorrelationData=b"\x00\xff17")
        request = server.take(1)[0]
        server.publish(request.properties.ResponseTopic, "42", CorrelationData=request.properties.CorrelationData)
        reply = asker.take(1)[0]
        self.assertEqual((reply.payload, reply.properties.CorrelationData), (b"42", b"\x00\xff17"))

    def test_an_inbound_topic_alias_stands_for_its_topic(self):
        topic, client = self.name("t"), self.client()
        client.subscribe(topic + "/#", 1)
        client.publish(topic + "/1", "set", TopicAlias=1)
        client.publish("", "used", TopicAlias=1)
        client.publish(topic + "/2", "moved", TopicAlias=1)
        client.publish("", "used again", TopicAlias=1)
        self.assertEqual(
            [(m.topic, m.payload) for m in client.take(4)],
            [(topic + "/1", b"set"), (topic + "/1", b"used"), (topic + "/2", b"moved"), (topic + "/2", b"used again")],
        )

    def test_outbound_topic_aliases_stay_within_the_maximum_of_the_client(self):
        root, subscriber = self.name("t"), self.client(TopicAliasMaximum=2)
        subscriber.subscribe(root + "/#", 1)
        publisher, sent = self.client(), [f"{root}/{n % 4}" for n in range(20)]
        for topic in sent:
            publisher.publish(topic, "x")
        aliases, received = {}, []
        for message in subscriber.take(len(sent)):
            alias = getattr(message.properties, "TopicAlias", None)
            if alias is not None:
                self.assertIn(alias, (1, 2))
                if message.topic:
                    aliases[alias] = message.topic
            received.append(message.topic or aliases[alias])
        self.assertEqual(received, sent)

    def test_message_expiry_counts_down_and_ends_the_message(self):
        queued, clock, publisher = self.name("queued"), self.name("clock"), self.client()
        # Not by paho, which does not wait until the broker has read its DISCONNECT: what is sent
        # before that does not expire.
        with wire.Wire(self.broker.port) as sleeper:
            sleeper.open(self.name("sleeper"), flags=0, extra=b"\x11" + wire.u32(600)).subscribe(queued, options=1)
            sleeper.send(wire.packet(wire.DISCONNECT))
            self.assertEqual(sleeper.receive_to_end(), [])
        publisher.publish(queued, "short", MessageExpiryInterval=1)
        publisher.publish(queued, "long", MessageExpiryInterval=1000)
        publisher.publish(clock, "tick", retain=True, MessageExpiryInterval=1000)
        reader = self.client()

        def remaining_s():
            reader.subscribe(clock, 1)
            return reader.take(1)[0].properties.MessageExpiryInterval

        harness.wait_for(lambda: remaining_s() <= 998, "the expiry of a retained message to count down")
        received = self.session("sleeper").take(1)
        self.assertEqual(facts(received), [("long", 1, False)])
        self.assertLessEqual(received[0].properties.MessageExpiryInterval, 998)

    def test_a_will_waits_for_its_delay(self):
        watcher, topic = self.client(), self.name("will")
        watcher.subscribe(topic, 1)
        delayed = self.client(will=topic, will_delay_s=1, SessionExpiryInterval=600)
        begin = time.monotonic()
        delayed.vanish()
        self.assertEqual(facts(watcher.take(1)), [("gone", 1, False)])
        self.assertGreater(time.monotonic() - begin, 0.9)

    def test_coming_back_within_the_delay_takes_the_will_away(self):
        watcher, topic = self.client(), self.name("will")
        watcher.subscribe(topic + "/#", 1)
        self.session("back", will=topic + "/back", will_delay_s=2).vanish()
        self.assertTrue(self.session("back").session_present)
        # The will of another client that vanishes later and waits as long is the clock.
        self.session("lost", will=topic + "/lost", will_delay_s=2).vanish()
        self.assertEqual([m.topic for m in watcher.take(1)], [topic + "/lost"])

    def test_the_end_of_the_session_publishes_a_delayed_will_at_once(self):
        watcher, topic = self.client(), self.name("will")
        watcher.subscribe(topic, 1)
        self.client(will=topic, will_delay_s=10000, SessionExpiryInterval=0).vanish()
        self.assertEqual(facts(watcher.take(1)), [("gone", 1, False)])

    def test_a_client_with_a_small_receive_maximum_gets_everything_in_order(self):
        topic, publisher = self.name("t"), self.client()
        for maximum in (1, 3):
            subscriber = self.client(ReceiveMaximum=maximum)
            subscriber.subscribe(topic, 2)
            for qos in (1, 2):
                for number in range(50):
                    publisher.paho.publish(topic, str(number), qos)
                self.assertEqual([int(m.payload) for m in subscriber.take(50)], list(range(50)))


if __name__ == "__main__":
    harness.main()
