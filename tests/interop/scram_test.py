#!/usr/bin/python3
"""SCRAM-SHA-256 against the broker as a process, with a client side made of Python's own hashlib and hmac."""

import base64
import hashlib
import hmac
import os
import subprocess
import tempfile

import harness
import wire
from wire import packet, properties, text

METHOD = "SCRAM-SHA-256"
ITERATIONS = 4096
CONTINUE, AGAIN = 0x18, 0x19


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def digest(data):
    return hashlib.sha256(data).digest()


def stretched(password, salt, iterations):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)


def line(user, password):
    """As it stands in the broker's file."""
    salt = os.urandom(16)
    salted = stretched(password, salt, ITERATIONS)
    encoded = [base64.b64encode(part).decode()
               for part in (salt, digest(mac(salted, b"Client Key")), mac(salted, b"Server Key"))]
    return "{}:{}${}:{}${}:{}\n".format(user, METHOD, ITERATIONS, *encoded)


def method(data):
    return b"\x15" + text(METHOD) + b"\x16" + text(data)


def read_properties(block):
    """{id: value}, of those that AUTH and CONNACK have here; block begins with its length below 128."""
    numbers = {0x11: 4, 0x13: 2, 0x21: 2, 0x22: 2, 0x24: 1, 0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
    found, at = {}, 1
    while at < 1 + block[0]:
        identifier = block[at]
        if identifier in numbers:
            end = at + 1 + numbers[identifier]
            found[identifier] = block[at + 1:end]
        else:
            end = at + 3 + int.from_bytes(block[at + 1:at + 3], "big")
            found[identifier] = block[at + 3:end]
        at = end
    return found


class Scram:
    def __init__(self, user, password):
        self.password = password
        self.nonce = base64.b64encode(os.urandom(12)).decode()
        self.bare = f"n={user},r={self.nonce}"

    def first(self):
        return "n,," + self.bare

    def proof(self, server_first):
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        assert fields["r"].startswith(self.nonce) and len(fields["r"]) > len(self.nonce)
        salted = stretched(self.password, base64.b64decode(fields["s"]), int(fields["i"]))
        last = "c=biws,r=" + fields["r"]
        everything = ",".join([self.bare, server_first, last]).encode()
        client_key = mac(salted, b"Client Key")
        proof = bytes(a ^ b for a, b in zip(client_key, mac(digest(client_key), everything)))
        self.signature = mac(mac(salted, b"Server Key"), everything)
        return last + ",p=" + base64.b64encode(proof).decode()

    def believes(self, server_final):
        return server_final == b"v=" + base64.b64encode(self.signature)


class ScramTest(harness.BrokerCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.NamedTemporaryFile("w", prefix="gaon-users-", delete=False) as file:
            file.write("# users of this test\n" + line("ada", "pencil"))
        cls.addClassCleanup(os.unlink, file.name)
        cls.addClassCleanup(os.unlink, file.name + ".lock")
        subprocess.run([harness.command_of_broker(), "passwd", "add", file.name, "bob", "--scram", "--stdin"],
                       input="b,=ü\n".encode(), check=True, stdout=subprocess.DEVNULL)
        cls.settings = {"auth.scram_file": file.name}
        super().setUpClass()

    def connection(self):
        connection = wire.Wire(self.broker.port)
        self.addCleanup(connection.socket.close)
        return connection

    def step(self, connection, scram):
        """Answers the broker's first message; gives what comes then, of whatever type."""
        first_byte, body = connection.receive()
        self.assertEqual((first_byte, body[0]), (wire.AUTH, CONTINUE))
        self.assertEqual(read_properties(body[1:])[0x15].decode(), METHOD)
        server_first = read_properties(body[1:])[0x16].decode()
        connection.send(packet(wire.AUTH, bytes([CONTINUE]), properties(5, method(scram.proof(server_first)))))
        return connection.receive()

    def enter(self, client_id, user, password):
        connection, scram = self.connection(), Scram(user, password)
        connection.send(wire.connect(self.name(client_id), extra=method(scram.first())))
        first_byte, body = self.step(connection, scram)
        self.assertEqual(first_byte, wire.CONNACK)
        if body[1] == 0:
            self.assertTrue(scram.believes(read_properties(body[2:])[0x16]))
        return connection, body[1]

    def test_who_knows_the_password_gets_in_on_whichever_worker(self):
        for number in range(8):
            _, code = self.enter(f"ada{number}", "ada", "pencil")
            self.assertEqual(code, 0)
        _, code = self.enter("bob", "bob", "b,=ü")
        self.assertEqual(code, 0)

    def test_wrong_passwords_and_unknown_users_are_refused_alike(self):
        for user, password in (("ada", "pencils"), ("bob", "pencil"), ("nobody", "pencil")):
            connection, code = self.enter("wrong", user, password)
            self.assertEqual(code, 0x86)
            self.assertIsNone(connection.receive())

    def again(self, user, password):
        connection, _ = self.enter("again", "ada", "pencil")
        scram = Scram(user, password)
        connection.send(packet(wire.AUTH, bytes([AGAIN]), properties(5, method(scram.first()))))
        return scram, self.step(connection, scram)

    def test_a_connected_client_can_show_again_who_it_is(self):
        scram, (first_byte, body) = self.again("ada", "pencil")
        self.assertEqual((first_byte, body[0]), (wire.AUTH, 0))
        self.assertTrue(scram.believes(read_properties(body[1:])[0x16]))

    def test_a_connected_client_cannot_become_somebody_else(self):
        _, (first_byte, body) = self.again("bob", "b,=ü")
        self.assertEqual((first_byte, body[0]), (wire.DISCONNECT, 0x87))


if __name__ == "__main__":
    harness.main()
