#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds core/ and boot/ to MC/DC: every condition was seen to decide, both ways.

    tools/mcdc.py EXPORT.json  judge what `llvm-cov export` wrote (tools/mcdc.sh makes it)
    tools/mcdc.py --self-test  reports with known gaps

MC/DC asks of each condition of a decision with several that two runs differ in it alone and in
the outcome; of a decision with one condition, that it was true and false. What cannot happen
stands in tools/mcdc.txt with its reason. The tool fails on a gap without a reason, on a reason
without its gap, and when a source of core/ or boot/ is missing from the report.
"""
import json
import pathlib
import sys
import tempfile

import reasons as explained_gaps

ROOT = pathlib.Path(__file__).resolve().parent.parent
REASONS = ROOT / "tools" / "mcdc.txt"
ROOMS = ("core", "boot")
IN_DECISION = 6  # llvm's kind of a branch that belongs to a decision with several conditions


class Texts:
    """The sources, to name a place by what stands there."""

    def __init__(self, root):
        self.root = root
        self.lines = {}

    def at(self, name, first, column, last, end):
        if name not in self.lines:
            self.lines[name] = (self.root / name).read_text(encoding="utf-8").splitlines()
        lines = self.lines[name][first - 1:last]
        lines[-1] = lines[-1][:end - 1]
        lines[0] = lines[0][column - 1:]
        return " ".join(" ".join(lines).split())


def name_of(path, root):
    path = pathlib.Path(path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def collect(export, root):
    """(file, function) -> decisions and single conditions, added up over all copies of inline
    functions: place -> list of booleans, place -> [times true, times false]."""
    found = {}
    for function in export["data"][0]["functions"]:
        names = [name_of(path, root) for path in function["filenames"]]
        if names[0].split("/")[0] not in ROOMS:
            continue
        key = (names[0], function["name"].rpartition(":")[2])
        decisions, singles, parts = found.setdefault(key, ({}, {}, {}))
        for record in function.get("mcdc_records", []):
            old = decisions.setdefault(tuple(record[:4]), [False] * len(record[6]))
            decisions[tuple(record[:4])] = [a or b for a, b in zip(old, record[6])]
        for branch in function.get("branches", []):
            if names[branch[6]] != names[0]:
                continue
            counts = (parts if branch[8] == IN_DECISION else singles).setdefault(
                tuple(branch[:4]), [0, 0])
            counts[0] += branch[4]
            counts[1] += branch[5]
    return found


def inside(place, decision):
    return decision[:2] <= place[:2] and place[2:] <= decision[2:]


def gaps_of(found, texts):
    """(file, function, where, what) of everything that no test showed, and how much there was."""
    gaps, conditions, outcomes = [], 0, 0
    for (name, function), (decisions, singles, parts) in sorted(found.items()):
        for place, shown in sorted(decisions.items()):
            conditions += len(shown)
            places = sorted(part for part in parts if inside(part, place))
            for number, fine in enumerate(shown):
                if not fine:
                    what = (texts.at(name, *places[number]) if len(places) == len(shown)
                            else f"condition {number + 1}")
                    gaps.append((name, function, texts.at(name, *place), what + " decides"))
        for place, counts in sorted(singles.items()):
            outcomes += 2
            for count, what in zip(counts, ("is true", "is false")):
                if count == 0:
                    gaps.append((name, function, texts.at(name, *place), what))
    return gaps, conditions, outcomes


def judge(export, root, sources, reasons):
    """The lines of the report, and how many faults it names."""
    found = collect(export, root)
    gaps, conditions, outcomes = gaps_of(found, Texts(root))
    open_gaps = [gap for gap in gaps if gap not in reasons]
    out = [f"NOT MEASURED: {name}" for name in sources if not any(key[0] == name for key in found)]
    out += [f"\nNOT SHOWN:\n{explained_gaps.entry(gap)}" for gap in open_gaps]
    out += [f"\nNO SUCH GAP, but {REASONS.name} explains it:\n{explained_gaps.entry(key)}"
            for key in reasons if key not in gaps]
    if conditions == 0 or outcomes == 0:
        out.append("NOTHING WAS MEASURED")
    faults, total = len(out), conditions + outcomes
    out.append(f"mcdc: {len(sources)} files, {conditions} conditions of decisions with several, "
               f"{outcomes} outcomes of single ones: {total - len(gaps)} of {total} shown "
               f"({100.0 * (total - len(gaps)) / max(total, 1):.2f} %), "
               f"{len(gaps) - len(open_gaps)} explained, {len(open_gaps)} not")
    return out, faults


# --- the check of this check --------------------------------------------------------------

SAMPLE = "/* a file */\nint f(int a, int b)\n{\n    if (a && b) {\n        if (a) {\n"


def sample(decision, single, name="core/a.c"):
    return {"data": [{"functions": [{
        "name": "a.c:f", "filenames": [f"ROOT/{name}"],
        "mcdc_records": [[4, 9, 4, 15, 0, 5, decision]],
        "branches": [[4, 9, 4, 10, 1, 1, 0, 0, 6], [4, 14, 4, 15, 1, 1, 0, 0, 6],
                     [5, 13, 5, 14, *single, 0, 0, 4]]}]}]}


def self_test():
    gap = ("core/a.c", "f", "a && b", "b decides")
    never = ("core/a.c", "f", "a", "is false")
    cases = [
        (sample([True, True], [1, 1]), {}, ""),
        (sample([True, False], [1, 1]), {}, "+ b decides"),
        (sample([True, False], [1, 1]), {gap: "why"}, ""),
        (sample([True, True], [1, 0]), {}, "+ is false"),
        (sample([True, True], [1, 0]), {never: "why"}, ""),
        (sample([True, True], [1, 1]), {gap: "why"}, "NO SUCH GAP"),
        (sample([True, True], [1, 1], "boot/b.c"), {}, "NOT MEASURED: core/a.c"),
        ({"data": [{"functions": []}]}, {}, "NOTHING WAS MEASURED"),
    ]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        for room in ROOMS:
            (root / room).mkdir()
            (root / room / f"{room[0].replace('c', 'a')}.c").write_text(SAMPLE, encoding="utf-8")
        for number, (export, reasons, word) in enumerate(cases):
            export = json.loads(json.dumps(export).replace("ROOT", str(root)))
            out, faults = judge(export, root, ["core/a.c"], reasons)
            if (faults > 0) != bool(word) or word not in "\n".join(out):
                print(f"mcdc: self-test {number}: {faults} faults, expected '{word}'", *out, sep="\n")
                wrong += 1
    return wrong, len(cases)


def main(arguments):
    if arguments == ["--self-test"]:
        wrong, planted = self_test()
        print(f"mcdc: self-test: {planted} reports, {wrong} judged wrong")
        return 1 if wrong else 0
    export = json.loads(pathlib.Path(arguments[0]).read_text(encoding="utf-8"))
    # A file of nothing but tables has no function that could be measured.
    sources = [path.relative_to(ROOT).as_posix() for room in ROOMS
               for path in sorted((ROOT / room).glob("*.c")) if b"\n{\n" in path.read_bytes()]
    out, faults = judge(export, ROOT, sources, explained_gaps.read(REASONS))
    print("\n".join(out))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
