#!/usr/bin/env python3
"""Which statements of MQTT are shown by a test, and where the source keeps them.

statements.tsv has a row a statement: id, side, area, and for those that no test can
show the reason why. MQTT 3.1.1 and 5 use the same numbers for different statements, so
an id without a version is one of MQTT 5 and `MQTT-3.1.2-1@311` one of 3.1.1.

A statement is covered if a scenario (`# covers ...`), a unit test or an interop test
names it. In the code (src/ without its tests) `[MQTT-4.3.2-4]` or `U5-3.1.4-c` marks the
line that keeps it; for a statement of 3.1.1 the one of MQTT 5 that says the same counts
too (same_rule.tsv).
"""

import argparse
import collections
import csv
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BASELINE = HERE / "covered.txt"
CITATION = re.compile(r"\b(?:MQTT-\d+(?:\.\d+)*-\d+(?:@311)?|U5-[\dx.]+-[a-z]\b|U311-[\dx.]+-[a-z]\b)")
SOURCE = ROOT / "src"
FOLDERS = (SOURCE, *(ROOT / "tests" / name for name in ("scenario", "conformance", "simulation", "interop")))


def read_statements():
    with open(HERE / "statements.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {row["id"]: row for row in rows}


def read_same_rules():
    """By id of 3.1.1: the id of MQTT 5."""
    with open(HERE / "same_rule.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {row["mqtt311"] + ("@311" if row["mqtt311"].startswith("MQTT") else ""): row["mqtt5"] for row in rows}


def citations(path, only_covers):
    """(line number, id) for each citation in a file."""
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if only_covers and not re.match(r"#\s*covers\s", line):
            continue
        for cited in CITATION.findall(line):
            yield number, cited


def kind_of(path):
    """What a file can be to a statement; None for nothing."""
    if path.suffix == ".mqtt":
        return "scenarios"
    if path.suffix not in (".cc", ".h", ".py"):
        return None
    if path.stem.endswith(("_test", "_fixture")):
        return "tests"
    return "code" if SOURCE in path.parents else None


def collect():
    """By id: the places in scenarios, tests and code."""
    found = {kind: collections.defaultdict(list) for kind in ("scenarios", "tests", "code")}
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*")):
            kind = kind_of(path)
            if kind is None:
                continue
            name = path.relative_to(ROOT).as_posix()
            for number, cited in citations(path, only_covers=kind == "scenarios"):
                place = name if kind == "scenarios" else f"{name}:{number}"
                if place not in found[kind][cited]:
                    found[kind][cited].append(place)
    for id311, id5 in read_same_rules().items():
        if not found["code"][id311]:
            found["code"][id311] = list(found["code"][id5])
    return found


def unknown(found, statements):
    for kind, by_id in found.items():
        for cited, places in sorted(by_id.items()):
            if places and cited not in statements:
                yield f"{places[0]}: there is no statement {cited} ({kind})"


def read_baseline():
    return set(BASELINE.read_text(encoding="utf-8").split()) if BASELINE.exists() else set()


def print_by_area(ids, statements):
    by_area = collections.defaultdict(list)
    for key in ids:
        by_area[statements[key]["area"]].append(key)
    for area, keys in sorted(by_area.items()):
        print(f"\n{area} ({len(keys)})")
        for key in keys:
            print(f"  {key:22} {statements[key]['side']}")


def print_all(statements, found):
    for key, row in statements.items():
        places = found["scenarios"][key] + found["tests"][key]
        print(f"{key} ({row['side']}, {row['area']})" + (f": {row['reason']}" if row["reason"] else ""))
        for place in places:
            print(f"    shown by {place}")
        for place in found["code"][key]:
            print(f"    kept at  {place}")


def main():
    parser = argparse.ArgumentParser(description="Which statements of MQTT are shown by a test.")
    parser.add_argument("--open", action="store_true", help="list those that nothing shows, by area")
    parser.add_argument("--no-code", action="store_true", help="list those that no line of the code names, by area")
    parser.add_argument("--all", action="store_true", help="list every statement with its tests and its code")
    parser.add_argument("--json", action="store_true", help="everything as JSON")
    parser.add_argument("--update", action="store_true", help="let covered.txt grow to what is covered now")
    options = parser.parse_args()

    statements = read_statements()
    found = collect()
    covered = [key for key in statements if found["scenarios"][key] or found["tests"][key]]
    reasoned = [key for key in statements if statements[key]["reason"] and key not in covered]
    open_ids = [key for key in statements if key not in covered and key not in reasoned]
    no_code = [key for key in statements if not found["code"][key] and not statements[key]["reason"]]
    mistakes = list(unknown(found, statements))
    lost = sorted(read_baseline() - set(covered))
    mistakes += [f"{key} was covered and is no more" for key in lost]

    if options.json:
        print(json.dumps({
            "covered": len(covered), "reasoned": len(reasoned), "open": len(open_ids), "no_code": len(no_code),
            "mistakes": mistakes,
            "statements": [dict(statements[key], scenarios=found["scenarios"][key], tests=found["tests"][key],
                                code=found["code"][key]) for key in statements],
        }, indent=2))
    else:
        if options.all:
            print_all(statements, found)
        if options.open:
            print_by_area(open_ids, statements)
        if options.no_code:
            print_by_area(no_code, statements)
        for mistake in mistakes:
            print(mistake)
        print(f"{len(covered) + len(reasoned)} of {len(statements)}: {len(covered)} covered, {len(reasoned)} reasoned, "
              f"{len(open_ids)} open; {len(no_code)} have no line in the code")

    if options.update and not lost:
        BASELINE.write_text("".join(key + "\n" for key in sorted(covered)), encoding="utf-8")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
