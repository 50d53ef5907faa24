# SPDX-License-Identifier: Apache-2.0
"""Reads the files that explain what a proof leaves open: tools/mutants.txt, tools/mcdc.txt.

    @ FILE FUNCTION     a place; it holds until the next one
    - TEXT              what stands there
    + TEXT              what no test shows of it (several pairs may share a reason)
    = WHY               the reason; it may go on in more lines of this kind

Everything is found by its text, so that lines above may come and go. # begins a remark.
"""


class Block:
    """Pairs that share a reason."""

    def __init__(self):
        self.keys = []
        self.why = []

    def into(self, reasons, path):
        if self.keys and not self.why:
            raise ValueError(f"{path}: no reason for {self.keys[0]}")
        for key in self.keys:
            if key in reasons:
                raise ValueError(f"{path}: explained twice: {key}")
            reasons[key] = " ".join(self.why)


def read(path):
    """(file, function, what stands there, what is not shown) -> reason"""
    reasons, block, place, before = {}, Block(), None, None
    if not path.exists():
        return reasons
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark, _, text = line.partition(" ")
        if mark in ("@", "-") and block.why:
            block.into(reasons, path)
            block = Block()
        if mark == "@":
            place, before = tuple(text.split(" ", 1)), None
        elif mark == "-":
            before = text
        elif mark == "+" and place is not None and before is not None:
            block.keys.append((*place, before, text))
        elif mark == "=" and block.keys:
            block.why.append(text)
        elif line and mark != "#":
            raise ValueError(f"{path}:{number}: what is this? {line}")
    block.into(reasons, path)
    return reasons


def entry(key, remark=""):
    """The same form, to be copied from."""
    remark = f"# {remark}\n" if remark else ""
    return f"@ {key[0]} {key[1]}\n{remark}- {key[2]}\n+ {key[3]}"
