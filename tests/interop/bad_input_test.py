#!/usr/bin/python3
"""What a hostile or broken peer may do to itself, and nobody else: bytes sent by hand."""

import contextlib

import harness
import wire
from wire import packet, properties, text, u16, u32, varint

TOPIC = "bad/topic"
FILTER = text(TOPIC)

# Rows: what is wrong, the bytes, the codes a version 5 broker may answer, ours first.
# These come instead of CONNECT. Version 3 brokers, and those who doubt the version, just close.
INSTEAD_OF_CONNECT = [
    ("publish before connect", wire.publish(TOPIC, b"x"), []),
    ("pingreq before connect", packet(wire.PINGREQ), []),
    ("type 0", packet(0x00), []),
    ("http", b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", []),
    ("tls hello", bytes.fromhex("160301020001000001fc0303") + bytes(500), []),
    ("wrong flags in the fixed header", b"\x11" + wire.connect("bad")[1:], [0x81]),
    ("reserved connect flag", wire.connect("bad", flags=0x03), [0x81]),
    ("another protocol name", wire.connect("bad", name="MQTX"), [0x84]),
    # The answer has the form of 5 or that of 3.1.1.
    ("a protocol level of the future", wire.connect("bad", level=6), [0x84, 0x01]),
    ("will qos 3", wire.connect("bad", flags=0x1E, tail=b"\x00" + FILTER + text("gone")), [0x81]),
    ("will qos without a will", wire.connect("bad", flags=0x0A), [0x81]),
    ("will retain without a will", wire.connect("bad", flags=0x22), [0x81]),
    ("user name announced and missing", wire.connect("bad", flags=0x82), [0x81]),
    ("bytes after the last field", wire.connect("bad", tail=b"\x00"), [0x81]),
    ("receive maximum 0", wire.connect("bad", extra=b"\x21\x00\x00"), [0x82]),
    ("maximum packet size 0", wire.connect("bad", extra=b"\x27" + u32(0)), [0x82]),
    ("session expiry twice", wire.connect("bad", extra=(b"\x11" + u32(9)) * 2), [0x82]),
    ("a topic alias in connect", wire.connect("bad", extra=b"\x23\x00\x01"), [0x81, 0x82]),
    ("authentication data without a method", wire.connect("bad", extra=b"\x16" + text("x")), [0x82]),
    ("request problem information 2", wire.connect("bad", extra=b"\x17\x02"), [0x82]),
    ("surrogates in the client id", wire.connect(b"bad\xed\xa0\x80"), [0x81, 0x85]),
    ("NUL in the client id", wire.connect(b"bad\x00id"), [0x81, 0x85]),
    ("a remaining length of five bytes", b"\x10\xff\xff\xff\xff\x01", [0x81]),
    ("no client id", packet(wire.CONNECT, text("MQTT"), b"\x05\x02", u16(60), b"\x00"), [0x81]),
]


def after_connect(version):
    """These come after CONNECT, in version 4 (where they only close) and 5."""
    none = properties(version)
    return [
        ("a second connect", wire.connect("bad", version), [0x82]),
        ("type 0", packet(0x00), [0x81, 0x82]),
        ("connack from a client", packet(wire.CONNACK, b"\x00\x00", none), [0x81, 0x82]),
        ("suback from a client", packet(wire.SUBACK, u16(1), none, b"\x00"), [0x81, 0x82]),
        ("pingresp from a client", packet(wire.PINGRESP), [0x81, 0x82]),
        ("publish with qos 3", packet(0x36, FILTER, u16(1), none, b"x"), [0x81]),
        ("publish with packet id 0", wire.publish(TOPIC, b"x", version, qos=1, packet_id=0), [0x82, 0x81]),
        ("publish to a wildcard", wire.publish("bad/#", b"x", version), [0x90, 0x81, 0x82]),
        ("invalid UTF-8 in a topic", wire.publish(b"bad/\xc0\x80", b"x", version), [0x81, 0x90]),
        ("a surrogate in a topic", wire.publish(b"bad/\xed\xa0\x80", b"x", version), [0x81, 0x90]),
        ("NUL in a topic", wire.publish(b"bad/\x00", b"x", version), [0x81, 0x90]),
        ("a topic longer than the packet", packet(wire.PUBLISH, u16(500) + b"bad"), [0x81]),
        ("a publish of one byte", packet(wire.PUBLISH, b"\x00"), [0x81]),
        ("a remaining length of five bytes", b"\x30\xff\xff\xff\xff\x01", [0x81]),
        ("subscribe with wrong flags", b"\x80" + wire.subscribe(TOPIC, version)[1:], [0x81]),
        ("subscribe without a filter", packet(0x82, u16(1), none), [0x82, 0x81]),
        ("subscribe with packet id 0", wire.subscribe(TOPIC, version, packet_id=0), [0x82, 0x81]),
        ("subscribe with qos 3", wire.subscribe(TOPIC, version, options=3), [0x82, 0x81]),
        ("subscribe with reserved option bits", wire.subscribe(TOPIC, version, options=0xC0), [0x81]),
        ("# in the middle of a filter", wire.subscribe("bad/#/x", version), [0x81, 0x8F]),
        ("# after a name", wire.subscribe("bad#", version), [0x81, 0x8F]),
        ("an empty share name", wire.subscribe("$share//bad", version), [0x81, 0x8F]),
        ("invalid UTF-8 in a filter", wire.subscribe(b"bad/\xff", version), [0x81, 0x8F]),
        ("unsubscribe with wrong flags", packet(0xA0, u16(1), none, FILTER), [0x81]),
        ("unsubscribe without a filter", packet(0xA2, u16(1), none), [0x82, 0x81]),
        ("pubrel with wrong flags", packet(0x60, u16(1)), [0x81]),
        ("a puback without an id", packet(wire.PUBACK), [0x81]),
        ("pingreq with a byte too many", packet(wire.PINGREQ, b"\x00"), [0x81]),
        ("disconnect with wrong flags", packet(wire.DISCONNECT | 1), [0x81]),
    ]


# These need version 5.
AFTER_CONNECT_5 = [
    ("a padded remaining length", b"\xc0\x80\x00", [0x81]),
    ("no topic and no alias", wire.publish("", b"x"), [0x82]),
    ("an alias that was never set", wire.publish("", b"x", extra=b"\x23\x00\x01"), [0x82, 0x94]),
    ("topic alias 0", wire.publish(TOPIC, b"x", extra=b"\x23\x00\x00"), [0x94]),
    ("a topic alias above the maximum", wire.publish(TOPIC, b"x", extra=b"\x23\xff\xff"), [0x94]),
    ("an unknown property", wire.publish(TOPIC, b"x", extra=b"\x7f\x00"), [0x81]),
    ("a connect property in publish", wire.publish(TOPIC, b"x", extra=b"\x11" + u32(1)), [0x81, 0x82]),
    ("a content type twice", wire.publish(TOPIC, b"x", extra=(b"\x03" + text("a")) * 2), [0x82]),
    ("a payload format of 2", wire.publish(TOPIC, b"x", extra=b"\x01\x02"), [0x82, 0x81]),
    ("a wildcard response topic", wire.publish(TOPIC, b"x", extra=b"\x08" + text("r/#")), [0x82, 0x81, 0x90]),
    ("a subscription id from a client", wire.publish(TOPIC, b"x", extra=b"\x0b\x01"), [0x82, 0x81]),
    ("invalid UTF-8 in a user property", wire.publish(TOPIC, b"x", extra=b"\x26" + text("k") + text(b"\xff")), [0x81]),
    ("properties longer than the packet", packet(wire.PUBLISH, FILTER, varint(100), b"\x01\x01"), [0x81]),
    ("a padded property length", packet(wire.PUBLISH, FILTER, b"\x80\x00", b"x"), [0x81]),
    ("a string past the properties", packet(wire.PUBLISH, FILTER, b"\x04\x03", u16(9), b"aaaaaaaaaa"), [0x81]),
    ("subscription id 0", wire.subscribe(TOPIC, extra=b"\x0b\x00"), [0x82, 0x81]),
    ("retain handling 3", wire.subscribe(TOPIC, options=0x30), [0x82, 0x81]),
    ("no local on a share", wire.subscribe("$share/g/bad", options=0x04), [0x82]),
    ("auth without a method", packet(wire.AUTH, b"\x19\x00"), [0x82, 0x81]),
    ("session expiry raised from 0", packet(wire.DISCONNECT, b"\x00\x05\x11" + u32(60)), [0x82]),
    ("a server's code from a client", packet(wire.PUBACK, u16(1), b"\x05\x00"), [0x81, 0x82]),
]


class BadInput(harness.BrokerCase):
    settings = {"limits.packet_bytes_max": 1 << 20}

    def wire(self):
        made = wire.Wire(self.broker.port)
        self.addCleanup(made.socket.close)
        return made

    def offend(self, version, data):
        """The codes of the CONNACK or DISCONNECT that came before the close, normally one or none.
        A well-formed PUBLISH follows the offence, which nobody may see."""
        with wire.Wire(self.broker.port) as offender:
            if version:
                offender.open("offender", version)
            offender.send(data + wire.publish(TOPIC, b"after the offence", version or 5))
            codes = []
            for first_byte, body in offender.receive_to_end():
                if first_byte == wire.CONNACK:
                    codes.append(body[1])
                elif first_byte == wire.DISCONNECT:
                    codes.append(body[0])
                else:
                    raise AssertionError(f"answered with packet 0x{first_byte:02x} {body.hex()}")
            return codes

    @contextlib.contextmanager
    def witness(self):
        """Somebody who must not notice: after the offence a marker comes, and nothing before it."""
        with wire.Wire(self.broker.port) as witness, wire.Wire(self.broker.port) as publisher:
            witness.open("witness").subscribe("#")
            publisher.open("publisher")
            yield witness
            publisher.send(wire.publish("marker", b"clean"))
            self.assertEqual(witness.receive_publish(), ("marker", b"clean"))

    def check(self, rows, version, code_needed):
        """Goes through a table; with `code_needed` a silent close is not enough."""
        for what, data, codes in rows:
            with self.subTest(what, version=version), self.witness():
                answered = self.offend(version, data)
                if version == 4 or not codes:
                    self.assertEqual(answered, [], "a code where only a close is allowed")
                elif answered or code_needed:
                    self.assertEqual(len(answered), 1, f"expected one code of {list(map(hex, codes))}")
                    self.assertIn(answered[0], codes, f"answered 0x{answered[0]:02x}")

    def test_a_broken_first_packet_closes_with_the_right_code(self):
        self.check(INSTEAD_OF_CONNECT, version=None, code_needed=False)

    def test_a_broken_packet_closes_a_version_5_connection_with_the_right_code(self):
        self.check(after_connect(5) + AFTER_CONNECT_5, version=5, code_needed=True)

    def test_a_broken_packet_just_closes_a_3_1_1_connection(self):
        self.check(after_connect(4), version=4, code_needed=False)

    def test_a_too_large_packet_is_refused_from_its_first_bytes(self):
        length_only = bytes([wire.PUBLISH]) + varint(200 << 20)
        with self.witness():
            offender = self.wire().open("offender")
            offender.send(length_only)
            self.assertEqual([body[0] for _, body in offender.receive_to_end()], [0x95])

    def test_more_unfinished_publishes_than_the_receive_maximum_close_with_0x93(self):
        offender = self.wire()
        offender.send(wire.connect("offender"))
        _, body = offender.expect(wire.CONNACK)
        maximum = receive_maximum_of(body)
        offender.send(b"".join(wire.publish(TOPIC, b"", qos=2, packet_id=n) for n in range(1, maximum + 2)))
        answers = offender.receive_to_end()
        self.assertEqual((answers[-1][0], answers[-1][1][0]), (wire.DISCONNECT, 0x93))

    def test_a_packet_that_ends_in_the_middle_harms_nobody(self):
        for cut in (1, 2, 5, 12):
            with self.subTest(cut=cut), self.witness():
                offender = self.wire().open("offender")
                offender.send(wire.publish(TOPIC, b"never complete")[:cut])
                offender.socket.shutdown(1)
                offender.receive_to_end()

    def test_a_packet_that_comes_byte_by_byte_is_served(self):
        with self.witness() as witness:
            slow = self.wire()
            for byte in wire.connect("slow") + wire.publish("bytes", b"one by one") + packet(wire.PINGREQ):
                slow.send(bytes([byte]))
            slow.expect(wire.CONNACK)
            slow.expect(wire.PINGRESP)
            self.assertEqual(witness.receive_publish(), ("bytes", b"one by one"))


def receive_maximum_of(connack):
    """Property 0x21 of a CONNACK body, by way of the sizes of the properties a broker may send."""
    sizes = {0x11: 4, 0x13: 2, 0x21: 2, 0x22: 2, 0x24: 1, 0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
    at, end = 3, 3 + connack[2]
    while at < end:
        kind = connack[at]
        size = sizes[kind] if kind in sizes else 2 + int.from_bytes(connack[at + 1 : at + 3], "big")
        if kind == 0x21:
            return int.from_bytes(connack[at + 1 : at + 3], "big")
        at += 1 + size
    return 65535


if __name__ == "__main__":
    harness.main()
