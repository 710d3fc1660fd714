#!/usr/bin/env python3
"""mosquitto.py PORT [--set key=value]...: Mosquitto with the settings of a scenario.

    gaon_scenario tests/scenario --others --command 'tests/scenario/mosquitto.py {port} {set}'

Exits with 77 if Mosquitto has no such setting; gaon_scenario then skips the scenario.
"""

import os
import sys

NO_SUCH_SETTING = 77

# What Gaon's settings are called there; None: nothing to be done for it.
NAMES = {
    "limits.packet_bytes_max": "max_packet_size",
    "limits.queue_messages_max": "max_queued_messages",
    "limits.receive_maximum": "max_inflight_messages",
    "protocol.allow_dollar_publish": None,  # It always does.
    "protocol.maximum_qos": "max_qos",
    "protocol.retain_available": "retain_available",
    "session.keep_alive_max_s": "max_keepalive",
    "workers": None,  # There is one.
}


def configuration(port, settings):
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "persistence false", "log_dest none"]
    for setting in settings:
        key, value = setting.split("=", 1)
        plain = value.isdigit() or value in ("true", "false")  # Sizes with units are not translated.
        if key not in NAMES or not plain:
            sys.exit(NO_SUCH_SETTING)
        if NAMES[key]:
            lines.append(f"{NAMES[key]} {value}")
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    text = configuration(sys.argv[1], [word for word in sys.argv[2:] if word != "--set"])
    # A file that is gone with the process.
    descriptor = os.memfd_create("mosquitto.conf", 0)
    os.write(descriptor, text.encode())
    path = f"/proc/self/fd/{descriptor}"
    program = os.environ.get("MOSQUITTO", "mosquitto")
    os.execvpe(program, [program, "-c", path], {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})


if __name__ == "__main__":
    main()
