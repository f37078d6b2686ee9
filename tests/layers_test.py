#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Tests that tests/layers.py can fail: breaks one rule after the other in a copy of the tree in memory, with objects
compiled from a line of C if the rule is about symbols. The check of that rule must fail, and no other.

    tests/layers_test.py --lower OBJECT... --upper OBJECT...     (from `make check-layers`; NM= CC= those of the build)
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile

import layers

CALLS = "int {0}(void);\nint {1}(void);\nint {0}(void)\n{{\n    return {1}();\n}}\n"
TABLE, VERBS, VERBS_H = "CONTRIBUTING.md", "src/agent/agent_verbs.c", "src/agent/agent.h"
PAGE, PAGE_OK = "docs/architecture.md", "docs/architecture.md names functions and their files correctly"
CYCLE = "no dependency cycle among files of different modules"
LEAVE = "every verb of agent/agent.h ends with leave()"

# Description; {file: its text, or a pattern and its replacement}; {object: its source}; the check that must fail (None:
# none may fail), and part of its message.
MUTATIONS = (
    ("an include that the table forbids", {"src/util/mutant.c": '#include "app/app.h"\n'}, {},
     "src/util includes only gbagent util", "src/util/mutant.c: app/app.h"),
    ("a board that includes the daemon", {"board/mutant/mutant.c": '#include "sys/loop.h"\n'}, {},
     "board/mutant includes only gbagent util codec board/mutant", "board/mutant/mutant.c: sys/loop.h"),
    ("an include in gbagentctl", {"src/gbagentctl.c": '#include "sys/loop.h"\n'}, {},
     "src/gbagentctl.c includes only gbagent util trace", "src/gbagentctl.c: sys/loop.h"),
    ("a header beside the programs", {"src/mutant.h": "\n"}, {}, "nothing includes a program",
     "src/mutant.h: src/ itself"),
    ("a symbol that the table forbids", {},
     {"src/util/mutant": CALLS.format("mutant", "tnatum"), "src/sys/tnatum": CALLS.format("tnatum", "elsewhere")},
     "no symbol of a forbidden folder is used", "src/util/mutant.c uses tnatum of src/sys/tnatum.c"),
    ("a folder without a row", {"src/mutant/mutant.c": "\n"}, {},
     "the table of folders has a row for each of src/", "src/mutant/ has no row"),
    ("a row that uses one below", {TABLE: (r"(\| `util` \|.*\|) *\|\n", r"\1 app |\n")}, {},
     "the dependencies between folders have no cycle", "util may use app, which has no row above"),
    ("another header first", {"src/util/mutant.h": "\n",
                              "src/util/mutant.c": '#include <stdio.h>\n#include "util/mutant.h"\n'}, {},
     "every file includes its own header first", "src/util/mutant.c: first include is stdio.h"),
    ("a cycle by symbols", {},
     {"src/util/mutant": CALLS.format("mutant", "tnatum"), "src/util/tnatum": CALLS.format("tnatum", "mutant")},
     CYCLE, "src/util/tnatum -> src/util/mutant (mutant)"),
    ("a cycle by headers",
     {"src/util/mutant.h": '#include "util/tnatum.h"\n', "src/util/tnatum.h": '#include "util/mutant.h"\n'}, {},
     CYCLE, 'src/util/tnatum -> src/util/mutant (#include "util/mutant.h")'),
    ("a cycle by both", {"src/util/mutant.c": '#include "util/tnatum.h"\n', "src/util/tnatum.h": "\n"},
     {"src/util/mutant": CALLS.format("mutant", "elsewhere"), "src/util/tnatum": CALLS.format("tnatum", "mutant")},
     CYCLE, "src/util/tnatum -> src/util/mutant (mutant)"),
    ("a cycle within a module", {},
     {"src/util/mutant": CALLS.format("mutant", "tnatum"), "src/util/mutant_b": CALLS.format("tnatum", "mutant")}, None,
     ""),
    ("a verb without leave()", {VERBS: (r"\n(    return leave\()", r"\n    if (!now)\n        return 0;\n\1")}, {},
     LEAVE, "returns without leave()"),
    ("a verb elsewhere", {VERBS_H: (r"\n#endif", "\nvoid agent_mutant(struct agent *a, const struct gb_time *now);\n"
                                                 "#endif")}, {},
     LEAVE, "agent_mutant is missing"),
    ("a function that is not there", {PAGE: (r"`sip_scan`", "`mutant`")}, {},
     PAGE_OK, "mutant is not defined in sip/scan.c"),
    ("a function in another file", {PAGE: (r"\(sip/scan\.c\)", "(sip/party.c)")}, {},
     PAGE_OK, "sip_scan is not defined in sip/party.c"),
    ("mbedtls elsewhere", {"src/util/mutant.c": "#include <mbedtls/md.h>\n"}, {},
     "mbedtls is included only by codec/digest.c", "src/util/mutant.c: mbedtls/md.h"),
    ("a thread", {"src/sys/mutant.c": "#include <pthread.h>\n"}, {},
     "only boards have threads", "src/sys/mutant.c: pthread.h"),
    ("a kernel call in the lower half", {},
     {"src/util/mutant": "#include <time.h>\nlong mutant(void);\nlong mutant(void)\n{\n    return (long)time(NULL);\n"
                         "}\n"},
     "the lower half makes no kernel, clock, random or output call", "src/util/mutant.c calls "),
    ("a static variable in the lower half", {},
     {"src/util/mutant": "static int mutants;\nint mutant(void);\nint mutant(void)\n{\n    return ++mutants;\n}\n"},
     "no variable with static storage but the log's and libosip2's clock", "src/util/mutant.c: mutants (.bss"),
)


