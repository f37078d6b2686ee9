#!/bin/sh
# SPDX-License-Identifier: MIT
# Static checks. Usage: tests/lint.sh BUILDDIR   (from `make lint`)
# CFLAGS_BASE: the flags of the build. Checks whose tools are not installed are reported as skipped.
set -u

O=${1:?usage: tests/lint.sh BUILDDIR}
case $O in /*) ;; *) O=$PWD/$O ;; esac
cd "$(dirname "$0")/.." || exit 1
PYTHON=${PYTHON:-python3}
jobs=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)
passed=0 failed=0 skipped=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# verdict NAME: passes if $tmp/out, the list of violations, is empty.
verdict() {
    if [ -s "$tmp/out" ]; then
        failed=$((failed + 1))
        echo "  FAIL  lint: $1"
        head -60 "$tmp/out" | sed 's/^/        | /'
    else
        passed=$((passed + 1))
        echo "  ok    lint: $1"
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "  skip  lint: $1"
}

sources() { find src board include -name '*.[ch]' | sort; }
test_sources() { find tests -name '*.[ch]' | sort; }
makefiles() { ls -- Makefile *.mk toolchains/*.mk tests/*.mk; }
scripts() {
    find packaging tests toolchains .ci -type f 2> /dev/null | grep -v '^tests/fuzz/corpus/' | while read -r file; do
        case $(head -c 64 "$file" | head -1 | tr -d '\0') in
        '#!/bin/sh'* | '#!/bin/bash'* | '#!/usr/bin/env bash'*) echo "$file" ;;
        esac
    done
}

# libcurl is optional; without it, the file that includes it is skipped.
with_its_headers() {
    if echo '#include <curl/curl.h>' | ${CC:-cc} -fsyntax-only -x c - 2> /dev/null; then
        cat
    else
        grep -v '^src/http/http_curl\.c$'
    fi
}

# ---- compilers ------------------------------------------------------------------------------------------------
# The tools whose warnings are errors, in the versions of Debian 12 and 13. New warnings of newer versions must not fail
# a build or a check.
PINS='gcc 12
clang 14
clang-format 14
cppcheck 2.10 2.17
shellcheck 0.9 0.10'

# pinned TOOL: sets $tool to the program to run, or fails with the reason in $why.
pinned() {
    pins=$(echo "$PINS" | sed -n "s/^$1 //p")
    found=''
    for pin in $pins; do
        for program in "$1-$pin" "$1"; do
            command -v "$program" > /dev/null || continue
            version=$("$program" --version 2> /dev/null |
                sed -nE '/[0-9]\.[0-9]/ { s/.*[^0-9.]([0-9]+\.[0-9.]+).*/\1/; p; q }')
            found=$version
            case $version in "$pin" | "$pin".*) tool=$program; return 0 ;; esac
        done
    done
    why="$1 is not installed"
    [ -z "$found" ] || why="$1 $found: only version $(echo "$pins" | sed 's/ / and /g') is used"
    return 1
}

# The full warning set as errors, with both compilers. gcc generates code, because only then it tracks values.
for compiler in gcc clang; do
    if ! pinned "$compiler"; then
        skip "$why"
        continue
    fi
    case $compiler in
    gcc) extra='-c -o /dev/null' each=1 ;;
    clang) extra='-fsyntax-only -Wno-unknown-warning-option' each=4 ;;
    esac
    # shellcheck disable=SC2086 # CFLAGS_BASE is a list of flags
    eval "set -- $CFLAGS_BASE"
    # shellcheck disable=SC2086 # extra, too
    { find src board tests -name '*.c' | sort; } | with_its_headers |
        xargs -P "$jobs" -n "$each" "$tool" -O2 -Werror $extra "$@" > "$tmp/log" 2>&1 ||
        grep -E 'error|warning' "$tmp/log" > "$tmp/out" || cp "$tmp/log" "$tmp/out"
    verdict "$compiler -Werror"
    : > "$tmp/out"
done

