#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves the layers of CONTRIBUTING.md: who may include whom, and what the lower half may ask of libc.
# Usage: tests/layers.sh LIBLOWER.A   (NM= names the binutils of the build)
set -u

archive=${1:?usage: tests/layers.sh LIBLOWER.A}
NM=${NM:-nm}
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# verdict NAME FILE: FILE lists what breaks the rule.
verdict() {
    if [ -s "$2" ]; then
        failed=$((failed + 1))
        echo "  FAIL  layers: $1"
        sed 's/^/        | /' "$2"
    else
        passed=$((passed + 1))
        echo "  ok    layers: $1"
    fi
}

# ---- quoted includes: FOLDER may include only from these folders -------------------------------------------
# includes_of FOLDER: "file: path" for every quoted include.
includes_of() {
    find "$1" -name '*.[ch]' | sort | while read -r file; do
        sed -n 's|^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*|\1|p' "$file" | sed "s|^|$file: |"
    done
}

# may FOLDER PATTERN...: an include is allowed when it starts with one of them.
may() {
    folder=$1
    shift
    [ -d "$folder" ] || return 0
    pattern=$(printf '|%s' "$@" | cut -c2-)
    includes_of "$folder" | grep -Ev ": ($pattern)" > "$tmp/out"
    verdict "$folder includes only $*" "$tmp/out"
}