def compiled(sources, folder):
    """{file: [Symbol]} of {file: C}, by the compiler of the build."""
    objects = []
    for file, text in sources.items():
        made = os.path.join(folder, "obj", file + ".o")
        os.makedirs(os.path.dirname(made), exist_ok=True)
        subprocess.run([*shlex.split(os.environ.get("CC") or "cc"), "-O1", "-x", "c", "-c", "-o", made, "-"],
                       input=text,
                       text=True, check=True)
        objects.append(made)
    return layers.read_objects(objects)


def mutated(tree, edits, objects):
    files = dict(tree.files)
    for path, edit in edits.items():
        if isinstance(edit, str):
            files[path] = edit
            continue
        files[path], n = re.subn(*edit, files[path], count=1)
        if not n:
            raise SystemExit(f"tests/layers_test.py: {path} no longer matches {edit[0]!r}")
    lower = {f: symbols for f, symbols in objects.items() if f.startswith("src/util/")}
    upper = {f: symbols for f, symbols in tree.objects.items() if f not in tree.lower}
    return layers.Tree(files, {**tree.lower, **lower},
                       {**upper, **{f: s for f, s in objects.items() if f not in lower}})


def broken(tree):
    return {name: wrong for name, wrong in layers.check_all(tree) if wrong}


def faults(tree, before, mutation, folder):
    """Deviations from the expected result of a mutation."""
    what, edits, sources, check, says = mutation
    after = broken(mutated(tree, edits, compiled(sources, folder)))
    new = {name: wrong for name, wrong in after.items() if wrong != before.get(name)}
    others = [f"{name} fails, too: {wrong[0]}" for name, wrong in new.items() if name != check]
    if check and check not in new:
        return [*others, f"{what} passes"]
    if check and not any(says in line for line in new[check]):
        return [*others, f"does not say {says!r} but {new[check]!r}"]
    return others


def exit_codes():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        codes = [layers.report([("a", []), ("b", wrong)], totals=None) for wrong in ([], ["why"])]
    right = codes == [0, 1] and "  FAIL  layers: b\n        | why\n" in out.getvalue()
    return [] if right else [f"exit codes {codes}, and printed:\n{out.getvalue()}"]


def main():
    tree = layers.read_tree()
    before = broken(tree)
    with tempfile.TemporaryDirectory() as folder:
        results = [(f"finds: {m[0]}" if m[3] else f"allowed: {m[0]}", faults(tree, before, m, f"{folder}/{i}"))
                   for i, m in enumerate(MUTATIONS)]
    results.append(("a finding fails the check", exit_codes()))
    sys.exit(layers.report(results, "layers-test"))


if __name__ == "__main__":
    main()
