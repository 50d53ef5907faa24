#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every link between the documents leads somewhere: to a file or folder of the tree, and to a
heading of it if the link names one. Addresses on the network are left alone.

    tools/links.py [ROOT]       check a tree; exit 1 and one line per dead link
    tools/links.py --self-test  plant dead links and see that each is found
"""
import pathlib
import re
import sys
import tempfile

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
FENCE = re.compile(r"^\s*(```|~~~)")
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def prose(path):
    """(number, line) outside fenced blocks, without code spans."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(path):
    """The anchors that GitHub makes of a document's headings."""
    found = set()
    for _, line in prose(path):
        match = HEADING.match(line)
        if not match:
            continue
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match.group(1)).lower()
        anchor = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        same = sum(1 for other in found if re.fullmatch(re.escape(anchor) + r"(-\d+)?", other))
        found.add(f"{anchor}-{same}" if same else anchor)
    return found


def judge(root, source, target):
    if SCHEME.match(target):
        return None
    name, _, anchor = target.partition("#")
    path = (source.parent / name).resolve() if name else source
    if not path.exists():
        return f"{target}: there is no such file"
    if not path.is_relative_to(root):
        return f"{target}: leads out of the repository"
    if anchor and path.suffix == ".md" and anchor.lower() not in anchors(path):
        return f"{target}: there is no such heading"
    return None


def check(root):
    found = []
    documents = [path for path in sorted(root.rglob("*.md"))
                 if path.relative_to(root).parts[0] not in {"build", ".git"}]
    if not documents:
        found.append(f"{root}: no documents here")
    for path in documents:
        for number, line in prose(path):
            line = re.sub(r"`[^`]*`", "", line)
            for target in LINK.findall(line) + REFERENCE.findall(line):
                what = judge(root, path, target)
                if what:
                    found.append(f"{path.relative_to(root)}:{number}: {what}")
    return found


def self_test():
    text = """# One & two
## Again
## Again
[a](#one--two) [b](docs/) [c](README.md#again-1) [d](https://a.org/x) `[e](dead)` [r]
```
[f](dead)
```
[1](dead.md) [2](#dead) [3](README.md#again-2) [4](../..)
[r]: gone.md
"""
    expected = ["dead.md: there is", "#dead: there", "#again-2: there", "out of", "gone.md: there"]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        (root / "docs").mkdir()
        (root / "README.md").write_text(text, encoding="utf-8")
        found = check(root)
    fine = len(found) == len(expected) and all(
        any(word in line for line in found) for word in expected)
    print(f"links: self-test: {len(expected)} dead links planted, {len(found)} found")
    return fine


def main(arguments):
    if arguments == ["--self-test"]:
        return 0 if self_test() else 1
    found = check(pathlib.Path(arguments[0] if arguments else ".").resolve())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
