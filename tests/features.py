#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Generates the table of features in the READMEs from docs/features.txt, and checks it against the sources: every command
of the dispatch table, every configuration block, subscription and notification has a row, and every row an existing
test.

    tests/features.py            checks; exit code 1 on errors
    tests/features.py --write    writes the table to README.md and README.zh-CN.md
"""

import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "features.txt"
BEGIN, END = "<!-- features: made by tests/features.py --write -->", "<!-- features: end -->"
STATES = {"yes": ("yes", "有"), "no": ("no", "无"), "-": ("–", "–")}
READMES = {"README.md": (0, ("Feature", "2011", "2016", "2022", "Test")),
           "README.zh-CN.md": (1, ("功能", "2011", "2016", "2022", "测试"))}
CHECKED = ("Control", "Query", "Notify", "Response", "Config", "Subscribe", "Send")


def text_of(path):
    return (ROOT / path).read_text(encoding="utf-8")


def sources(folder):
    return "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / folder).glob("*.c")))


def commands():
    """{key: implemented} for the dispatch table and the table of control commands."""
    text = re.search(r"static const struct manscdp_row table\[\] = \{\n(.*?)\n\};", text_of("src/manscdp/table.c"),
                     re.S).group(1)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    found = {}
    for row in re.findall(r"\{(.*?)\}", text, re.S):
        root, cmd, action = [c.strip() for c in row.split(",")][:3]
        if cmd != "NULL":
            found[root.removeprefix("MANSCDP_").capitalize() + "/" + cmd.strip('"')] = action != "MANSCDP_UNSUPPORTED"
    for elements in re.findall(r'\{ GB_CONTROL_\w+, "\w+", \{ (.*?) \}', text_of("src/manscdp/control.c")):
        found.update({f"Control/DeviceControl/{e}": True for e in re.findall(r'"(\w+)"', elements)})
    return found


def required():
    """{key: implemented} for everything that needs a row."""
    found = commands()
    config = text_of("src/manscdp/config.c")
    found.update({f"Config/{n}": True for n in re.findall(r'\[GB_BLOCK_\w+\] = \{ "(\w+)"', config)})
    subscribe = re.search(r"cmd_types\[SUBSCRIBE_KINDS\] = \{(.*?)\}", text_of("src/manscdp/subscribe.c"),
                          re.S).group(1)
    found.update({f"Subscribe/{n}": True for n in re.findall(r'"(\w+)"', subscribe)})
    sent = re.findall(r'manscdp_begin_notify\([^;]*?"(\w+)"', sources("src/manscdp"))
    found.update({f"Send/{n}": True for n in sent})
    return found


class Row:
    def __init__(self, line, number):
        cells = [c.strip() for c in line.split("|")]
        if len(cells) != 7:
            raise SystemExit(f"docs/features.txt:{number}: {len(cells)} columns, expected 7")
        self.keys, self.names, self.states, self.tests = cells[0].split(), cells[1:3], cells[3:6], cells[6].split()
        self.number = number


def read():
    """[(both names, [Row])] of the groups."""
    groups = []
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("=="):
            groups.append(([c.strip() for c in line[2:].split("|")], []))
        else:
            groups[-1][1].append(Row(line, number))
    return groups


def test_path(name):
    for path in (f"tests/e2e/{name}.py", f"tests/unit/{name}.c"):
        if (ROOT / path).exists():
            return path
    return None


def render(groups, column, titles):
    lines = [BEGIN, "| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    for names, rows in groups:
        lines.append(f"| **{names[column]}** | | | | |")
        for row in rows:
            states = [STATES[s][column] for s in row.states]
            tests = ", ".join(f"[{t}]({test_path(t)})" for t in row.tests)
            lines.append(f"| {row.names[column]} | " + " | ".join(states) + f" | {tests} |")
    return "\n".join([*lines, END])


def block_of(text):
    begin, end = text.find(BEGIN), text.find(END)
    return (begin, end + len(END)) if 0 <= begin < end else None


def check_rows(groups):
    """Errors in the table itself."""
    need, seen, bad = required(), {}, []
    for row in (r for _, rows in groups for r in rows):
        where = f"docs/features.txt:{row.number}: {row.names[0]}"
        bad += [f"{where}: state {s!r}" for s in row.states if s not in STATES]
        bad += [f"{where}: no such test: {t}" for t in row.tests if not test_path(t)]
        if not row.tests:
            bad.append(f"{where}: no test")
        for key in row.keys:
            if key == "-":
                continue
            if key in seen:
                bad.append(f"{where}: {key} has two rows")
            seen[key] = row
            if key not in need and key.split("/")[0] in CHECKED and not (key.startswith("Send/") and f'"{key[5:]}"' in
                                                                         sources("src/manscdp") + sources("src/agent")):
                bad.append(f"{where}: {key} is not in the sources")
            if key in need and need[key] != ("yes" in row.states):
                bad.append(f"{where}: {key} is{'' if need[key] else ' not'} implemented, contrary to the row")
    bad += [f"docs/features.txt: {key} has no row" for key in need if key not in seen]
    return bad


def check_readmes(groups):
    bad = []
    for name, (column, titles) in READMES.items():
        text = text_of(name)
        at = block_of(text)
        if not at:
            bad.append(f"{name}: the markers of the table are missing: {BEGIN}")
        elif text[at[0]:at[1]] != render(groups, column, titles):
            bad.append(f"{name}: the table is out of date: run tests/features.py --write")
    return bad


def write(groups):
    for name, (column, titles) in READMES.items():
        text = text_of(name)
        at = block_of(text)
        if not at:
            raise SystemExit(f"{name}: insert these two lines for the table:\n{BEGIN}\n{END}")
        (ROOT / name).write_text(text[:at[0]] + render(groups, column, titles) + text[at[1]:], encoding="utf-8")


def main():
    groups = read()
    if sys.argv[1:] == ["--write"]:
        bad = check_rows(groups)
        if not any("state" in b for b in bad):
            write(groups)
    else:
        bad = check_rows(groups) + check_readmes(groups)
    for text in bad:
        print(f"        | {text}")
    print(f"  {'FAIL' if bad else 'ok'}  features: {sum(len(rows) for _, rows in groups)} rows, each with its test")
    if os.environ.get("TOTALS") and sys.argv[1:] != ["--write"]:
        with open(os.environ["TOTALS"], "a", encoding="utf-8") as totals:
            totals.write(f"features {0 if bad else 1} {1 if bad else 0} 0\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
