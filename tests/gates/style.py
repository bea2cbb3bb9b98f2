#!/usr/bin/env python3
"""Gate on the shape of the code: function and file size, complexity, line
width, forbidden calls, the comment at the head of each .c file.

Our layout makes this easy: a function body is what stands between a brace
in column 0 and the next closing brace in column 0.

usage: style.py            check, exit 1 with one line per finding
       style.py --table    print sizes per room
"""
import pathlib
import re
import statistics
import sys

ROOMS = ("core", "plugins", "tools", "tests")
MAX_FUNCTION = 80
MAX_COMPLEXITY = 15
MAX_FILE = 600
MAX_COLUMNS = 80
# what it is called, and what to use instead
FORBIDDEN = {
    "strcpy": "buf or snprintf", "strcat": "buf", "sprintf": "snprintf",
    "vsprintf": "vsnprintf", "gets": "fgets", "atoi": "strtol",
    "atol": "strtol", "system": "posix_spawn", "strtok": "strtok_r",
    "localtime": "zone", "gmtime": "gmtime_r", "rand": "randombytes",
    "tmpnam": "mkstemp", "popen": "posix_spawn", "alloca": "malloc",
    "setlocale": "nothing: strings are UTF-8",
}
TESTS_MAY = {"strcat", "strcpy", "system", "rand", "sprintf", "popen"}
MAX_TEST_FILE = 1000
BRANCH = re.compile(r"\b(?:if|for|while|case)\b|&&|\|\||\?")
CALL = re.compile(r"(?<![\w.>])(" + "|".join(FORBIDDEN) + r")\s*\(")
STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def code_only(text):
    """The text with comments and strings blanked, same lines."""
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/',
                  blank, text, flags=re.S)
    return text.splitlines()


def functions(lines):
    """(name, first line, length, complexity) of each function."""
    start = None
    for n, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = n
        elif line.startswith("}") and start is not None:
            body = lines[start - 1:n]
            head = " ".join(lines[max(0, start - 8):start - 1])
            names = re.findall(r"(\w+)\s*\(", head)
            cc = 1 + sum(len(BRANCH.findall(x)) for x in body)
            name = next((m.group(1) for m in
                         (re.match(r"(\w+)\(", x) for x in
                          reversed(lines[max(0, start - 12):start - 1]))
                         if m), names[-1] if names else "?")
            yield name, start, n - start + 1, cc
            start = None


def columns(line):
    return len(line.expandtabs(8))


def check_file(path, rel):
    text = path.read_text(encoding="utf-8")
    raw = text.splitlines()
    lines = code_only(text)
    generated = "do not edit" in text[:400]
    out = []
    most = MAX_TEST_FILE if rel.startswith("tests") else MAX_FILE
    if len(raw) > most and not generated:
        out.append(f"{rel}: {len(raw)} lines, more than {most}")
    if path.suffix == ".c" and not text.startswith("/*"):
        out.append(f"{rel}:1: no comment that says what the file is for")
    for n, line in enumerate(raw, 1):
        if columns(line) > MAX_COLUMNS and not generated:
            out.append(f"{rel}:{n}: {columns(line)} columns")
    for n, line in enumerate(lines, 1):
        for call in CALL.findall(line):
            if rel.startswith("tests") and call in TESTS_MAY:
                continue
            out.append(f"{rel}:{n}: {call}(): use {FORBIDDEN[call]}")
    if path.suffix == ".c":
        for name, n, length, cc in functions(lines):
            if length > MAX_FUNCTION:
                out.append(f"{rel}:{n}: {name}: {length} lines")
            if cc > MAX_COMPLEXITY and not rel.startswith("tests"):
                out.append(f"{rel}:{n}: {name}: complexity {cc}, more than "
                           f"{MAX_COMPLEXITY}")
    return out


def sources(top):
    for room in ROOMS:
        for path in sorted((top / room).rglob("*.[ch]")):
            rel = str(path.relative_to(top))
            if "/abi/1." not in rel:    # frozen copies
                yield path, rel


def table(top):
    sizes = {}
    for path, rel in sources(top):
        if path.suffix == ".c":
            room = "/".join(rel.split("/")[:2])
            text = path.read_text(encoding="utf-8")
            lengths = [f[2] for f in functions(code_only(text))]
            sizes.setdefault(room, [[], 0])
            sizes[room][0] += lengths
            sizes[room][1] += len(text.splitlines())
    for room, (lengths, lines) in sorted(sizes.items()):
        if lengths:
            lengths.sort()
            print(f"{room:24} {lines:6} lines {len(lengths):5} functions, "
                  f"median {statistics.median(lengths):4.0f}, "
                  f"p90 {lengths[int(len(lengths) * .9)]:3}, "
                  f"max {lengths[-1]:3}")


def main():
    top = pathlib.Path(__file__).resolve().parents[2]
    if "--table" in sys.argv:
        table(top)
        return 0
    found = [line for path, rel in sources(top)
             for line in check_file(path, rel)]
    for line in found:
        print(line)
    print(f"style: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
