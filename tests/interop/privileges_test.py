#!/usr/bin/python3
"""The broker leaves root behind: what it was before is open, what it is after that no thread gets back."""

import json
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import unittest

import harness
from tls_test import Certificates

CONFIG = """
user = "nobody"
[[listener]]
url = "mqtt://127.0.0.1:{port}"
allow_anonymous = true
"""


def status_of_threads(pid):
    """For each thread what /proc says of it."""
    threads = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii", errors="replace") as file:
            threads.append(dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line))
    return threads


@unittest.skipUnless(harness.is_gaon(), "is about gaon's own keys")
class Privileges(unittest.TestCase):
    def broker(self, config=CONFIG, settings=None):
        broker = harness.Broker(settings, config=config)
        self.addCleanup(broker.remove)
        # The user has to get to his own directory.
        os.chmod(broker.directory, 0o755)
        return broker

    def refused(self, **settings):
        broker = self.broker(settings=settings)
        ended = subprocess.run(broker.command(), cwd=broker.directory, capture_output=True, text=True, check=False,
                               timeout=harness.DEADLINE_S)
        self.assertEqual(ended.returncode, 1)
        return ended.stderr

    def test_no_thread_can_get_more_rights(self):
        broker = self.broker("[[listener]]\nurl = \"mqtt://127.0.0.1:{port}\"\nallow_anonymous = true\n").start()
        harness.wait_for(lambda: "serving with" in broker.log(), "the workers to begin")
        for thread in status_of_threads(broker.process.pid):
            self.assertEqual(thread["NoNewPrivs"], "1", thread)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_all_threads_become_the_user_who_keeps_his_sessions(self):
        broker = self.broker()
        broker.data = os.path.join(broker.directory, "made", "by-root")
        broker.start()
        harness.wait_for(lambda: "serving with" in broker.log(), "the workers to begin")
        nobody = pwd.getpwnam("nobody")
        threads = status_of_threads(broker.process.pid)
        self.assertGreater(len(threads), 2)  # workers and the journal's
        for thread in threads:
            self.assertEqual(thread["Uid"].split(), [str(nobody.pw_uid)] * 4)
            self.assertEqual(thread["Gid"].split(), [str(nobody.pw_gid)] * 4)
            self.assertEqual(int(thread["CapPrm"], 16) | int(thread["CapEff"], 16), 0)
        sub = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-i", "s", "-c", "-q", "1", "-t", "t"]
        subprocess.run([*sub, "-E"], check=True, timeout=harness.DEADLINE_S)
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", "t", "-m", "x"],
                       check=True, timeout=harness.DEADLINE_S)
        self.assertEqual(broker.stop(), 0)
        for name in os.listdir(broker.data):
            self.assertEqual(os.stat(os.path.join(broker.data, name)).st_uid, nobody.pw_uid, name)
        broker.start()  # The port is open before the journal is read: mosquitto_sub waits.
        got = subprocess.run([*sub, "-C", "1"], check=True, capture_output=True, timeout=harness.DEADLINE_S)
        self.assertEqual(got.stdout, b"x\n")

    @unittest.skipUnless(os.geteuid() == 0, "only root has ports of his own")
    def test_a_port_below_1024_is_opened_before(self):
        broker = self.broker()
        for port in range(1023, 600, -1):
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            broker.port = port
            break
        broker.start()

    @unittest.skipUnless(os.geteuid() == 0, "only root has files that others may not read")
    def test_keys_that_only_root_may_read_stay_and_all_else_is_reloaded(self):
        broker = self.broker("")
        port = harness.free_port()
        authority = Certificates(broker.directory, "plant-ca")
        certificate, key = authority.issue("localhost")
        os.chmod(key, 0o600)
        mtls = f'tls.client_certificate = "required"\ntls.client_ca_file = "{authority.ca}"\n'

        def configure(limit, more):
            broker.config = CONFIG.replace("[[", f"reload.watch = false\nlimits.topic_levels_max = {limit}\n[[") + (
                f'[[listener]]\nurl = "mqtts://127.0.0.1:{port}"\nallow_anonymous = true\n'
                f'tls.certificate_file = "{certificate}"\ntls.key_file = "{key}"\n{mtls}{more}')
            broker.listeners()

        def reloaded():
            file = os.path.join(broker.directory, "gaon.toml")
            done = subprocess.run(
                [harness.command_of_broker(), "reload", "-c", file, "--data-dir", broker.data, "--json"],
                cwd=broker.directory, capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return json.loads(done.stdout)

        def serial():
            context = ssl.create_default_context(cafile=authority.ca)
            context.load_cert_chain(certificate, authority.path("good.key"))
            with socket.create_connection(("127.0.0.1", port), timeout=harness.DEADLINE_S) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as client:
                    return client.getpeercert()["serialNumber"]

        shutil.copy(key, authority.path("good.key"))
        configure(9, "")
        broker.start()
        first = serial()
        unread = f'listener mqtts://127.0.0.1:{port}: tls.key_file: "{key}" cannot be read: Permission denied'
        configure(8, "")
        report = reloaded()
        self.assertEqual(report["changed"], ["limits.topic_levels_max: 9 -> 8"])
        self.assertEqual(report["needs_restart"], [unread])
        # A certificate waits for its key.
        renewed, renewed_key = authority.issue("renewed")
        shutil.copy(renewed_key, authority.path("good.key"))
        os.chmod(renewed_key, 0o600)
        os.rename(renewed, certificate), os.rename(renewed_key, key)
        report = reloaded()
        self.assertIn(unread, report["needs_restart"])
        self.assertIn(f"listener mqtts://127.0.0.1:{port}: tls.certificate_file: what is in the file",
                      report["needs_restart"])
        self.assertEqual(report["changed"], [])
        self.assertEqual(serial(), first)
        os.chmod(key, 0o644)
        report = reloaded()
        self.assertEqual(report["needs_restart"], [])
        self.assertEqual(len(report["changed"]), 2, report)
        self.assertNotEqual(serial(), first)

    @unittest.skipUnless(os.geteuid() == 0, "before root is left the name has to be known")
    def test_who_is_not_known_is_named(self):
        self.assertIn("user: there is no user 'nobody-at-all' on this machine", self.refused(user="nobody-at-all"))
        self.assertIn("group: there is no group 'no-group-at-all'", self.refused(group="no-group-at-all"))

    @unittest.skipIf(os.geteuid() == 0, "root may become anybody")
    def test_only_root_becomes_another(self):
        self.assertIn("user: only root can become 'nobody'", self.refused())


if __name__ == "__main__":
    harness.main()
