"""MQTT packets as bytes, made by hand, so that they can be wrong on purpose."""

import socket
import time

from harness import DEADLINE_S

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = (n << 4 for n in range(1, 8))
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH = (n << 4 for n in range(8, 16))


def u16(value):
    return value.to_bytes(2, "big")


def u32(value):
    return value.to_bytes(4, "big")


def varint(value):
    out = bytearray()
    while True:
        value, digit = divmod(value, 128)
        out.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(out)


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return u16(len(value)) + value


def packet(first_byte, *body):
    whole = b"".join(body)
    return bytes([first_byte]) + varint(len(whole)) + whole


def properties(version, *parts):
    whole = b"".join(parts)
    return varint(len(whole)) + whole if version == 5 else b""


def connect(client_id, version=5, name="MQTT", level=None, flags=0x02, extra=b"", tail=b""):
    """extra: properties; tail: what stands in the payload after the client id."""
    return packet(
        CONNECT,
        text(name),
        bytes([version if level is None else level, flags]),
        u16(60),
        properties(version, extra),
        text(client_id),
        tail,
    )


def publish(topic, payload=b"", version=5, qos=0, packet_id=1, extra=b"", retain=False):
    first_byte = PUBLISH | qos << 1 | int(retain)
    return packet(
        first_byte, text(topic), u16(packet_id) if qos else b"", properties(version, extra), payload
    )


def subscribe(topic_filter, version=5, options=0, packet_id=1, extra=b""):
    return packet(
        SUBSCRIBE | 2, u16(packet_id), properties(version, extra), text(topic_filter), bytes([options])
    )


class Wire:
    """A connection that sends any bytes and reads whole packets."""

    def __init__(self, port, receive_buffer_bytes=None, source=""):
        """source: the loopback address that it comes from."""
        self.socket = socket.socket()
        if source:
            self.socket.bind((source, 0))
        if receive_buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(DEADLINE_S)
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The broker may close before it has read all; what it answered is what counts.

    def fill(self):
        """Reads what is there; False at the end of the stream."""
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionResetError:
            return False
        self.buffer += data
        return bool(data)

    def split(self):
        """The first whole packet in the buffer: (first byte, body), or None."""
        length = 0
        for at in range(1, 5):
            if at >= len(self.buffer):
                return None
            length |= (self.buffer[at] & 0x7F) << 7 * (at - 1)
            if self.buffer[at] < 0x80:
                break
        end = at + 1 + length
        if len(self.buffer) < end:
            return None
        found = (self.buffer[0], bytes(self.buffer[at + 1 : end]))
        del self.buffer[:end]
        return found

    def receive(self):
        """The next packet, or None when the broker has closed."""
        while True:
            found = self.split()
            if found:
                return found
            if not self.fill():
                return None

    def receive_to_end(self):
        """All packets until the broker closes, which it must within the deadline."""
        end = time.monotonic() + DEADLINE_S
        packets = []
        while time.monotonic() < end:
            found = self.receive()
            if found is None:
                return packets
            packets.append(found)
        raise AssertionError("the broker goes on sending and does not close")

    def expect(self, kind):
        found = self.receive()
        if found is None or found[0] & 0xF0 != kind:
            raise AssertionError(f"expected packet 0x{kind:02x}, got {found}")
        return found

    def open(self, client_id, version=5, **rest):
        """CONNECT, and a CONNACK that says yes."""
        self.send(connect(client_id, version, **rest))
        _, body = self.expect(CONNACK)
        if body[1] != 0:
            raise AssertionError(f"CONNECT refused with 0x{body[1]:02x}")
        return self

    def subscribe(self, topic_filter, version=5, **rest):
        self.send(subscribe(topic_filter, version, **rest))
        _, body = self.expect(SUBACK)
        if body[-1] >= 0x80:
            raise AssertionError(f"SUBSCRIBE refused with 0x{body[-1]:02x}")
        return self

    def receive_publish(self, version=5):
        """The next PUBLISH: (topic, payload). QoS 0 only."""
        _, body = self.expect(PUBLISH)
        end = 2 + int.from_bytes(body[:2], "big")
        at = end
        if version == 5:
            at += 1 + body[end]  # Fewer than 128 bytes of properties, as in all of these tests.
        return body[2:end].decode(), body[at:]
