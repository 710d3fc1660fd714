#!/usr/bin/python3
"""TLS, WebSocket and the PROXY protocol with other people's clients and proxy: openssl s_client,
mosquitto_pub and _sub, paho (Python), haproxy. Certificates are made by the openssl command."""

import os
import socket
import ssl
import subprocess
import unittest

import harness
import paho.mqtt.client as paho

CONNECT = bytes.fromhex("100d00044d5154540402003c000174")
CONNACK = bytes.fromhex("20020000")


class Certificates:
    """A CA by the openssl command, in a folder that goes with the broker."""

    def __init__(self, folder, name):
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.name = name
        self.openssl("req", "-x509", *self.new_key(name), "-subj", f"/CN={name}", "-days", "2", "-out", self.path(name + ".pem"))
        with open(self.path("ca.conf"), "w", encoding="ascii") as conf:
            conf.write(
                "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\ncrlnumber=crlnumber\n"
                "new_certs_dir=.\ndefault_md=sha256\ndefault_crl_days=2\npolicy=any\ncopy_extensions=copy\n"
                f"certificate={name}.pem\nprivate_key={name}.key\n[any]\ncommonName=supplied\n"
            )
        for file, text in (("index", ""), ("serial", "1000\n"), ("crlnumber", "1000\n")):
            with open(self.path(file), "w", encoding="ascii") as to:
                to.write(text)

    def path(self, file):
        return os.path.join(self.folder, file)

    @property
    def ca(self):
        return self.path(self.name + ".pem")

    def new_key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.path(name + ".key")]

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def issue(self, name, *dates, alt="DNS:localhost,IP:127.0.0.1"):
        """(certificate, key)"""
        alt = ["-addext", "subjectAltName=" + alt]
        self.openssl("req", *self.new_key(name), "-subj", f"/CN={name}", *alt, "-out", name + ".csr")
        dates = dates or ("-days", "1")
        self.openssl("ca", "-batch", "-config", "ca.conf", "-notext", "-in", name + ".csr", "-out", name + ".pem", *dates)
        return self.path(name + ".pem"), self.path(name + ".key")

    def self_signed(self, name):
        self.openssl("req", "-x509", *self.new_key(name), "-subj", f"/CN={name}", "-days", "1", "-out", name + ".pem")

    def crl(self, *revoked):
        for name in revoked:
            self.openssl("ca", "-config", "ca.conf", "-revoke", name + ".pem")
        self.openssl("ca", "-config", "ca.conf", "-gencrl", "-out", "crl.pem")
        return self.path("crl.pem")


class TlsBroker(harness.Broker):
    """A broker with a listener of each kind; harness.Broker's own is the plain one."""

    NAMES = ("tls", "wrong_host", "mtls", "ws", "wss", "proxy", "proxy_strict")

    def __init__(self):
        super().__init__()
        self.ports = {name: harness.free_port() for name in self.NAMES}
        self.good = Certificates(self.directory, "plant-ca")
        self.strange = Certificates(self.directory, "strange-ca")
        server = self.good.issue("localhost")
        for name in ("pump", "lost"):
            self.good.issue(name)
        self.good.issue("old", "-startdate", "20200101000000Z", "-enddate", "20200102000000Z")
        self.strange.issue("stranger")
        self.good.self_signed("lonely")
        elsewhere = self.good.issue("elsewhere", alt="DNS:mqtt.elsewhere.example")
        self.config = os.path.join(self.directory, "gaon.toml")
        tls = f'tls.certificate_file = "{server[0]}"\ntls.key_file = "{server[1]}"\n'
        mtls = (
            f'tls.client_certificate = "required"\ntls.client_ca_file = "{self.good.ca}"\n'
            f'tls.crl = "{self.good.crl("lost")}"\n'
        )
        trusted = 'proxy_protocol = true\nproxy_trusted = "127.0.0.1"\n'
        nobody = 'proxy_protocol = true\nproxy_trusted = "192.0.2.0/24"\n'
        rows = [
            ("mqtts", "tls", tls),
            ("mqtts", "wrong_host", f'tls.certificate_file = "{elsewhere[0]}"\ntls.key_file = "{elsewhere[1]}"\n'),
            ("mqtts", "mtls", tls + mtls),
            ("ws", "ws", ""),
            ("wss", "wss", tls),
            ("mqtt", "proxy", trusted),
            ("mqtt", "proxy_strict", nobody),
        ]
        with open(self.config, "w", encoding="utf-8") as config:
            config.write("limits.connect_timeout_s = 2\nlog.level = \"debug\"\n")
            config.write(f'[[listener]]\nurl = "mqtt://127.0.0.1:{self.port}"\nallow_anonymous = true\n')
            for scheme, name, more in rows:
                url = f"{scheme}://127.0.0.1:{self.ports[name]}"
                config.write(f'[[listener]]\nurl = "{url}"\nallow_anonymous = true\n{more}')

    def command(self):
        data = os.path.join(self.directory, "data")
        return [harness.command_of_broker(), "serve", "-c", self.config, "--data-dir", data]


