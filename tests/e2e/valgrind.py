# SPDX-License-Identifier: MIT
"""A hundred calls under valgrind: no leaks, no errors."""

import shutil

import lib
from lib import check, equal

# glibc's loader reads short strings by whole words when it loads a charset module.
SUPPRESS = """{
   loader
   Memcheck:Addr8
   fun:strncmp
   fun:is_dst
   ...
}
"""


def test(t):
    lib.need(shutil.which("valgrind"), "valgrind is not installed")
    lib.need(not lib.RUN, "runs under an emulator")
    lib.need((lib.BIN / "gbagentd").exists(), "gbagentd is not built")
    lib.need(b"__asan_init" not in (lib.BIN / "gbagentd").read_bytes(), "built with a sanitizer")
    lib.SLOW = max(lib.SLOW, 4)
    (t.folder / "valgrind.supp").write_text(SUPPRESS)
    p = t.platform()
    command = ["valgrind", "-q", "--leak-check=full", "--error-exitcode=99", "--child-silent-after-fork=yes",
               "--show-leak-kinds=definite,indirect,possible", "--errors-for-leak-kinds=definite,indirect,possible",
               f"--log-file={t.folder}/valgrind.txt", f"--suppressions={t.folder}/valgrind.supp"]
    d = t.daemon(t.config(p, log={"level": "info"}), run=command)
    check(p.wait_online(30), "not online")
    p.catalog(lib.DEVICE)
    p.control(lib.CHANNEL, f"<PTZCmd>{lib.manscdp.ptz(1, 9)}</PTZCmd>")
    for n in range(100):
        call = p.invite(lib.CHANNEL, ssrc=f"02{n:08d}", media="tcp-passive" if n % 4 == 0 else "udp", timeout=15,
                        expect_gaps=True)
        equal(call.status, 200, f"INVITE {n}")
        check(call.media.wait_units(1, 15), f"no media in call {n}")
        equal(call.bye(timeout=15).status, 200, f"BYE {n}")
        call.close_media()
    code = d.stop(timeout=10)
    text = (t.folder / "valgrind.txt").read_text(errors="replace")
    check(code == 0 and not text.strip(), f"exit {code}: {text[:4000]}")
    t.daemons.remove(d)


lib.main(test)