# The compilers, sanitizers and valgrind check lifetimes and initialisation; cppcheck reports leaks in every intrusive
# list.
if pinned cppcheck; then
    "$tool" --quiet -j "$jobs" --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --suppress=uninitvar --suppress=memleak --suppress=autoVariables \
        --suppress=normalCheckLevelMaxBranches --suppress=missingIncludeSystem --suppress=unknownMacro \
        -D_GNU_SOURCE -D__linux__=1 -DGBAGENT_VERSION='"0"' \
        -DGBAGENT_SYSCONFDIR='"/etc"' -DGBAGENT_RUNDIR='"/run"' -DGBAGENT_DATADIR='"/usr/share"' \
        -Iinclude -Isrc -I. --template='{file}:{line}: {id}: {message}' src board > "$tmp/log" 2>&1 ||
        cp "$tmp/log" "$tmp/out"
    verdict "cppcheck"
    : > "$tmp/out"
else
    skip "$why"
fi

# ---- scripts --------------------------------------------------------------------------------------------------
if pinned shellcheck; then
    scripts | xargs "$tool" > "$tmp/out" 2>&1
    verdict "shellcheck"
    : > "$tmp/out"
else
    skip "$why"
fi
find tests packaging -name '*.py' | sort | while read -r file; do
    "$PYTHON" -c 'import sys; compile(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1], "exec")' "$file" 2>&1
done > "$tmp/out"
verdict "Python compiles"
find tests packaging -name '*.py' -exec grep -nE '^[[:space:]]*(import|from)[[:space:]]' {} + | "$PYTHON" -c '
import os, re, sys
local = {os.path.splitext(f)[0] for d, _, fs in os.walk("tests") for f in fs if f.endswith(".py")}
local |= {d for _, ds, _ in os.walk("tests") for d in ds}
for line in sys.stdin:
    where, text = re.match(r"([^:]+:\d+):(.*)", line).groups()
    m = re.match(r"\s*(?:import ([\w., ]+)|from ([\w.]*) import\b)", text)
    for name in ((m.group(1) or m.group(2)).split(",") if m else []):
        top = name.split(" as ")[0].strip().split(".")[0]
        if top and top not in sys.stdlib_module_names and top not in local:
            print("%s: %s is not in the standard library" % (where, top))
' > "$tmp/out"
verdict "Python uses only its standard library"

# The platform paces TCP pieces and waits for a busy port; the demo is paced for its viewer.
find tests/e2e tests/platform -name '*.py' | grep -vE '/(lib|gbplatform|demo)\.py$' |
    xargs grep -nE '\bsleep\(' > "$tmp/out"
verdict "end-to-end tests wait for conditions: no sleep outside tests/e2e/lib.py"

# ---- the text of the code -------------------------------------------------------------------------------------
banned='strcpy|strcat|sprintf|vsprintf|atoi|atol|atoll|strtok|alloca|system|popen|gets'
{ sources; test_sources; } | xargs grep -nE "(^|[^_[:alnum:]>.])($banned)[[:space:]]*\(" |
    grep -vE ':[[:space:]]*(\*|/\*|//)' > "$tmp/out"
verdict "no strcpy strcat sprintf atoi strtok alloca system popen gets"
sources | xargs grep -nE '\b(FD_SET|FD_ISSET|FD_ZERO|FD_CLR)[[:space:]]*\(' > "$tmp/out"
verdict "no FD_SET, which aborts at descriptor 1024"
test_sources | xargs grep -nE '\bskip\(\)' | grep -v '^tests/unit/support\.h:' > "$tmp/out"
verdict "every skipped test gives a reason"
test_sources | xargs grep -noE 'cmocka_unit_test(_[a-z_]+)?\([a-zA-Z_0-9]*' | grep -vE '\(test_' > "$tmp/out"
verdict "unit tests are named test_..."
sources | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b' > "$tmp/out"
verdict "no TODO, FIXME, XXX, HACK"
{ sources; test_sources; scripts; find tests packaging -name '*.py'; makefiles; } | sort -u |
    while read -r file; do
        head -2 "$file" | grep -q 'SPDX-License-Identifier: MIT' || echo "$file: no SPDX line"
    done > "$tmp/out"
verdict "SPDX lines"
if pinned clang-format; then
    { sources; test_sources; } | xargs "$tool" --dry-run 2>&1 | grep 'warning:' > "$tmp/out"
    verdict "clang-format changes nothing"
else
    skip "$why"
