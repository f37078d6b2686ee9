#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Holds what is written in English and Chinese together. Prints what differs.

- man pages: the same sections, options, commands, keys, signals and log events, and the same words in bold
- README and porting guide: the same number of sections, the same code
- the words that CONTRIBUTING's glossary refuses do not occur in Chinese texts
- groff, if it is there, formats every page without a warning
"""

import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAN = ROOT / "packaging" / "man"
PAGES = ("gbagentd.8", "gbagentctl.1", "gbagent.conf.5")
SECTIONS = {"NAME": "名称", "SYNOPSIS": "概要", "DESCRIPTION": "描述", "OPTIONS": "选项", "COMMANDS": "命令", "SIGNALS": "信号",
            "LOG EVENTS": "日志事件", "ENVIRONMENT": "环境变量", "EXIT STATUS": "退出状态", "KEYS": "配置项", "FILES": "文件",
            "EXAMPLES": "示例", "SEE ALSO": "参见"}
GUIDES = (("README.md", "README.zh-CN.md"), ("board/README.md", "board/README.zh-CN.md"))
# Inline code that one language has and the other has no use for.
OWN_CODE = {"=zh", "gbagentd --print-config=zh", "man -L zh_CN gbagent.conf", "man gbagent.conf",
            "gbagentd --print-config",
            "packaging/man/zh_CN/", "yes", "no"}
CHINESE = ("*.md", "board", "docs", "include", "packaging", "src", ".github")
GLOSSARY = "CONTRIBUTING.md"
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


# ---- man pages -------------------------------------------------------------------------------------------------------

FONT = re.compile(r"\\f[BIRP]")
BOLD = re.compile(r"\\fB(.*?)\\f[RIP]")


def words(arguments):
    """The arguments of a macro: words, or texts in quotes."""
    return [m.group(1) if m.group(1) is not None else m.group(2) for m in re.finditer(r'"([^"]*)"|(\S+)', arguments)]


def bold(line):
    """What a line sets in bold: by a macro whose name says so, or by escapes."""
    m = re.match(r"\.(B|BR|BI|RB|IB) (.*)", line)
    if not m:
        return BOLD.findall(line)
    if m[1] == "B":
        return [" ".join(words(m[2]))]
    return [w for i, w in enumerate(words(m[2])) if m[1][i % 2] == "B"]


def plain(line):
    m = re.match(r"\.[A-Z]{1,2} (.*)", line)
    return FONT.sub("", "".join(words(m[1])) if m and line[1:3] in ("BR", "BI", "RB", "IB") else m[1] if m else line)


class Page:
    """tags[section]: what .TP and .TQ describe, in order, with the subsections between; bold[section]: a set."""

    def __init__(self, path):
        self.sections, self.tags, self.bold, section, tag = [], {}, {}, "", False
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(".SH "):
                section = line[4:]
                self.sections.append(section)
                self.tags[section], self.bold[section] = [], set()
            elif line.startswith(".SS "):
                self.tags[section].append("[" + re.split("[:：]", plain(line))[0].strip("[]") + "]")
            elif line in (".TP", ".TQ"):
                tag = True
            elif section:
                if tag:
                    self.tags[section].append(plain(line))
                    tag = False
                self.bold[section] |= {w.strip(" ,.;") for w in bold(line)} - {""}


def differ(what, one, two):
    """Lines that say what is in one alone; the same for two."""
    return ([f"{what}: only in English: {x}" for x in one if x not in two] +
            [f"{what}: only in Chinese: {x}" for x in two if x not in one])


def check_pages():
    bad = []
    for name in PAGES:
        en, zh = Page(MAN / name), Page(MAN / "zh_CN" / name)
        if [SECTIONS.get(s, s) for s in en.sections] != zh.sections:
            bad.append(f"{name}: sections {', '.join(en.sections)} and {', '.join(zh.sections)}")
        for s in en.sections:
            t = SECTIONS.get(s, s)
            if t not in zh.tags:
                continue
            found = differ(f"{name}, {s}", en.tags[s], zh.tags[t]) + differ(f"{name}, {s}, bold", en.bold[s],
                                                                            zh.bold[t])
            if not found and en.tags[s] != zh.tags[t]:
                found = [f"{name}, {s}: another order in Chinese"]
            bad += found
    return bad


def check_groff():
    if not shutil.which("groff"):
        return []
    bad = []
    for path in [p for name in PAGES for p in (MAN / name, MAN / "zh_CN" / name)]:
        done = subprocess.run(["groff", "-mandoc", "-Kutf8", "-Tutf8", "-ww", str(path)], capture_output=True,
                              text=True,
                              encoding="utf-8", check=False)
        bad += [line.replace(str(ROOT) + "/", "") for line in done.stderr.splitlines()[:5]]
    return bad


# ---- Markdown --------------------------------------------------------------------------------------------------------

def code(text):
    """(blocks without comments and Chinese, inline code)."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.S | re.M)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    blocks = [re.sub(r"#(?!include).*|/\*.*?\*/|BOARD_HELP\(.*?\)|\.help = \".*?\"", "", b) for b in blocks]
    lines = [re.sub(r"\s+", "", x) for b in blocks for x in b.splitlines()]
    return [x for x in lines if x and not CJK.search(x)], set(re.sub(r"\s+|\(\".*", " ", c).strip()
                                                              for c in re.findall(r"`([^`]+)`", rest))


def check_guides():
    bad = []
    for en, zh in GUIDES:
        one, two = read(en), read(zh)
        if one.count("\n## ") != two.count("\n## "):
            bad.append(f"{zh}: not as many sections as {en}")
        (blocks1, inline1), (blocks2, inline2) = code(one), code(two)
        bad += differ(f"{zh}, code", blocks1, blocks2)
        bad += [b for b in differ(f"{zh}, code", sorted(inline1), sorted(inline2))
                if b.split(": ", 2)[2] not in OWN_CODE]
    return bad


# ---- words -----------------------------------------------------------------------------------------------------------

def refused():
    """The third column of the glossary."""
    rows = re.findall(r"^\|([^|\n]*[A-Za-z][^|\n]*)\|([^|\n]*)\|([^|\n]*)\|$",
                      read(GLOSSARY).partition("## Texts in Chinese")[2], re.M)
    return [w for row in rows for w in re.findall(r"[\u4e00-\u9fff]+", row[2])]


def check_words():
    bad, wrong = [], refused()
    if len(wrong) < 5:
        return [f"{GLOSSARY}: no glossary with refused words"]
    for place in CHINESE:
        for top in ROOT.glob(place):
            for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
                if not path.is_file() or path.suffix not in (".md", ".txt", ".c", ".h", ".yml", ".8", ".1", ".5",
                                                             ".conf"):
                    continue
                if path == ROOT / GLOSSARY:
                    continue
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                    bad += [f"{path.relative_to(ROOT)}:{number}: {w}, see the glossary in {GLOSSARY}" for w in wrong
                            if w in line]
    return bad


if __name__ == "__main__":
    for problem in check_pages() + check_groff() + check_guides() + check_words():
        print(problem)