class Tls(harness.BrokerCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = TlsBroker()
        cls.addClassCleanup(cls.broker.remove)
        cls.broker.start()

    def logged(self, text):
        harness.wait_for(lambda: text in self.broker.log(), f"{text!r} in the log")

    def mosquitto(self, program, port, *arguments, ca=None, certificate=None):
        options = ["-h", "localhost", "-p", self.broker.ports[port], "--cafile", ca or self.broker.good.ca]
        if certificate:
            options += ["--cert", certificate + ".pem", "--key", certificate + ".key"]
        process = harness.Process(program, *options, *arguments)
        self.addCleanup(process.kill)
        return process

    def test_mosquitto_speaks_tls_both_ways(self):
        for port, certificate in (("tls", None), ("mtls", self.broker.good.path("pump"))):
            topic = self.name(port)
            subscriber = self.mosquitto(
                "mosquitto_sub", port, "-d", "-F", ">%p", "-t", topic, "-q", "1", "-C", "1", certificate=certificate
            )
            subscriber.wait_line("Subscribed")
            text = "x" * 100_000
            publisher = self.mosquitto(
                "mosquitto_pub", port, "-t", topic, "-q", "1", "-m", text, certificate=certificate
            )
            self.assertEqual(publisher.wait_exit(), 0, str(publisher))
            self.assertEqual(subscriber.wait_exit(), 0)
            self.assertIn(">" + text, subscriber.lines)

    def refused(self, port, cause, **options):
        publisher = self.mosquitto("mosquitto_pub", port, "-t", "t", "-q", "1", "-m", "x", **options)
        self.assertNotEqual(publisher.wait_exit(), 0, str(publisher))
        self.logged(cause)

    def test_a_bad_certificate_is_refused_and_the_log_says_why(self):
        good, strange = self.broker.good, self.broker.strange
        self.refused("mtls", "it sent no certificate")
        self.refused("mtls", "its certificate has expired (/CN=old)", certificate=good.path("old"))
        self.refused("mtls", "its certificate was revoked (/CN=lost)", certificate=good.path("lost"))
        self.refused("mtls", "by a CA that is not trusted here (/CN=stranger)", certificate=strange.path("stranger"))
        self.refused("mtls", "its certificate is self-signed and not trusted here (/CN=lonely)", certificate=good.path("lonely"))
        self.refused("tls", "it does not trust the CA of our certificate", ca=strange.ca)

    def test_a_broker_with_the_name_of_another_is_left_and_its_log_says_why(self):
        subscriber = self.mosquitto("mosquitto_sub", "wrong_host", "-t", "t", "-C", "1", "-W", "30")
        self.assertNotEqual(subscriber.wait_exit(), 0, str(subscriber))
        self.logged("it broke off the handshake; often our certificate is not for the name it asked for")
        url = f"mqtts://localhost:{self.broker.ports['wrong_host']}"
        ours = harness.Process(harness.command_of_broker(), "sub", "-L", url, "--ca-file", self.broker.good.ca, "-t", "t")
        self.addCleanup(ours.kill)
        self.assertNotEqual(ours.wait_exit(), 0, str(ours))
        self.assertIn("its certificate is for another host (/CN=elsewhere)", str(ours))

    def test_openssl_gets_1_3_the_protocol_and_a_ticket(self):
        port = self.broker.ports["tls"]
        base = ["openssl", "s_client", "-connect", f"localhost:{port}", "-CAfile", self.broker.good.ca]
        ticket = os.path.join(self.broker.directory, "ticket")
        text = self.s_client([*base, "-alpn", "mqtt", "-sess_out", ticket])
        self.assertIn("TLSv1.3", text)
        self.assertIn("ALPN protocol: mqtt", text)
        self.assertIn("Verify return code: 0 (ok)", text)
        self.assertIn("Reused, TLSv1.3", self.s_client([*base, "-sess_in", ticket]))
        self.s_client([*base, "-tls1_2"])
        self.logged("it knows only older versions of TLS than tls.min_version")

    def s_client(self, command):
        process = harness.Process(*command, stdin=subprocess.PIPE)
        self.addCleanup(process.kill)
        try:
            # CONNECT and DISCONNECT: the broker ends the connection, and s_client with it. The
            # end of its input would end it before it has seen a ticket.
            process.process.stdin.write(CONNECT + bytes.fromhex("e000"))
            process.process.stdin.flush()
        except BrokenPipeError:
            pass
        process.wait_exit()
        return "\n".join(process.lines)

    def test_who_speaks_something_else_is_told_apart(self):
        for port, text, cause in (
            ("tls", CONNECT, "it speaks MQTT without TLS on a port for TLS"),
            ("tls", b"GET / HTTP/1.1\r\n\r\n", "it speaks HTTP without TLS on a port for TLS"),
            ("ws", CONNECT, "it speaks MQTT without WebSocket"),
        ):
            with socket.create_connection(("127.0.0.1", self.broker.ports[port]), harness.DEADLINE_S) as client:
                client.sendall(text)
                while client.recv(4096):
                    pass
            self.logged(cause)

    def test_paho_over_each_transport(self):
        for port, transport, tls in (
            ("tls", "tcp", True),
            ("ws", "websockets", False),
            ("wss", "websockets", True),
        ):
            topic = self.name(port)
            got = []
            client = paho.Client(self.name(port), transport=transport, protocol=paho.MQTTv5)
            client.ws_set_options(path="/mqtt")
            if tls:
                client.tls_set(self.broker.good.ca)
            client.on_connect = lambda c, *_, t=topic: c.subscribe(t, 1)
            client.on_subscribe = lambda c, *_, t=topic: c.publish(t, b"x" * 200_000, 1)
            client.on_message = lambda _, __, message, g=got: g.append(message.payload)
            client.connect("localhost", self.broker.ports[port])
            client.loop_start()
            harness.wait_for(lambda g=got: g, f"the message over {port}")
            client.disconnect()
            client.loop_stop()
            self.assertEqual(got, [b"x" * 200_000])

    def test_our_own_clients_over_each_transport(self):
        gaon = harness.command_of_broker()
        pump = self.broker.good.path("pump")
        for port, scheme in (("tls", "mqtts"), ("mtls", "mqtts"), ("ws", "ws"), ("wss", "wss")):
            topic = self.name(port)
            options = ["-L", f"{scheme}://localhost:{self.broker.ports[port]}", "--ca-file", self.broker.good.ca]
            options += ["--certificate", pump + ".pem", "--key", pump + ".key", "-t", topic, "-q", "1"]
            text = "x" * 100_000
            subscriber = harness.Process(gaon, "sub", *options, "-C", "1", "-d")
            self.addCleanup(subscriber.kill)
            harness.wait_for(lambda s=subscriber: any("SUBACK" in line for line in s.lines), str(subscriber))
            publisher = harness.Process(gaon, "pub", *options, "-m", text)
            self.addCleanup(publisher.kill)
            self.assertEqual(publisher.wait_exit(), 0, str(publisher))
            self.assertEqual(subscriber.wait_exit(), 0)
            self.assertIn(text, subscriber.lines)

    @unittest.skipUnless(os.environ.get("GAON_NODE"), "GAON_NODE does not name a node with MQTT.js")
    def test_mqttjs_over_websocket(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node", "websocket_check.js")
        urls = [f"{scheme}://localhost:{self.broker.ports[scheme]}/mqtt" for scheme in ("ws", "wss")]
        environment = {**os.environ, "NODE_EXTRA_CA_CERTS": self.broker.good.ca}
        done = subprocess.run(
            [os.environ["GAON_NODE"], script, *urls], env=environment, timeout=60, capture_output=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))

    def test_who_does_not_get_on_with_a_handshake_is_closed(self):
        hello = bytes.fromhex("1603010200010001fc0303")
        for port, start in (("tls", hello), ("ws", b"GET /mqtt HTTP/1.1\r\n"), ("wss", hello), ("proxy", b"PROXY TCP4 ")):
            with socket.create_connection(("127.0.0.1", self.broker.ports[port]), harness.DEADLINE_S) as client:
                client.sendall(start)
                self.assertEqual(client.recv(1), b"", port)

    def test_a_proxy_tells_whose_connection_it_is(self):
        with socket.create_connection(("127.0.0.1", self.broker.ports["proxy"]), harness.DEADLINE_S) as client:
            client.sendall(b"PROXY TCP4 192.0.2.77 10.0.0.1 4711 1883\r\n" + CONNECT)
            self.assertEqual(client.recv(4), CONNACK)
        self.logged("connected from 192.0.2.77:4711")

    def test_who_is_no_proxy_that_we_trust_is_refused(self):
        address = ("127.0.0.1", self.broker.ports["proxy_strict"])
        # It may be reset before connect() returns, or a write may find that first.
        with self.assertRaises((ConnectionResetError, BrokenPipeError)):
            with socket.create_connection(address, harness.DEADLINE_S) as client:
                client.sendall(b"PROXY TCP4 192.0.2.77 10.0.0.1 4711 1883\r\n" + CONNECT)
                client.recv(1)
                client.sendall(CONNECT)
                client.recv(1)
        self.logged("it is not among the proxies of proxy_trusted")

    @unittest.skipUnless(os.path.exists("/usr/sbin/haproxy"), "haproxy is not installed")
    def test_haproxy_in_front_with_tls_of_its_own(self):
        certificate, key = (self.broker.good.path("localhost" + end) for end in (".pem", ".key"))
        both = os.path.join(self.broker.directory, "both.pem")
        with open(both, "w", encoding="ascii") as to:
            for part in (certificate, key):
                with open(part, encoding="ascii") as file:
                    to.write(file.read())
        port = harness.free_port()
        config = os.path.join(self.broker.directory, "haproxy.cfg")
        with open(config, "w", encoding="ascii") as to:
            to.write(
                "defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 60s\n  timeout server 60s\n"
                f"listen mqtt\n  bind 127.0.0.1:{port} ssl crt {both} ca-file {self.broker.good.ca} verify optional\n"
                f"  server gaon 127.0.0.1:{self.broker.ports['proxy']} send-proxy-v2-ssl-cn\n"
            )
        proxy = harness.Process("/usr/sbin/haproxy", "-db", "-f", config)
        self.addCleanup(proxy.kill)

        def accepts():
            try:
                socket.create_connection(("127.0.0.1", port), harness.DEADLINE_S).close()
                return True
            except ConnectionRefusedError:
                return False

        harness.wait_for(accepts, "haproxy to accept a connection")
        context = ssl.create_default_context(cafile=self.broker.good.ca)
        context.load_cert_chain(self.broker.good.path("pump.pem"), self.broker.good.path("pump.key"))
        with socket.create_connection(("127.0.0.1", port), harness.DEADLINE_S) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as client:
                own = client.getsockname()[1]
                client.sendall(CONNECT)
                self.assertEqual(client.recv(4), CONNACK)
        self.logged(f"connected from 127.0.0.1:{own}")


if __name__ == "__main__":
    harness.main()