may include gbagent/
for board in board/*/; do
    board=${board%/}
    # A port sees the public headers, its own folder, and what is pure of ours; nothing of the daemon.
    may "$board" gbagent/ util/ codec/ "$board/" '[^/]*$'
done

# ---- the table of folders in CONTRIBUTING.md: "| `folder` | what it holds | whom it may use |" -------------------------------
sed -n 's/^| `\([a-z]*\)` |.*| *\([a-z ]*\)|$/\1 \2/p' CONTRIBUTING.md > "$tmp/folders"
find src -mindepth 1 -type d | sed 's|^src/||' | sort > "$tmp/have"
cut -d' ' -f1 "$tmp/folders" | sort | diff "$tmp/have" - > "$tmp/out"
verdict "the table of folders has a row for each of src/" "$tmp/out"
# Each may use rows above it alone, so the arrows form no circle.
awk '{ for (i = 2; i <= NF; i++) if (!($i in above)) print $1 " may use " $i ", which is no row above it"; above[$1] = 1 }' \
    "$tmp/folders" > "$tmp/out"
verdict "the arrows between folders form no circle" "$tmp/out"
while read -r folder uses; do
    set -- gbagent/ "$folder/"
    for other in $uses; do set -- "$@" "$other/"; done
    may "src/$folder" "$@"
done < "$tmp/folders"

# gbagentctl renders nothing and links nothing of the daemon.
includes_of src | grep -E '^src/gbagentctl\.c: ' > "$tmp/out"
verdict "src/gbagentctl.c stands alone" "$tmp/out"

# ---- own header first ----------------------------------------------------------------------------------------
find src -name '*.c' | sort | while read -r file; do
    own=${file#src/}
    own=${own%.c}.h
    [ -f "src/$own" ] || continue
    first=$(grep -m1 '^[[:space:]]*#[[:space:]]*include' "$file")
    # ... or the private one beside it, which brings it: agent/agent.c and agent/agent_impl.h.
    case $first in "#include \"$own\"" | "#include \"${own%.h}_"*) ;; *) echo "$file: first include is $first" ;; esac
done > "$tmp/out"
verdict "every file includes its own header first" "$tmp/out"

# ---- the verbs of agent/agent.h: one way in, one way out ------------------------------------------------------
# Each that is told the time is defined in agent_verbs.c and returns through leave() alone, and nobody settles behind their
# back.
tr '\n' ' ' < src/agent/agent.h | tr ';' '\n' | sed -n 's/.*[ *]\(agent_[a-z_]*\)(struct agent \*a,.* \*now)[^)]*$/\1/p' > "$tmp/verbs"
{
    [ "$(wc -l < "$tmp/verbs")" -ge 20 ] || echo "src/agent/agent.h: its verbs are not found by this check any more"
    while read -r verb; do
        awk -v verb="$verb" '
            /^[a-z]/ { inside = index($0, " " verb "(") > 0; if (inside) { found = 1; ways = 0 } }
            inside && /leave\(a,/ { ways++ }
            inside && /return/ && !/return leave\(a,/ { print FILENAME ":" FNR ": " verb " returns past leave()" }
            inside && /^}/ { if (ways != 1 || last !~ /now\);$/)
                                 print FILENAME ":" FNR ": " verb " does not end with leave()"; inside = 0 }
            { last = $0 }
            END { if (!found) print FILENAME ": " verb " is not here" }' src/agent/agent_verbs.c
    done < "$tmp/verbs"
    grep -nE '\bagent_settle\(' src/agent/*.c | grep -Ev '^src/agent/(agent_verbs|mux)\.c:|:void agent_settle\('
} > "$tmp/out"
verdict "every verb of agent/agent.h leaves the same way" "$tmp/out"

# ---- third parties: one includer each --------------------------------------------------------------------------
# only REGEX-OF-HEADER REGEX-OF-FILE NAME
only() {
    grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($1)" include src board --include='*.[ch]' |
        grep -Ev "^($2):" > "$tmp/out"
    verdict "$3" "$tmp/out"
}

only 'mbedtls/'                 'src/codec/digest\.c'  'mbedtls is included by codec/digest.c alone'
only 'iconv\.h'                 'src/codec/charset\.c' 'iconv is included by codec/charset.c alone'
only 'mxml'                     'src/codec/xml\.c'     'mxml is included by codec/xml.c alone'
only 'ini\.h'                   'src/conf/conf[a-z_]*\.c' 'inih is included by the config reader alone'
only 'curl/'                    'src/http/http\.c'   'libcurl is included by http/http.c alone'
only '(osip2|osipparser2)/'     'src/sip/osip\.c'     'libosip2 is included by sip/osip.c alone'
grep -rlE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]ini\.h' src | tail -n +2 > "$tmp/out"
verdict 'inih has one includer' "$tmp/out"
grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<pthread\.h>' include src > "$tmp/out"
verdict 'threads exist in boards alone' "$tmp/out"

# ---- what the lower half asks of libc ------------------------------------------------------------------------
# Kernel, clock, randomness and output. FORTIFY's, large-file and 64-bit-time variants are folded into the plain name.
denied='socket|socketpair|bind|listen|connect|accept|accept4|shutdown|send|sendto|sendmsg|sendmmsg|recv|recvfrom|recvmsg
|recvmmsg|setsockopt|getsockopt|getsockname|getpeername|getaddrinfo|gethostbyname|select|pselect|poll|ppoll|epoll_[a-z0-9]+
|open|openat|creat|fopen|fdopen|freopen|close|fclose|read|pread|readv|fread|fgets|fgetc|getc|getline|write|pwrite|writev
|fwrite|fputs|fputc|putc|putchar|puts|printf|fprintf|vprintf|vfprintf|dprintf|vdprintf|perror|syslog|vsyslog
|time|clock|clock_gettime|clock_nanosleep|gettimeofday|settimeofday|localtime|localtime_r|mktime|ftime|nanosleep|sleep|usleep
|alarm|timer_[a-z]+|timerfd_[a-z]+|eventfd|signalfd|signal|sigaction|kill|raise|fork|vfork|exec[a-z]+|posix_spawn[a-z]*|system
|popen|pclose|exit|_exit|_Exit|quick_exit|atexit|getrandom|getentropy|random|rand|rand_r|srand|drand48|lrand48|arc4random[a-z_]*
|getenv|secure_getenv|setenv|setlocale|pipe|pipe2|dup|dup2|fcntl|ioctl|mmap|munmap|unlink|rename|mkdir|stat|fstat|lstat|access
|pthread_[a-z_]+|thrd_[a-z]+|dlopen|strcpy|strcat|sprintf|vsprintf|strtok|gets|stdout|stderr|stdin'
denied=$(printf '%s' "$denied" | tr -d '\n')

if [ ! -s "$archive" ] || ! $NM "$archive" > /dev/null 2>&1; then
    echo "$archive: cannot be read" > "$tmp/out"
    verdict "the lower half can be examined" "$tmp/out"
else
    # Lines "object.o:" head each member's symbols. What the lower half defines itself is not asked of libc.
    $NM -g --defined-only "$archive" 2> /dev/null | awk 'NF >= 3 { print $NF }' | sort -u > "$tmp/defined"
    $NM -u "$archive" 2> /dev/null | awk -v defs="$tmp/defined" -v denied="^($denied)\$" '
        BEGIN { while ((getline name < defs) > 0) own[name] = 1 }
        /:$/  { object = $0; next }
        NF    { name = $NF; sub(/@.*/, "", name); if (name in own) next
                plain = name
                sub(/^__isoc[0-9]+_/, "", plain); sub(/^__/, "", plain); sub(/_chk$/, "", plain)
                sub(/(64|_time64)$/, "", plain)
                if (plain ~ denied) print object " U " name }' > "$tmp/out"
    verdict "the lower half makes no kernel, clock, random or output call" "$tmp/out"

    # State lives in structures that callers own; constants with addresses in them (.data.rel.ro) are constants.
    $NM -f sysv "$archive" 2> /dev/null | awk -F'|' '
        /^Symbols from|:$/ { object = $0; sub(/^Symbols from /, "", object) }
        NF >= 7 { section = $NF; gsub(/[[:space:]]/, "", section); name = $1; gsub(/[[:space:]]/, "", name)
                  type = $4; gsub(/[[:space:]]/, "", type)
                  if (type == "OBJECT" && section ~ /^\.(data|bss|tdata|tbss|sdata|sbss)/ && section !~ /^\.data\.rel\.ro/ ||
                      section == "*COM*")
                      print object " " name " (" section ")" }' |
        grep -Ev '(\[|/|^)(log|osip)\.o' > "$tmp/out"
    verdict "no variable with static storage but the log's and libosip2's clock" "$tmp/out"
fi

[ -n "${TOTALS:-}" ] && echo "layers $passed $failed 0" >> "$TOTALS"
echo "layers: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
