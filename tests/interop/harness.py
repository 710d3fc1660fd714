#!/usr/bin/python3
"""A broker in a process of its own, for tests that use clients other people wrote.

The environment names the broker in GAON_BROKER: the path of `gaon`, or a whole command with
{port} in it (`mosquitto -p {port}`) to run the suites against another broker. A suite takes
the same as --broker. Each broker has a free loopback port and a directory that goes with it.

    harness.py run PROGRAM ARGUMENT...     starts a broker, runs the program with GAON_PORT in
                                           its environment and returns its exit code

Nothing here sleeps for a fixed time: what has to happen is polled until DEADLINE_S.
"""

import os
import random
import resource
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

DEADLINE_S = 20
POLL_S = 0.01
SKIPPED = 77  # What ctest takes as "skipped".

# In front of a command: the process ends with the test, even if that is killed itself.
TIED = ["setpriv", "--pdeathsig", "KILL"]


def command_of_broker():
    return os.environ.get("GAON_BROKER", "")


def is_gaon():
    return "{port}" not in command_of_broker()


def is_sanitized():
    """Under a sanitizer the memory of the process says nothing about the program."""
    return bool(os.environ.get("GAON_SANITIZE"))


def wait_for(condition, what, deadline_s=DEADLINE_S):
    """Polls until condition() is true and returns its value."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline_s} s in vain for {what}")
        time.sleep(POLL_S)


def free_port():
    """A port below the range from which the kernel takes ports for outgoing connections."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def raise_file_limit():
    """Takes all the descriptors that may be had, here and in the brokers to come."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Broker:
    """One running broker. Settings are keys of gaon.toml, config is the text of one with {port}
    for its listeners; another broker does not get them."""

    def __init__(self, settings=None, config=None):
        self.settings = settings or {}
        self.environment = {}
        self.config = config
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix="gaon-interop-")
        self.data = os.path.join(self.directory, "data")  # the broker makes it
        self.log_path = os.path.join(self.directory, "log")
        self.process = None

    def command(self):
        if not command_of_broker():
            raise SystemExit("harness: GAON_BROKER does not say which broker to test")
        if not is_gaon():
            return shlex.split(command_of_broker().format(port=self.port))
        command = [command_of_broker(), "serve", *self.listeners(), "--data-dir", self.data]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        return command

    def listeners(self):
        if self.config is None:
            return ["--listen", f"mqtt://127.0.0.1:{self.port}"]
        path = os.path.join(self.directory, "gaon.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.config.replace("{port}", str(self.port)))
        return ["--config", path]

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                TIED + self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                env={**os.environ, **self.environment},
            )
        wait_for(self.accepts, "the broker to accept a connection")
        return self

    def accepts(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the broker ended with {self.process.returncode}:\n{self.log()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_S).close()
            return True
        except ConnectionRefusedError:
            return False

    def stop(self):
        """SIGTERM, then the exit code. A broker that does not stop is killed, which is no 0."""
        self.process.terminate()
        try:
            return self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self, since=0):
        with open(self.log_path, "rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def log_size(self):
        return os.path.getsize(self.log_path)

    def memory_bytes(self, field):
        """VmRSS: what the process holds now; VmHWM: the most it ever held."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
        raise AssertionError(f"no {field} in the status of the broker")


class BrokerCase(unittest.TestCase):
    """Tests that share one broker; each uses topics and client ids of its own (see name).
    After the last one the broker must stop with 0. A failed test shows what the broker
    logged meanwhile."""

    settings = {}
    config = None

    @classmethod
    def setUpClass(cls):
        cls.broker = Broker(cls.settings, cls.config)
        cls.addClassCleanup(cls.broker.remove)
        cls.broker.start()

    @classmethod
    def tearDownClass(cls):
        code = cls.broker.stop()
        if code != 0:
            raise AssertionError(f"the broker ended with {code}:\n{cls.broker.log()[-20000:]}")

    def run(self, result=None):
        since = self.broker.log_size()
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            print(f"--- the broker's log during {self.id()}", file=sys.stderr)
            print(self.broker.log(since)[-20000:], end="", file=sys.stderr)
            print("---", file=sys.stderr)

    def name(self, tail):
        """A topic or client id that no other test uses."""
        return "/".join(self.id().split(".")[-2:]) + "/" + tail


class Process:
    """A client program whose lines of output are collected while it runs."""

    def __init__(self, *command, stdin=subprocess.DEVNULL):
        self.command = [str(part) for part in command]
        self.lines = []
        self.process = subprocess.Popen(
            # A preloaded library comes before the sanitizers' runtime, which is strict about it.
            [*TIED, "env", "ASAN_OPTIONS=verify_asan_link_order=0", "stdbuf", "-oL", *self.command],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))

    def wait_line(self, start):
        def found():
            if any(line.startswith(start) for line in self.lines):
                return True
            if not self.reader.is_alive() and not any(line.startswith(start) for line in self.lines):
                raise AssertionError(f"{self} ended without a line {start!r}")
            return False

        wait_for(found, f"a line {start!r} of {self}")

    def wait_exit(self, deadline_s=DEADLINE_S):
        """The exit code, when all the output is in."""
        try:
            code = self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self} does not end") from None
        self.reader.join(DEADLINE_S)
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(DEADLINE_S)
        self.process.stdout.close()
        if self.process.stdin:
            self.process.stdin.close()

    def __str__(self):
        return " ".join(self.command) + "\n  " + "\n  ".join(self.lines[-30:]) + "\n"


def run(command):
    """One broker around one program."""
    broker = Broker()
    try:
        broker.start()
        code = subprocess.call(TIED + command, env={**os.environ, "GAON_PORT": str(broker.port)})
        stopped = broker.stop()
        if code != 0 or stopped != 0:
            print(f"--- the broker's log (it ended with {stopped})\n{broker.log()[-20000:]}---", file=sys.stderr)
        return code or int(stopped != 0)
    finally:
        broker.remove()


def take_broker_option(arguments):
    if "--broker" in arguments:
        at = arguments.index("--broker")
        os.environ["GAON_BROKER"] = arguments[at + 1]
        del arguments[at : at + 2]


def main():
    """The end of every suite."""
    take_broker_option(sys.argv)
    unittest.main(module="__main__", verbosity=2)


if __name__ == "__main__":
    take_broker_option(sys.argv)
    if len(sys.argv) < 3 or sys.argv[1] != "run":
        sys.exit(__doc__)
    sys.exit(run(sys.argv[2:]))
