#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Checks the rules of CONTRIBUTING.md for folders: which may use which, no cycles, and no kernel calls in the lower half.

    tests/layers.py --lower OBJECT... --upper OBJECT...     (from `make check-layers`; NM= the binutils of the build)

A file here is x.c with x.h. It depends on another if it includes its header or uses one of its symbols. A module is the
files of one folder whose names share the first word (viewer.c, viewer_udp.c); a board's folder is one module.
tests/layers_test.py breaks each rule to test that this is found.
"""

import argparse
import collections
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# ---- the rules ------------------------------------------------------------------------------------------------
# Third-party and private headers: header, the only files that may include it, name of the check.
ONLY = (
    (r"mbedtls/", r"src/codec/digest\.c", "mbedtls is included only by codec/digest.c"),
    (r"iconv\.h", r"src/codec/charset\.c", "iconv is included only by codec/charset.c"),
    (r"mxml", r"src/codec/xml\.c", "mxml is included only by codec/xml.c"),
    (r"ini\.h", r"src/conf/conf_file\.c", "inih is included only by conf/conf_file.c"),
    (r"curl/", r"src/http/http_curl\.c", "libcurl is included only by http/http_curl.c"),
    (r"(osip2|osipparser2)/", r"src/sip/osip\.c", "libosip2 is included only by sip/osip.c"),
    (r"pthread\.h", r"board/.*", "only boards have threads"),
    (r"agent/agent_impl\.h", r"src/agent/(agent\w*|mux)\.c", "only agent*.c and mux.c see struct agent"),
)

# Folders of src/ that each program may use. No file uses a program.
PROGRAMS = {"src/gbagentd.c": "*", "src/gbagentctl.c": "util trace"}

# Boards may use the public headers and these folders of src/.
BOARD_USES = ("util", "codec")

# Functions of libc that the lower half must not call: kernel, clock, random numbers, output.
DENIED = re.compile("^(%s)$" % "|".join("""
    socket socketpair bind listen connect accept accept4 shutdown send sendto sendmsg sendmmsg recv recvfrom recvmsg
    recvmmsg setsockopt getsockopt getsockname getpeername getaddrinfo gethostbyname select pselect poll ppoll
    epoll_[a-z0-9]+
    open openat creat fopen fdopen freopen close fclose read pread readv fread fgets fgetc getc getline write pwrite
    writev
    fwrite fputs fputc putc putchar puts printf fprintf vprintf vfprintf dprintf vdprintf perror syslog vsyslog
    time clock clock_gettime clock_nanosleep gettimeofday settimeofday localtime localtime_r mktime ftime nanosleep
    sleep usleep
    alarm timer_[a-z]+ timerfd_[a-z]+ eventfd signalfd signal sigaction kill raise fork vfork exec[a-z]+
    posix_spawn[a-z]* system
    popen pclose exit _exit _Exit quick_exit atexit getrandom getentropy random rand rand_r srand drand48 lrand48
    arc4random[a-z_]*
    getenv secure_getenv setenv setlocale pipe pipe2 dup dup2 fcntl ioctl mmap munmap unlink rename mkdir stat fstat
    lstat access
    pthread_[a-z_]+ thrd_[a-z]+ dlopen strcpy strcat sprintf vsprintf strtok gets stdout stderr stdin""".split()))

# The only files of the lower half with static variables: the log's level and sink, libosip2's clock.
STATIC = ("src/util/log", "src/sip/osip")


# ---- sources and objects ---------------------------------------------------------------------------------------
Symbol = collections.namedtuple("Symbol", "name kind type section")     # kind: nm's letter


class Tree:
    """The text of the sources and the symbols of the objects made from them, as {file: [Symbol]}."""

    def __init__(self, files, lower, upper):
        self.files, self.lower, self.objects = files, lower, {**lower, **upper}
        self.uses = dict(re.findall(r"^\| `([a-z]+)` \|.*\|\s*([a-z ]*)\|$", files["CONTRIBUTING.md"], re.M))
        self.uses = {folder: names.split() for folder, names in self.uses.items()}
        self.includes = [(path, header) for path in sorted(files) if path.endswith((".c", ".h"))
                         for header in re.findall(r'^[ \t]*#[ \t]*include[ \t]*([<"][^>"]+)', files[path], re.M)]
        self.quoted = [(path, header[1:]) for path, header in self.includes if header[0] == '"']
        self.deps = self.deps_by_includes()
        self.symbol_deps = self.deps_by_symbols()

    def resolve(self, path, header):
        places = [os.path.normpath(os.path.join(d, header)) for d in (os.path.dirname(path), "include", "src", "")]
        return next((p for p in places if p in self.files), None)

    def deps_by_includes(self):
        """{(file, file): why}"""
        deps = {}
        for path, header in self.quoted:
            target = self.resolve(path, header)
            if target and stem(target) != stem(path):
                deps[stem(path), stem(target)] = f"#include \"{header}\""
        return deps

    def deps_by_symbols(self):
        """{(file, file): [symbol]}"""
        home = {s.name: file for file, symbols in self.objects.items() for s in symbols if defines(s)}
        deps = collections.defaultdict(list)
        for file, symbols in self.objects.items():
            for s in symbols:
                if s.kind in "Uwv" and home.get(s.name, file) != file:
                    deps[file, home[s.name]].append(s.name)
        return deps


def defines(symbol):
    return symbol.kind.isupper() and symbol.kind != "U"


def stem(path):
    return os.path.splitext(path)[0]


def read_files(root=ROOT):
    paths = [p for d in ("src", "include", "board") for p in (root / d).rglob("*.[ch]")]
    paths += [root / "CONTRIBUTING.md", root / "docs" / "architecture.md"]
    return {str(p.relative_to(root)): p.read_text(encoding="utf-8") for p in paths}


def read_objects(objects):
    """{file: [Symbol]}: the file of .../obj/src/util/log.o is src/util/log."""
    if not objects:
        return {}
    nm = shlex.split(os.environ.get("NM") or "nm")
    try:
        run = subprocess.run([*nm, "-f", "sysv", *objects], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except OSError as error:
        raise SystemExit(f"tests/layers.py: {nm[0]}: {error.strerror} (NM=)") from error
    found = {}
    for line in run.stdout.splitlines():
        cells = [c.strip() for c in line.split("|")]
        head = re.match(r"(?:Undefined symbols|Symbols) from (?:.*/)?obj/(.*)\.o:", line)
        if head:
            symbols = found.setdefault(head.group(1), [])
        elif len(cells) >= 7:
            symbols.append(Symbol(cells[0].split("@")[0], cells[2], cells[3], cells[6]))
    missing = [o for o in objects if not found.get(stem(o).rpartition("/obj/")[2])]
    if run.returncode or missing:
        raise SystemExit(f"tests/layers.py: {nm[0]} finds no symbols in {' '.join(missing)} {run.stderr.strip()}")
    return found


# ---- folders --------------------------------------------------------------------------------------------------
def allowed(tree, place):
    """The folders that a folder of src/, a program or a board may use."""
    if place in PROGRAMS:
        return list(tree.uses) if PROGRAMS[place] == "*" else PROGRAMS[place].split()
    if place.startswith("board/"):
        return [*BOARD_USES, place]
    return [] if place == "include" else [*tree.uses.get(place[4:], ()), place[4:]]


def place_of(path):
    """src/agent, board/sim, include, src/gbagentd.c"""
    parts = path.split("/")
    return "include" if parts[0] == "include" else path if len(parts) == 2 else "/".join(parts[:2])


def may(tree, place):
    fine = tuple(f"{f}/" for f in ["gbagent", *allowed(tree, place)])
    for path, header in tree.quoted:
        beside = place.startswith("board/") and "/" not in header
        if place_of(path) == place and not header.startswith(fine) and not beside:
            yield f"{path}: {header}"


def may_by_symbols(tree):
    public = "".join(text for path, text in tree.files.items() if path.startswith("include/"))
    for (user, used), names in sorted(tree.symbol_deps.items()):
        place, to = place_of(user + ".c"), place_of(used + ".c")
        if place == to or user == "board_table" or to.removeprefix("src/") in allowed(tree, place):
            continue
        for name in names:
            if not re.search(rf"\b{name}\b", public):
                yield f"{user}.c uses {name} of {used}.c"


def rows(tree):
    have = {p.split("/")[1] for p in tree.files if re.match(r"src/\w+/", p)}
    yield from (f"src/{f}/ has no row" for f in sorted(have - set(tree.uses)))
    yield from (f"`{f}` has a row but is no folder of src/" for f in sorted(set(tree.uses) - have))


def rows_above(tree):
    above = set()
    for folder, uses in tree.uses.items():
        yield from (f"{folder} may use {u}, which has no row above" for u in uses if u not in above)
        above.add(folder)


def programs(tree):
    for path in sorted(tree.files):
        if re.fullmatch(r"src/[^/]+", path) and path not in PROGRAMS:
            yield f"{path}: src/ itself may have only {' and '.join(PROGRAMS)}"
    yield from (f"{path}: {h} is not a header" for path, h in tree.quoted if not h.endswith(".h"))
    yield from (f"{user}.c uses {names[0]} of {used}.c, a program"
                for (user, used), names in tree.symbol_deps.items() if used + ".c" in PROGRAMS)


def own_first(tree):
    first = {}
    for path, header in tree.includes:
        first.setdefault(path, header[1:])
    for path in sorted(p for p in tree.files if p.startswith("src/") and p.endswith(".c")):
        own = stem(path)[4:]
        # ... or a private header that includes it, as agent/agent_impl.h in agent/agent.c.
        if f"src/{own}.h" in tree.files and not re.fullmatch(re.escape(own) + r"(_\w+)?\.h", first.get(path, "")):
            yield f"{path}: first include is {first.get(path)}"


def only(tree, header, file):
    for path, found in tree.includes:
        if re.match(header, found[1:]) and not re.fullmatch(file, path):
            yield f"{path}: {found[1:]}"


# ---- cycles of files ------------------------------------------------------------------------------------------
def module_of(file):
    folder, name = os.path.split(file)
    return folder if folder.startswith("board/") else f"{folder}/{name.split('_')[0]}"


def components(graph):
    """The strongly connected components of {node: [node]} that have more than one node (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def way(graph, start, end):
    """The shortest way from one node to another."""
    came, queue = {start: None}, collections.deque([start])
    while queue and end not in came:
        node = queue.popleft()
        for other in sorted(graph.get(node, ())):
            if other not in came:
                came[other] = node
                queue.append(other)
    nodes = [end]
    while came[nodes[-1]]:
        nodes.append(came[nodes[-1]])
    return nodes[::-1]


def all_deps(tree):
    """{(file, file): a symbol or an #include}"""
    return {**tree.deps, **{dep: names[0] for dep, names in tree.symbol_deps.items()}}


def no_cycles(tree, shown=5):
    """Each cycle across modules, with its shortest loops: one for each dependency between two modules."""
    why, graph = all_deps(tree), collections.defaultdict(list)
    for user, used in why:
        graph[user].append(used)
    for cycle in (c for c in components(graph) if len({module_of(f) for f in c}) > 1):
        yield f"{len(cycle)} files: {' '.join(cycle)}"
        inside = {f: [g for g in graph[f] if g in cycle] for f in cycle}
        loops = {}
        for user, used in ((f, g) for f in cycle for g in inside[f]):
            if module_of(user) != module_of(used):
                loop = way(inside, used, user)
                loops.setdefault(frozenset(loop), loop)
        for loop in sorted(loops.values(), key=len)[:shown]:
            yield "  " + ", ".join(f"{f} -> {g} ({why[f, g]})" for f, g in zip(loop, loop[1:] + loop[:1]))
        if len(loops) > shown:
            yield f"  ... and {len(loops) - shown} longer loops"


# ---- the verbs of agent/agent.h: one way in, one way out -----------------------------------------------------------
def verbs(tree):
    """Each verb that gets the time is defined in agent_verbs.c and returns only by leave(); no other file calls
    agent_update_deadline()."""
    path = "src/agent/agent_verbs.c"
    names = re.findall(r"[ *](agent_[a-z_]*)\(struct agent \*a,[^;)]* \*now\)", tree.files["src/agent/agent.h"])
    if len(names) < 20:
        yield "src/agent/agent.h: this check no longer finds its verbs"
    for verb in names:
        body = re.search(rf"^[a-z].*[ *]{verb}\([^;{{]*\)\n\{{\n(.*?)\n\}}", tree.files[path], re.M | re.S)
        lines = body.group(1).split("\n") if body else []
        if not body:
            yield f"{path}: {verb} is missing"
        elif sum("leave(a," in line for line in lines) != 1 or not lines[-1].endswith("now);"):
            yield f"{path}: {verb} does not end with leave()"
        if any("return" in line and "return leave(a," not in line for line in lines):
            yield f"{path}: {verb} returns without leave()"
    for file, text in sorted(tree.files.items()):
        if re.match(r"src/agent/(?!agent_verbs|mux)\w+\.c", file) and re.search(r"(?<!void )\bagent_settle\(", text):
            yield f"{file}: calls agent_update_deadline()"


# ---- the journeys of docs/architecture.md -----------------------------------------------------------------------
def journeys(tree):
    """Every `function` (file), or `function`, `function` (file), is defined in that file."""
    page = tree.files["docs/architecture.md"]
    items = re.findall(r"^\d+\. .*(?:\n   .*)*", page, re.M)
    if len(items) < 40:
        yield "docs/architecture.md: this check no longer finds its lists"
    for item in items:
        named = re.findall(r"((?:`\w+`,\s+)*`\w+`)\s+\(([\w/]+\.[ch])\)", item)
        if len(re.findall("`", item)) != sum(len(re.findall("`", names)) for names, _ in named):
            yield f"docs/architecture.md: a `function` without its (file): {item}"
        for names, file in named:
            text = tree.files.get(f"src/{file}", tree.files.get(file, ""))
            for name in re.findall(r"\w+", names):
                if not re.search(rf"^[a-z][^;{{}}()\n]*\b{name}\([^;{{}}]*\)\n\{{", text, re.M):
                    yield f"docs/architecture.md: {name} is not defined in {file}"


# ---- what the lower half calls of libc ------------------------------------------------------------------------
def no_kernel(tree):
    """Variants for FORTIFY, large files and 64-bit time count as the plain name. Functions defined by the lower half
    itself are allowed."""
    own = {s.name for symbols in tree.lower.values() for s in symbols if defines(s)}
    for file, symbols in tree.lower.items():
        for s in symbols:
            plain = re.sub(r"^__isoc[0-9]+_|^__", "", s.name)
            plain = re.sub(r"_chk$", "", plain)
            plain = re.sub(r"(64|_time64)$", "", plain)
            if s.kind in "Uwv" and s.name not in own and DENIED.match(plain):
                yield f"{file}.c calls {s.name}"


def no_static(tree):
    """State belongs into structs owned by callers. Constants that contain addresses (.data.rel.ro) are allowed."""
    for file, symbols in tree.lower.items():
        for s in symbols:
            variable = s.type in ("OBJECT", "TLS") and re.match(r"\.(t?data|t?bss|sdata|sbss)", s.section)
            constant = s.section.startswith(".data.rel.ro") or s.name.startswith(("__odr_asan", ".L"))
            if (variable and not constant or s.section == "*COM*") and file not in STATIC:
                yield f"{file}.c: {s.name} ({s.section})"


# ---- all checks -----------------------------------------------------------------------------------------------
def check_all(tree):
    """[(name of the check, [violations])]"""
    places = sorted({place_of(p) for p in tree.files if not p.endswith(".md")})
    places = [p for p in places if p in PROGRAMS or p.split("/")[-1] in tree.uses or not p.startswith("src/")]
    found = [(f"{p} includes only {' '.join(['gbagent', *allowed(tree, p)])}", may(tree, p)) for p in places]
    found += [
        ("the table of folders has a row for each of src/", rows(tree)),
        ("the dependencies between folders have no cycle", rows_above(tree)),
        ("no symbol of a forbidden folder is used", may_by_symbols(tree)),
        ("nothing includes a program", programs(tree)),
        ("every file includes its own header first", own_first(tree)),
        ("no dependency cycle among files of different modules", no_cycles(tree)),
        ("every verb of agent/agent.h ends with leave()", verbs(tree)),
        ("docs/architecture.md names functions and their files correctly", journeys(tree)),
        *((name, only(tree, header, file)) for header, file, name in ONLY),
        ("the lower half makes no kernel, clock, random or output call", no_kernel(tree)),
        ("no variable with static storage but the log's and libosip2's clock", no_static(tree)),
    ]
    return [(name, list(wrong)) for name, wrong in found]


def report(results, name="layers", totals=os.environ.get("TOTALS")):
    """Prints the results, adds them to the totals, returns the exit code."""
    for what, wrong in results:
        print(f"  {'FAIL' if wrong else 'ok  '}  {name}: {what}")
        for line in wrong:
            print(f"        | {line}")
    failed = sum(1 for _, wrong in results if wrong)
    if totals:
        with open(totals, "a", encoding="utf-8") as file:
            file.write(f"{name} {len(results) - failed} {failed} 0\n")
    print(f"{name}: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


def read_tree():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lower", nargs="+", required=True)
    parser.add_argument("--upper", nargs="+", required=True)
    args = parser.parse_args()
    return Tree(read_files(), read_objects(args.lower), read_objects(args.upper))


def main():
    tree = read_tree()
    print("  folder     may use")
    for folder, uses in tree.uses.items():
        print(f"  {folder:<10} {' '.join(uses) or '-'}")
    sys.exit(report(check_all(tree)))


if __name__ == "__main__":
    main()
