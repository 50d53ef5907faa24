#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the device library costs on a RISC-V chip (rv32imc, gcc -Os): text by part, the state of
a session, and the deepest stack of every public call. Reads what tools/rv32.sh left in
build/rv32; fails above the limits.

Text is what the linker would put into flash: code and constants (`size`'s text column) of whole
object files; a real program drops what it does not call.

Stack is the longest path through gcc's call graphs. A call through a pointer is resolved by the
member that is called (CALLBACKS): the built-in crypto's functions are known; callbacks of the
flash, eFuse and application side count 0, because their stack is the port's own. So do the C
library's mem* and str*. A path that recurses, a frame of variable size and a pointer that CALLBACKS
does not know are faults.
"""
import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path("build/rv32")
PREFIX = "riscv64-unknown-elf-"

# part -> (limit of text in bytes or None, the files that make it up by their first words)
PARTS = {
    "table, image, slots, boot decision": (8192, (
        "core-table", "core-image", "core-slots", "core-layout", "core-boot", "core-chip",
        "core-flash", "core-crc32", "core-signature", "core-bytes")),
    "session (update, device)": (4096, ("core-update", "core-device")),
    "hashes (SHA-256, MD5), built-in crypto": (None, ("core-sha256", "core-md5", "core-crypto")),
    "executor (boot/)": (None, ("boot-",)),
    "names of statuses": (None, ("core-status",)),
}
STATE = [("ota_update_t", "ota/update.h", 512), ("ota_device_t", "ota/device.h", None),
         ("ota_image_t", "ota/image.h", None), ("ota_hash_t", "ota/crypto.h", None)]
STACK_LIMIT = 1024
STACKS_SHOWN = 8

# member through which a call goes -> the function of the library behind it, None: a port's own
CALLBACKS = {
    "read": None, "program": None, "erase": None,  # ota_flash_t; read also of ota_efuse_t
    "raise": None,                                  # ota_efuse_t
    "verify": None,                                 # ota_crypto_t; the built-in one has none
    "hash_start": "builtin_start", "hash_update": "builtin_update",
    "hash_finish": "builtin_finish",
}


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def part_of(name):
    for part, (_, starts) in PARTS.items():
        if name.startswith(starts):
            return part
    return None


def text_sizes():
    """part -> bytes, and the objects that belong to no part."""
    sizes = dict.fromkeys(PARTS, 0)
    strangers = []
    objects = [path for path in sorted(FOLDER.glob("*-*.o"))]
    for row in run(PREFIX + "size", *map(str, objects)).splitlines()[1:]:
        fields = row.split()
        name = pathlib.Path(fields[5]).stem
        part = part_of(name)
        if part is None:
            strangers.append(name)
        else:
            sizes[part] += int(fields[0])
    return sizes, strangers


def state_sizes():
    """type -> bytes on rv32, read from an object that holds an array of each size."""
    source = "".join(f'#include "{header}"\n' for header in sorted({h for _, h, _ in STATE}))
    source += "".join(f"char size_of_{name}[sizeof({name})];\n" for name, _, _ in STATE)
    target = FOLDER / "state.o"
    run(PREFIX + "gcc", "--specs=picolibc.specs", "-march=rv32imc", "-mabi=ilp32", "-std=c11",
        "-ffreestanding", "-Iinclude", "-xc", "-c", "-", "-o", str(target), input=source)
    rows = (row.split() for row in run(PREFIX + "nm", "-S", str(target)).splitlines())
    return {row[3].removeprefix("size_of_"): int(row[1], 16) for row in rows}


class Graph:
    """Call graph of all files. Functions are known as 'name' or, if static, 'file:name'."""
    NODE = re.compile(r'node: \{ title: "([^"]+)" label: "([^"]*)"')
    EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)" label: "([^"]*)"')
    BYTES = re.compile(r"(\d+) bytes \((\w+)")

    def __init__(self):
        self.frame = {}
        self.calls = {}
        self.unbounded = []
        for path in sorted(FOLDER.glob("*-*.ci")):
            self.read(path.read_text(encoding="utf-8"))
        # The built-in crypto's functions, by their short names.
        self.statics = {title.rpartition(":")[2]: title for title in self.frame
                        if title.rpartition(":")[2] in CALLBACKS.values()}
        self.deepest = {}

    def read(self, text):
        for title, label in self.NODE.findall(text):
            found = self.BYTES.search(label)
            if found:
                self.frame[title] = int(found.group(1))
                if found.group(2) == "dynamic":
                    self.unbounded.append(title)
        for source, target, place in self.EDGE.findall(text):
            if target == "__indirect_call":
                target = self.behind(place)
            self.calls.setdefault(source, []).append(target)

    def behind(self, place):
        """The function that a call through a pointer reaches; place is file:line:column."""
        name, line, column = place.rsplit(":", 2)
        lines = pathlib.Path(name).read_text(encoding="utf-8").splitlines()[int(line) - 1:]
        called = re.match(r"[\w.>\-\[\]]*?(\w+)\s*\(", " ".join(lines)[int(column) - 1:])
        member = called.group(1) if called else "?"
        if member not in CALLBACKS:
            self.unbounded.append(f"{place}: a call through '{member}', unknown to CALLBACKS,")
        return CALLBACKS.get(member)

    def targets(self, function):
        for target in self.calls.get(function, []):
            yield self.statics.get(target, target)

    def path(self, function, above=()):
        """(bytes, functions) of the deepest path that starts here."""
        if function in above:
            raise RecursionError(" -> ".join([*above, function]))
        if function not in self.deepest:
            below = max((self.path(target, (*above, function))
                         for target in self.targets(function) if target in self.frame),
                        default=(0, ()))
            self.deepest[function] = (self.frame[function] + below[0], (function, *below[1]))
        return self.deepest[function]


def public_calls(graph):
    """Functions that a public header declares."""
    declared = set()
    for header in sorted(pathlib.Path("include/ota").glob("*.h")):
        declared |= set(re.findall(r"\b(ota_\w+)\(", header.read_text(encoding="utf-8")))
    return sorted(declared & set(graph.frame))


def report(rows, title):
    """rows: (name, bytes, limit or None). Prints a table; returns the names above their limit."""
    print(f"{title:<44} {'bytes':>6} {'limit':>6}")
    for name, size, limit in rows:
        mark = "  TOO BIG" if limit is not None and size > limit else ""
        print(f"  {name:<42} {size:>6} {limit if limit is not None else '-':>6}{mark}")
    print()
    return [name for name, size, limit in rows if limit is not None and size > limit]


def main():
    if not FOLDER.is_dir():
        print("size: nothing in build/rv32; run tools/rv32.sh", file=sys.stderr)
        return 2
    compiler = run(PREFIX + "gcc", "--version").splitlines()[0]
    print(f"rv32imc -Os, {compiler}\n")
    sizes, strangers = text_sizes()
    faults = report([(part, size, PARTS[part][0]) for part, size in sizes.items()], "text")
    faults += [f"{name}.o belongs to no part (tools/size.py)" for name in strangers]
    state = state_sizes()
    faults += report([(name, state[name], limit) for name, _, limit in STATE], "state")

    graph = Graph()
    faults += [f"{name} has a stack of unknown depth" for name in graph.unbounded]
    try:
        stacks = sorted(((graph.path(name), name) for name in public_calls(graph)), reverse=True)
    except RecursionError as error:
        stacks = []
        faults.append(f"recursion: {error}")
    rows = [(name, path[0], STACK_LIMIT) for path, name in stacks]
    shown = rows[:STACKS_SHOWN]
    faults += report(shown, f"stack, the deepest {len(shown)} of {len(rows)} public calls")
    faults += [name for name, size, limit in rows[STACKS_SHOWN:] if size > limit]
    if stacks:
        print("  deepest path: " + " > ".join(
            f"{name.rpartition(':')[2]} {graph.frame[name]}" for name in stacks[0][0][1]))
    for fault in faults:
        print(f"size: too big or unknown: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
