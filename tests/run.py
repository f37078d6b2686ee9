#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs unit test programs, end-to-end scripts and corpus replays in parallel and counts what passed.

  tests/run.py [--bin DIR] [--jobs N] [--timeout S] [--exec PREFIX] [--totals FILE] [-v]
               (--unit | --e2e | --replay)... [names]
  tests/run.py --sum FILE

A unit program is DIR/tests/NAME (cmocka: each of its tests counts); an end-to-end test is tests/e2e/NAME.py (one per
file); a replay is DIR/replay/NAME over tests/fuzz/corpus/NAME (one per target). Exit status 77 means skipped. Every
test has its own TMPDIR, gets GBAGENT_BIN=DIR, and is killed with all its children after its timeout. A report of a
sanitizer is a failure, whatever the test returned.
"""
import argparse
import concurrent.futures
import glob
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UNSTEADY_MAX = 3
SKIP = 77
TIMEOUT = {"unit": 120, "e2e": 150, "replay": 120}
# Printed by a test that, entirely or in part, cannot run here.
REASON = re.compile(r"^(?:\w+: )?skipped: (.+)$", re.M)
COUNT = re.compile(r"^\[\s+(PASSED|FAILED|SKIPPED)\s*\] (?:[^:\n]*: )?(\d+) test\(s\)", re.M)
say_lock = threading.Lock()


class Test:
    def __init__(self, kind, name, command):
        self.kind, self.name, self.command = kind, name, command
        self.passed = self.failed = self.skipped = 0
        self.output, self.why, self.seconds, self.reasons = "", "", 0.0, []


def find(kind, names, args):
    """The tests of one kind: those named, or all."""
    prefix = shlex.split(args.exec or "")
    if kind == "e2e":
        known = {os.path.basename(p)[:-3]: p for p in glob.glob(os.path.join(ROOT, "tests/e2e/*.py"))}
        for helper in [n for n in known if n == "lib" or n.startswith("_")]:
            del known[helper]
        wanted = [os.path.basename(n).removesuffix(".py") for n in names] or sorted(known)
        return [Test(kind, n, [sys.executable, known.get(n, n)]) for n in wanted if n in known
                or names_only(kind, args)]
    folder = os.path.join(args.bin, "tests" if kind == "unit" else "replay")
    wanted = names or sorted(n for n in os.listdir(folder) if "." not in n) if os.path.isdir(folder) or names else []
    wanted = [os.path.basename(n) for n in wanted]
    found = []
    for n in wanted:
        path = os.path.join(folder, n)
        if not os.path.exists(path) and not names_only(kind, args):
            continue
        command = prefix + [path]
        if kind == "replay":
            command.append(os.path.join(ROOT, "tests/fuzz/corpus", n))
        found.append(Test(kind, n, command))
    return found


def names_only(kind, args):
    """With a single kind selected, an unknown name is an error; otherwise it may be a test of another kind."""
    return [k for k in ("unit", "e2e", "replay") if getattr(args, k)] == [kind]


def environment(args, folder):
    env = dict(os.environ)
    log = os.path.join(folder, "sanitizer")
    asan = "detect_leaks=1:abort_on_error=0:allocator_may_return_null=1:detect_stack_use_after_return=1"
    env["ASAN_OPTIONS"] = "%s:log_path=%s:%s" % (asan, log, os.environ.get("ASAN_OPTIONS", ""))
    env["UBSAN_OPTIONS"] = "print_stacktrace=1:log_path=%s:%s" % (log, os.environ.get("UBSAN_OPTIONS", ""))
    env["TMPDIR"] = folder
    env["GBAGENT_BIN"] = args.bin
    # tests/e2e/lib.py multiplies its timeouts by this.
    env.setdefault("GBAGENT_SLOW", "3" if "/asan" in args.bin else "1")
    if args.exec:
        env["GBAGENT_EMULATED"] = "1"
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env.setdefault("LC_ALL", "C.UTF-8")
    for noise in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "NOTIFY_SOCKET"):
        env.pop(noise, None)
    return env


def execute(test, args):
    folder = tempfile.mkdtemp(prefix="gb-")         # short: paths of UNIX sockets have at most 107 bytes
    started = time.monotonic()
    limit = args.timeout or TIMEOUT[test.kind]
    timed_out = False
    status = -1
    try:
        process = subprocess.Popen(test.command, cwd=ROOT, env=environment(args, folder), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    except OSError as error:
        test.output, test.failed, test.why = str(error), 1, "does not start"
        shutil.rmtree(folder, ignore_errors=True)
        return test
    try:
        output, _ = process.communicate(timeout=limit)
        status = process.returncode
    except subprocess.TimeoutExpired:
        timed_out = True
        kill_group(process.pid, signal.SIGTERM)
        try:
            output, _ = process.communicate(timeout=3)
        except subprocess.TimeoutExpired:
            kill_group(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
    kill_group(process.pid, signal.SIGKILL)
    test.seconds = time.monotonic() - started
    test.output = output.decode("utf-8", "replace")
    reports = sorted(glob.glob(os.path.join(folder, "**", "sanitizer*"), recursive=True))
    for report in reports:
        with open(report, errors="replace") as file:
            test.output += "\n--- %s\n%s" % (os.path.basename(report), file.read())
    judge(test, status, timed_out, limit, bool(reports))
    if args.keep and test.failed:
        test.output += "\n--- kept: %s\n" % folder
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return test


def kill_group(pid, number):
    try:
        os.killpg(pid, number)
    except OSError:
        pass


def judge(test, status, timed_out, limit, reports):
    test.reasons = list(dict.fromkeys(r.strip() for r in REASON.findall(test.output)))
    if test.kind == "unit":
        for what, number in COUNT.findall(test.output):
            field = what.lower()
            setattr(test, field, getattr(test, field) + int(number))
    if timed_out:
        test.why = "took more than %d s" % limit
    elif status == SKIP:
        test.passed = test.failed = 0
        test.skipped = max(1, test.skipped)
        if not test.reasons:
            test.reasons = test.output.strip().splitlines()[-1:]
        return
    elif status != 0:
        test.why = "killed by signal %d" % -status if status < 0 else "exit status %d" % status
    elif reports:
        test.why = "sanitizer report"
    elif test.kind == "unit" and test.passed + test.failed + test.skipped == 0:
        test.why = "ran no test"
    elif test.kind != "unit":
        test.passed = 1
    if test.why and test.failed == 0:
        test.failed = 1


def report(test, verbose):
    word = "FAIL" if test.failed else "skip" if test.skipped and not test.passed else "ok"
    count = " %d tests" % (test.passed + test.failed) if test.kind == "unit" else ""
    notes = [test.why] if test.why else []
    if test.reasons and not test.failed:
        skipped = "%d skipped" % test.skipped if test.kind == "unit" and test.skipped else "skipped"
        notes.append("%s%s: %s" % ("in part " if word == "ok" and test.kind != "unit" else "", skipped,
                                   "; ".join(test.reasons)))
    with say_lock:
        print("  %-4s  %-6s %-32s%s  %.1f s%s" % (word, test.kind, test.name, count, test.seconds,
                                                 "  (%s)" % ", ".join(notes) if notes else ""), flush=True)
        if test.failed or verbose:
            lines = test.output.rstrip().splitlines()
            if len(lines) > 400:
                lines = lines[:150] + ["... %d lines ..." % (len(lines) - 400)] + lines[-250:]
            for line in lines:
                print("        | " + line, flush=True)


def line_of(passed, failed, skipped):
    return "%d passed, %d failed%s" % (passed, failed, ", %d skipped" % skipped if skipped else "")


def add_total(path, name, passed, failed, skipped):
    if path:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with open(path, "a") as file:
            file.write("%s %d %d %d\n" % (name, passed, failed, skipped))


def sum_up(path):
    total = [0, 0, 0]
    try:
        with open(path) as file:
            rows = [line.split() for line in file if line.strip()]
    except OSError as error:
        print("tests/run.py: %s" % error, file=sys.stderr)
        rows = [["totals", "0", "1", "0"]]
    for row in rows:
        name, numbers = " ".join(row[:-3]), [int(n) for n in row[-3:]]
        print("  %-14s %s" % (name, line_of(*numbers)))
        total = [a + b for a, b in zip(total, numbers)]
    if total[2]:
        print("  skipped: %d" % total[2])
    print("%d passed, %d failed" % tuple(total[:2]))
    return 1 if total[1] else 0


def once_more(tests, args):
    """End-to-end tests share a busy machine: up to UNSTEADY_MAX failed ones are run again on their own, and reported as
    unsteady. Failures reported by a sanitizer are final."""
    failed = [t for t in tests if t.failed]
    if len(failed) > UNSTEADY_MAX:
        return tests
    for test in failed:
        if "sanitizer" in test.why:
            continue
        again = next(t for t in find(test.kind, [test.name], args) if t.name == test.name)
        report(execute(again, args), args.verbose)
        if not again.failed:
            print("  unsteady: %s passes alone" % test.name, flush=True)
            tests[tests.index(test)] = again
    return tests


def run(args):
    args.bin = os.path.abspath(args.bin)
    kinds = [k for k in ("unit", "e2e", "replay") if getattr(args, k)] or ["unit", "e2e"]
    for kind in kinds:
        setattr(args, kind, True)
    times_path = os.path.join(args.bin, "times.json")
    try:
        with open(times_path) as file:
            times = json.load(file)
    except (OSError, ValueError):
        times = {}
    bad = 0
    for kind in kinds:
        tests = find(kind, args.names, args)
        # The slowest of the last run first, so that none of them runs alone at the end.
        tests.sort(key=lambda t: -times.get(t.kind + "/" + t.name, 5.0))
        # End-to-end tests mostly wait, and so do some of the slowest unit tests.
        cores = os.cpu_count() or 2
        jobs = args.jobs or {"unit": cores + 1, "e2e": 3 * cores}.get(kind, cores)
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for future in concurrent.futures.as_completed([pool.submit(execute, t, args) for t in tests]):
                report(future.result(), args.verbose)
        if kind == "e2e":
            tests = once_more(tests, args)
        times.update({t.kind + "/" + t.name: round(t.seconds, 2) for t in tests})
        sums = [sum(getattr(t, f) for t in tests) for f in ("passed", "failed", "skipped")]
        if not tests and args.names:
            print("tests/run.py: no such test: %s" % " ".join(args.names), file=sys.stderr)
            sums[1] += 1
        failed = [t.name for t in tests if t.failed]
        if failed:
            print("  failed: %s" % " ".join(sorted(failed)))
        print("%s: %s" % (kind, line_of(*sums)), flush=True)
        add_total(args.totals, args.label or (kind + ("-asan" if "/asan" in args.bin else "")), *sums)
        bad += sums[1]
    try:
        with open(times_path, "w") as file:
            json.dump(times, file, indent=1, sort_keys=True)
    except OSError:
        pass
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=os.path.join(ROOT, "build"), help="build folder (build)")
    parser.add_argument("--jobs", type=int, help="tests run in parallel (unit: cores + 1, e2e: 3 * cores)")
    parser.add_argument("--timeout", type=float, help="timeout of a test in seconds")
    parser.add_argument("--exec", help="command that runs unit programs, as "
                                       "'qemu-arm-static -L /usr/arm-linux-gnueabihf'")
    parser.add_argument("--totals", help="file to add 'name passed failed skipped' to")
    parser.add_argument("--label", help="name for --totals")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder of a failed test")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the output of passed tests too")
    parser.add_argument("--unit", action="store_true")
    parser.add_argument("--e2e", action="store_true")
    parser.add_argument("--replay", action="store_true")
    parser.add_argument("--sum", metavar="FILE", help="print what --totals collected, and the total as the last line")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    sys.exit(sum_up(args.sum) if args.sum else run(args))


if __name__ == "__main__":
    main()
