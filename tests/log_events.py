#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Checks that log lines have the form `SUBJECT: EVENT key=value ...`, and that section LOG EVENTS of gbagentd(8) lists
exactly the events above debug level that the sources write.
"""

import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "packaging" / "man" / "gbagentd.8"
SUBJECTS = {"gbagentd", "config", "settings", "clock", "network", "sip", "http", "control", "board", "channel",
            "stream", "loop"}
FOLDERS = ("src", "board")
BOARDS = "board/"                                       # their lines have the form, their own subject, and no man page

CALL = re.compile(r"\b(log_(?:error|warn|info|debug)(?:_gated)?|log_write|log_gated)\(")
LEVELS = {"LOG_L_ERROR": "error", "LOG_L_WARN": "warn", "LOG_L_INFO": "info", "LOG_L_DEBUG": "debug"}
VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s"=]+)'
LINE = re.compile(r"^(?P<subject>[a-z%][\w%.*-]*): (?P<event>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?: "
                  rf"[a-z][a-z0-9_]*={VALUE})*$")


def uncommented(text):
    """The text with comments replaced by blanks, so that offsets stay valid."""
    pattern = re.compile(r'"(?:\\.|[^"\\])*"|/\*.*?\*/|//[^\n]*', re.S)
    return pattern.sub(lambda m: m.group() if m.group()[0] == '"' else re.sub(r"[^\n]", " ", m.group()), text)


def arguments(text, at):
    """The arguments of the call whose parenthesis opens at `at` - 1."""
    depth, start, found = 1, at, []
    for token in re.finditer(r'"(?:\\.|[^"\\])*"|[()\[\]{},]', text[at:]):
        t, end = token.group(), at + token.start()
        if t in "([{":
            depth += 1
        elif t in ")]}":
            depth -= 1
        if (t == "," and depth == 1) or depth == 0:
            found.append(text[start:end].strip())
            start = end + 1
        if depth == 0:
            return found
    return found


def literal(argument):
    """A string literal's text, or None for anything else; macros such as PRIu64 count as %u."""
    parts = re.findall(r'"(?:\\.|[^"\\])*"|\w+', argument)
    if not parts or not any(p[0] == '"' for p in parts) or re.search(r"[?(]",
                                                                     re.sub(r'"(?:\\.|[^"\\])*"', "", argument)):
        return None
    return "".join(p[1:-1].replace('\\"', '"') if p[0] == '"' else "u" for p in parts)


def calls(path):
    """(line number, level or None, format or None) of each call that writes a line."""
    text = uncommented(path.read_text(encoding="utf-8"))
    for m in CALL.finditer(text):
        if text[text.rfind("\n", 0, m.start()) + 1:].startswith(("#define", "void ")):
            continue
        name, args = m.group(1), arguments(text, m.end())
        first = {"log_write": 1, "log_gated": 3}.get(name, 2 if name.endswith("_gated") else 0)
        if len(args) <= first:
            continue
        level = LEVELS.get(args[first - 1]) if name in ("log_write", "log_gated") else name.split("_")[1]
        yield text.count("\n", 0, m.start()) + 1, level, literal(args[first])


def files(places):
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.c")) if path.is_dir() else [path]


class Event:
    """What the calls of one event, or its entry in the man page, say: keys and levels."""

    def __init__(self, where):
        self.where, self.keys, self.levels = where, set(), set()

    def text(self):
        return " ".join(f"{k}=" for k in sorted(self.keys)) + f" ({' '.join(sorted(self.levels))})"


def listed():
    """{event: Event} of the man page, whose entries are .TP and `.BR EVENT " KEY= ... (LEVEL)"`; and its duplicates."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(r"^\.SH LOG EVENTS\n(.*?)(?=^\.SH )", text, re.S | re.M)
    found, duplicates = {}, []
    for name, rest in re.findall(r"^\.TP\n\.BR? ([a-z][a-z0-9-]*)(.*)$", section.group(1) if section else "", re.M):
        if name in found:
            duplicates.append(name)
        found[name] = event = Event(PAGE.name)
        event.keys = set(re.findall(r"([a-z][a-z0-9_]*)=", rest))
        event.levels = set(re.findall(r"\b(?:error|warn|info)\b", rest.rpartition("(")[2]))
    return found, duplicates


def logged(errors):
    """{event: Event} of what the sources log above debug level; appends what is wrong with their form to errors."""
    found = {}
    for path in files(FOLDERS):
        where = path.relative_to(ROOT)
        for number, level, fmt in calls(path):
            m = LINE.match(fmt) if fmt else None
            if not m:
                errors.append(f"{where}:{number}: not of the form SUBJECT: EVENT key=value: {fmt}")
                continue
            if str(where).startswith(BOARDS):
                continue
            if "%" not in m["subject"] and m["subject"] not in SUBJECTS:
                errors.append(f"{where}:{number}: unknown subject {m['subject']}")
            if level != "debug":
                event = found.setdefault(m["event"], Event(f"{where}:{number}"))
                event.keys |= set(re.findall(r" ([a-z][a-z0-9_]*)=", fmt)) - {"suppressed"}
                if "command=" in fmt and "command_log" in path.read_text(encoding="utf-8"):
                    event.keys |= {"sn", "channel"}     # command_log() writes command=CMD sn=SN channel=ID
                event.levels |= {level} if level else {"error", "warn", "info"}
    return found


def main():
    errors = []
    written = logged(errors)
    in_page, duplicates = listed()
    errors += [f"{PAGE.name}: duplicate entry {name}" for name in duplicates]
    errors += [f"{PAGE.name}: no source logs {name}" for name in sorted(in_page.keys() - written.keys())]
    for name, event in sorted(written.items()):
        if name not in in_page:
            errors.append(f"{event.where}: {name} is not in LOG EVENTS of {PAGE.name}")
        elif in_page[name].text() != event.text() and not event.levels > in_page[name].levels:
            errors.append(f"{event.where}: {name} has {event.text()}, {PAGE.name} says {in_page[name].text()}")
    for line in errors:
        print(f"  FAIL  log events: {line}")
    if not errors:
        print(f"  ok    log events: {len(written)} events")
    if os.environ.get("TOTALS"):
        with open(os.environ["TOTALS"], "a", encoding="utf-8") as totals:
            totals.write(f"log-events {0 if errors else 1} {1 if errors else 0} 0\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
