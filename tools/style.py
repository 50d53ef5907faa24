#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hard limits of CONTRIBUTING.md that no compiler checks.

    tools/style.py [ROOT]       check a tree; exit 1 and one line per fault
    tools/style.py --self-test  plant one fault of each kind and see that each is found

Sizes of functions and their McCabe complexity come from pmccabe.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FILE_LINES = 500
FUNCTION_LINES = 60
COMPLEXITY = 10
# Per 1000 lines of a room; include guards and __cplusplus do not count as conditions.
GOTO_DENSITY = 2.0
CONDITION_DENSITY = 5.0

C_SOURCES = {".c", ".h", ".cpp", ".hpp"}
SOURCES = C_SOURCES | {".py", ".sh", ".cmake"}
TEXTS = SOURCES | {".md", ".txt", ".json", ".yml", ".in", ".1", ".bash"}
NAMES = {"Makefile", "run"}  # texts without a suffix

LICENCE = "SPDX-License-Identifier: Apache-2.0"
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~])/(?:home|root|Users|work)/\w")
CONDITION = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b(?!.*(?:__cplusplus|_HP*$|_H$))")
# What a table in the form of a switch consists of: the compiler sees a missing case, and its
# length is its subject's, so the limits of functions do not apply to it.
TABLE_LINE = re.compile(r"\s*(?:switch \(.*|case\b.*|default:.*|return\b.*|[A-Z]+\(\w+\);|[{}])?$")
GOTO = re.compile(r"^\s*goto\s+\w+;")


def files_of(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if not path.is_file() or parts[0] in {"build", ".git", ".cache"}:
            continue
        if path.suffix in TEXTS or path.name in NAMES:
            yield path


def judge_text(name, lines, source):
    """Faults of one file that its text alone shows."""
    if source and not any(LICENCE in line for line in lines[:2]):
        yield f"{name}:1: no '{LICENCE}' in the first two lines"
    if source and len(lines) > FILE_LINES:
        yield f"{name}:{FILE_LINES + 1}: {len(lines)} lines; a file has at most {FILE_LINES}"
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line) and name != "tools/style.py":
            yield f"{name}:{number}: unfinished: {line.strip()}"
        if MACHINE_PATH.search(line):
            yield f"{name}:{number}: names a path of one machine: {line.strip()}"
        if source and line != line.rstrip():
            yield f"{name}:{number}: blanks at the end of the line"


def is_table(root, place, first, length):
    name = place.partition("(")[0]
    lines = (root / name).read_text(encoding="utf-8").splitlines()[first:first + length - 1]
    return (any("switch (" in line for line in lines)
            and all(TABLE_LINE.match(line) for line in lines))


def judge_functions(root, sources):
    """Faults that pmccabe measures. Its fields: modified and traditional complexity,
    statements, first line, lines, place, name."""
    rows = []
    for path in sources:  # one run each: pmccabe carries an unclosed #if into the next file
        name = path.relative_to(root).as_posix()
        run = subprocess.run(["pmccabe", name], cwd=root, capture_output=True, text=True,
                             check=True)
        rows += run.stdout.splitlines()
    for row in rows:
        fields = row.split("\t")
        complexity, length, place = int(fields[1]), int(fields[4]), fields[5]
        if is_table(root, place, int(fields[3]), length):
            continue
        name, _, function = place.partition(": ")
        name = re.sub(r"\((\d+)\)$", r":\1", name)
        if complexity > COMPLEXITY:
            yield f"{name}: {function} has complexity {complexity}; at most {COMPLEXITY}"
        if length > FUNCTION_LINES:
            yield f"{name}: {function} has {length} lines; at most {FUNCTION_LINES}"


def judge_density(rooms):
    """rooms: room -> [lines, gotos, conditions]."""
    for room, (lines, gotos, conditions) in sorted(rooms.items()):
        if gotos * 1000 > GOTO_DENSITY * lines:
            yield f"{room}: {gotos} goto in {lines} lines; at most {GOTO_DENSITY} per 1000"
        if conditions * 1000 > CONDITION_DENSITY * lines:
            yield f"{room}: {conditions} #if in {lines} lines; at most {CONDITION_DENSITY} per 1000"


def check(root):
    found = []
    rooms = {}
    c_sources = []
    for path in files_of(root):
        name = path.relative_to(root).as_posix()
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            found.append(f"{name}: not UTF-8 at byte {error.start}")
            continue
        source = path.suffix in SOURCES and path.name != "CMakeLists.txt"
        found += judge_text(name, lines, source)
        if path.suffix in C_SOURCES:
            c_sources.append(path)
            counts = rooms.setdefault(name.split("/", maxsplit=1)[0], [0, 0, 0])
            counts[0] += len(lines)
            counts[1] += sum(1 for line in lines if GOTO.match(line))
            counts[2] += sum(1 for line in lines if CONDITION.match(line))
    if not c_sources:
        found.append(f"{root}: no sources here")
    found += judge_functions(root, c_sources)
    found += judge_density(rooms)
    return found


def self_test():
    top = f"/* {LICENCE} */\n"
    deep = "int f(int a)\n{\n" + "    if (a) {\n        a--;\n    }\n" * 10 + "    return a;\n}\n"
    long = "int f(int a)\n{\n" + "    a++;\n" * 58 + "    return a;\n}\n"
    table = "int f(int a)\n{\n    switch (a) {\n" + "".join(
        f"    case {n}:\n        return {n};\n" for n in range(40)) + "    }\n    return 0;\n}\n"
    padding = "int x;\n" * 200
    planted = [
        ("fine/fine.c", top + "#ifndef FINE_H\n#ifdef __cplusplus\nint f(void);\n", None),
        ("licence/a.c", "int x;\n", "no 'SPDX"),
        ("lines/a.c", top + "int x;\n" * FILE_LINES, "501 lines"),
        ("unfinished/a.md", "TO" + "DO: all\n", "unfinished"),
        ("path/a.md", "see /home" + "/me/x\n", "one machine"),
        ("path/fine.md", "see https://a.org/home" + "/me and ~/work" + "/x\n", None),
        ("blanks/a.c", top + "int x; \n", "blanks"),
        ("deep/a.c", top + deep, "complexity 11"),
        ("long/a.c", top + long, "62 lines"),
        ("fine/table.c", top + table, None),
        ("notable/a.c", top + table.replace("return 0", "a++; return 0"), "f has"),
        ("goto/a.c", top + padding + "    goto out;\n", "1 goto"),
        ("if/a.c", top + padding + "#if A\n#elif B\n", "2 #if"),
        ("coding/a.c", b"\xff", "not UTF-8"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        for name, text, _ in planted:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        found = check(root)
    wrong = 0
    for name, _, word in planted:
        said = [line for line in found if line.startswith((name, name.split("/")[0] + ": "))]
        if (word is None and said) or (word and (not said or word not in said[0])):
            print(f"style: self-test: {name}: said {said}, expected {word}")
            wrong += 1
    return wrong, len(planted)


def main(arguments):
    if arguments == ["--self-test"]:
        wrong, planted = self_test()
        print(f"style: self-test: {planted} planted files, {wrong} judged wrong")
        return 1 if wrong else 0
    found = check(pathlib.Path(arguments[0] if arguments else ".").resolve())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