fi
"$PYTHON" tests/columns.py > "$tmp/out" 2>&1
verdict "columns, as in .editorconfig and .clang-format"
{ sources; test_sources; } | xargs grep -nE '[[:blank:]]+$|	' > "$tmp/out"
verdict "no tabs, no blanks at line ends"
{ sources; test_sources; } | xargs grep -nE 'typedef[[:space:]]+struct' > "$tmp/out"
verdict "no typedef'd structs"
listed=$(sed 's|#.*||' sources.mk | tr -s '[:space:]' ' ')
find src board tests -name '*.c' | sort | while read -r file; do
    case " $listed " in
    *" $file "*) ;;
    *) case $file in
       src/gbagentd.c | src/gbagentctl.c | tests/unit/support.c | tests/fuzz/replay_main.c) ;;
       tests/bench/* | tests/cross/*) ;;
       tests/unit/*.c | tests/fuzz/*.c)
           name=$(basename "$file" .c)
           grep -qw "$name" sources.mk || echo "$file: not in sources.mk" ;;
       *) echo "$file: not in sources.mk" ;;
       esac ;;
    esac
done > "$tmp/out"
verdict "every source is listed in sources.mk"

# ---- what users read ------------------------------------------------------------------------------------------
man=packaging/man/gbagent.conf.5
if [ -x "$O/gbagentd" ] && [ -f "$man" ]; then
    if "$O/gbagentd" --print-config > "$tmp/conf" 2> "$tmp/out"; then
        : > "$tmp/out"
        # The boards differ from build to build.
        sed -i '/^# ---- boards in this build/,$d' "$tmp/conf"
        sed -n 's/^[#; ]*\([a-z][a-z_0-9]*\)[[:space:]]*=.*/\1/p' "$tmp/conf" | sort -u | while read -r key; do
            plain=$(printf '%s' "$key" | sed 's/_/[_]/g')
            sed 's/\\-/-/g; s/\\_/_/g; s/\\fB//g' "$man" | grep -qw -- "$plain" ||
                echo "$man: key $key is missing"
        done > "$tmp/out"
        [ -s "$tmp/conf" ] || echo "--print-config printed nothing" >> "$tmp/out"
    fi
    verdict "the man page has every key of --print-config"
    diff -u packaging/gbagent.conf "$tmp/conf" > "$tmp/out" 2>&1
    verdict "packaging/gbagent.conf is the output of --print-config"
else
    skip "man page: no gbagentd or no $man"
fi
for file in README.md README.zh-CN.md; do
    for command in 'sh packaging/quickstart.sh demo' 'sh packaging/quickstart.sh check'; do
        grep -qsF "$command" "$file" || echo "$file: does not show '$command'"
    done
done > "$tmp/out"
[ "$(grep -c '^## ' README.md)" = "$(grep -c '^## ' README.zh-CN.md)" ] ||
    echo "README.md and README.zh-CN.md have different sections" >> "$tmp/out"
verdict "README in both languages"
"$PYTHON" tests/translations.py > "$tmp/out" 2>&1
verdict "texts in both languages$(command -v groff > /dev/null || echo ' (no groff: not formatted)')"
{
    version=$(cat VERSION)
    grep -qE "^## \[(Unreleased|$version)\]" CHANGELOG.md || echo "CHANGELOG.md: neither [Unreleased] nor [$version]"
    grep -q 'MIT License' LICENSE || echo "LICENSE: not the MIT License"
    for target in all check check-unit check-e2e check-layers check-features check-cross check-trixie lint asan fuzz \
        fuzz-replay bench install uninstall dist size help clean; do
        grep -qE "^  $target( |\$)" packaging/help.txt || echo "packaging/help.txt: does not list $target"
    done
    # Links from the Markdown files to files of this tree.
    for file in ./*.md .github/*.md board/*.md docs/*.md; do
        [ -f "$file" ] || continue
        grep -oE '\]\([^)#]+' "$file" | sed 's/^](//' | grep -vE '^[a-z]+:' | while read -r link; do
            [ -e "$(dirname "$file")/$link" ] || echo "$file: no such file: $link"
        done
    done
} > "$tmp/out" 2>&1
verdict "CHANGELOG, LICENSE, help, links"

"$PYTHON" tests/github.py > "$tmp/out" 2>&1
verdict "workflow and templates for GitHub"

[ -n "${TOTALS:-}" ] && echo "lint $passed $failed $skipped" >> "$TOTALS"
echo "lint: $passed passed, $failed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
[ "$failed" -eq 0 ]
