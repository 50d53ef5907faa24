#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the device library costs on a RISC-V chip (rv32imc, -Os -msave-restore): text by part, the state of
a session, and the deepest stack of every public call. Reads what tools/rv32.sh left in
build/rv32; fails above the limits.

Text is what the linker puts into flash, code and constants, for a program that calls the public
functions of the nouns, except NOT_CALLED.

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

# What is measured, one upon the other: (name, limit or None, nouns whose functions are called).
# Firmware has one boot policy, and calls the functions of that policy; plans are stock's.
NOUNS = ("table", "image", "slots", "boot")
RELEASE = (*NOUNS, "update", "device", "trial", "document", "keys", "manifest", "release")
STEPS = {
    "table, image, slots, boot (policy stock)": (8192, NOUNS),
    "table, image, slots, boot (policy otary)": (8192, NOUNS),
    "session: update, on top": (4096, (*NOUNS, "update")),
    "release: manifest, keys, gate, on top": (8192, RELEASE),
    "agent, on top": (None, (*RELEASE, "agent")),
}
OURS = ("core-", "agent-")
OTHER_POLICY = {"stock": r"_otary$|_decide$|_settle$", "otary": r"_stock$|_decide$|_settle$|^ota_plan_"}
# What is counted apart, by the first words of the object: (limit or None, words). All other objects
# count with their step.
APART = {
    "records: what is in force, commits": (5120, ("core-record", "core-commit")),
    "device: choose, confirm, reject, trial": (3584, ("core-device", "core-trial")),
    "journal: going on after a power cut": (1024, ("core-update_journal",)),
    "hashes: SHA-256, MD5, built-in crypto": (None, ("core-sha256", "core-md5")),
    "signature blocks": (None, ("core-image_signature",)),
    "descriptors as text": (None, ("core-app_desc",)),
    "names of statuses": (None, ("core-status",)),
}
# Table, image, slots, boot, records, device, session and its journal: what every product has. The
# goal is 16 KiB; this holds it where it is.
DEVICE_CORE = 19456
# Functions of these nouns that only hosts call, and one that only a session calls.
NOT_CALLED = {"ota_table_encode", "ota_table_encode_md5", "ota_plan_forget"}
STATE = [("ota_update_t", "ota/update.h", 512), ("ota_device_t", "ota/device.h", None),
         ("ota_image_t", "ota/image.h", None), ("ota_hash_t", "ota/crypto.h", None),
         ("ota_manifest_t", "ota/manifest.h", None), ("ota_keys_t", "ota/keys.h", None),
         ("ota_agent_t", "agent/agent.h", 4608)]
STACK_LIMIT = 1792
STACKS_SHOWN = 8

# Files that the built-in crypto never gets to: it checks no signatures.
NEVER_BUILTIN = {"core/image_signature.c"}
# What a call through a pointer reaches, by the member or parameter that is called. Nothing of the
# library stands behind the callbacks of a port. An array of functions is read from its initialiser.
CALLBACKS = {
    "read": (), "program": (), "erase": (),  # ota_flash_t; read also of ota_efuse_t
    "raise": (),                             # ota_efuse_t
    "load": ("ota_boot_verify",), "factory_reset": (),  # ota_machine_t
    "verify": (),                            # ota_crypto_t; the built-in one has none
    "hash_start": ("builtin_start",), "hash_update": ("builtin_update",),
    "hash_finish": ("builtin_finish",),
    "chip_by_id": ("ota_chip_by_id",),  # ota_image_rules_t
    "counts": ("ota_entry_valid", "ota_entry_crc_ok"),  # ota_otadata_find
    # ota_records_t: both ways of changing otadata
    **{member: tuple(f"core/{way}.c:{function}" for way in ("device_commit", "device_in_place"))
       for member, function in {
           "choose": "choose", "mark": "mark", "chosen": "chosen", "state": "state_of",
           "way_back": "way_back", "rejected": "rejected", "previous": "previous",
           "drop": "drop", "forget": "forget", "progress": "progress"}.items()},
    # The agent's ports: HTTP, clock, random, store; and the application that listens.
    "start": (), "head": (), "header": (), "stop": (), "ms": (), "now": (), "next": (),
    "write": (), "event": (),
}



def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def declared(noun):
    """The functions that a public header declares."""
    header = "agent/agent.h" if noun == "agent" else f"include/ota/{noun}.h"
    text = pathlib.Path(header).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return set(re.findall(r"\b(ota_\w+)\(", text))


def linked(nouns, policy):
    """object -> bytes of text in a program that calls these nouns' functions."""
    objects = sorted([*FOLDER.glob("core-*.o"), *FOLDER.glob("agent-*.o")])
    defined = run(PREFIX + "nm", "--defined-only", *map(str, objects))
    defined = set(re.findall(r" [TR] (\w+)$", defined, flags=re.MULTILINE))
    called = sorted(name for name in set().union(*map(declared, nouns)) & defined - NOT_CALLED
                    if not re.search(OTHER_POLICY[policy], name))
    target, chart = FOLDER / "program.elf", FOLDER / "program.map"
    run(PREFIX + "gcc", "--specs=picolibc.specs", "-march=rv32imc", "-mabi=ilp32", "-nostartfiles",
        "-Wl,--gc-sections", f"-Wl,-Map={chart}", f"-Wl,-e,{called[0]}",
        *(f"-Wl,-u,{name}" for name in called), *map(str, objects), "-o", str(target))
    text = chart.read_text(encoding="utf-8").partition("Linker script and memory map")[2]
    sizes = {}
    for size, name in re.findall(r"^ \.(?:text|rodata|srodata|data|sdata)\S*\s+0x\w+\s+(0x\w+) (\S+)$",
                                 text, flags=re.MULTILINE):
        name = re.sub(r".*\((.*)\)$", r"\1", name.rpartition("/")[2])
        sizes[name] = sizes.get(name, 0) + int(size, 16)
    return sizes


def text_sizes():
    """Rows (part, bytes, limit), and the bytes of each object that the limits are about."""
    rows, below = [], 0
    for step, (limit, nouns) in STEPS.items():
        sizes = linked(nouns, "stock" if "stock" in step else "otary")
        counted = {name: size for name, size in sizes.items() if name.startswith(OURS)
                   and not any(name.startswith(starts) for _, starts in APART.values())}
        whole = sum(counted.values())
        rows.append((step, whole - (below if "on top" in step else 0), limit))
        below = whole
    for part, (limit, starts) in APART.items():
        rows.append((part, sum(size for name, size in sizes.items() if name.startswith(starts)),
                     limit))
    needed = {"policy otary", "session", "records", "device", "journal"}
    rows.append(("device core: all of it but the hashes", sum(
        size for part, size, _ in rows if any(word in part for word in needed)), DEVICE_CORE))
    rows.append(("mem* and str* of the C library, libgcc", sum(
        size for name, size in sizes.items() if not name.startswith(OURS)), None))
    return rows, counted


def state_sizes():
    """type -> bytes on rv32, read from an object that holds an array of each size."""
    source = "".join(f'#include "{header}"\n' for header in sorted({h for _, h, _ in STATE}))
    source += "".join(f"char size_of_{name}[sizeof({name})];\n" for name, _, _ in STATE)
    target = FOLDER / "state.o"
    run(PREFIX + "gcc", "--specs=picolibc.specs", "-march=rv32imc", "-mabi=ilp32", "-std=c11",
        "-ffreestanding", "-Iinclude", "-I.", "-xc", "-c", "-", "-o", str(target), input=source)
    rows = (row.split() for row in run(PREFIX + "nm", "-S", str(target)).splitlines())
    return {row[3].removeprefix("size_of_"): int(row[1], 16) for row in rows}


class Graph:
    """Call graph of all files. Functions are known as 'name' or, if static, 'file:name'."""
    NODE = re.compile(r'node: \{ title: "([^"]+)" label: "([^"]*)"')
    EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"(?: label: "([^"]*)")?')
    BYTES = re.compile(r"(\d+) bytes \((\w+)")

    def __init__(self):
        self.frame = {}
        self.calls = {}
        self.unbounded = []
        for path in sorted(FOLDER.glob("*-*.ci")):
            self.read(path.read_text(encoding="utf-8"))
        self.short = {title.rpartition(":")[2]: title for title in self.frame}
        self.deepest = {}

    def read(self, text):
        for title, label in self.NODE.findall(text):
            found = self.BYTES.search(label)
            if found:
                self.frame[title] = int(found.group(1))
                if found.group(2) == "dynamic":
                    self.unbounded.append(f"{title}: a frame of variable size")
        for source, target, place in self.EDGE.findall(text):
            targets = self.behind(place) if target == "__indirect_call" else (target,)
            self.calls.setdefault(source, []).extend(targets)

    def behind(self, place):
        """The short names of what a call through a pointer reaches; place is file:line:column."""
        name, line, column = place.rsplit(":", 2)
        text = pathlib.Path(name).read_text(encoding="utf-8")
        call = " ".join(text.splitlines()[int(line) - 1:])[int(column) - 1:]
        element = re.match(r"(\w+)\[[^\]]*\]\s*\(", call)
        if element:
            array = re.search(rf"\b{element.group(1)}\[\w*\][^;{{]*=\s*\{{(.*?)\}};", text, re.DOTALL)
            return re.findall(r"=\s*(\w+)", array.group(1)) if array else self.unknown(place, call)
        member = re.match(r"(?:\w+(?:\([^()]*\))?(?:->|\.))*(\w+)\s*\(", call)
        if not member or member.group(1) not in CALLBACKS:
            return self.unknown(place, call)
        return () if name in NEVER_BUILTIN else CALLBACKS[member.group(1)]

    def unknown(self, place, call):
        self.unbounded.append(f"{place}: CALLBACKS does not know '{call.partition(';')[0]}'")
        return ()

    def targets(self, function):
        """What a function calls; a short name from behind() stands for the static of its file."""
        for target in self.calls.get(function, []):
            yield target if target in self.frame else self.short.get(target, target)

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
    nouns = [header.stem for header in pathlib.Path("include/ota").glob("*.h")] + ["agent"]
    return sorted(set().union(*map(declared, nouns)) & set(graph.frame))


def line(name, size, limit):
    return f"  {name:<42} {size:>6} {limit if limit is not None else '-':>6}"


def report(rows, title):
    """rows: (name, bytes, limit or None). Prints a table; returns the names above their limit."""
    print(f"{title:<44} {'bytes':>6} {'limit':>6}")
    for name, size, limit in rows:
        print(line(name, size, limit) +
              ("  TOO BIG" if limit is not None and size > limit else ""))
    print()
    return [f"{name}: {size} bytes, at most {limit}" for name, size, limit in rows
            if limit is not None and size > limit]


def untold(compiler, rows):
    """The rows that a README made with this compiler does not show as they are."""
    faults = []
    for page in ("README.md", "README.zh-CN.md"):
        text = pathlib.Path(page).read_text(encoding="utf-8")
        if compiler in text:
            faults += [f"{page} does not say:{line(*row)}" for row in rows if line(*row) not in text]
    return faults


def untold_agent(compiler, rows):
    """The agent's figures that docs/agent.md, if it is of this compiler, does not give: text,
    state, deepest stack."""
    text = pathlib.Path("docs/agent.md").read_text(encoding="utf-8")
    if "gcc " + ".".join(compiler.split()[-1].split(".")[:2]) not in text:
        return []
    names = ("agent, on top", "ota_agent_t", "ota_agent_step")
    return [f"docs/agent.md does not say: {name}: {size:,}" for name, size, _ in rows
            if name in names and f"| {size:,} |" not in text]


def main():
    if not FOLDER.is_dir():
        print("size: nothing in build/rv32; run tools/rv32.sh", file=sys.stderr)
        return 2
    compiler = run(PREFIX + "gcc", "--version").splitlines()[0]
    print(f"rv32imc -Os -msave-restore, {compiler}\n")
    rows, objects = text_sizes()
    faults = report(rows, "text")
    report([(name, size, None) for name, size in sorted(objects.items()) if size > 0],
           "text of all that, policy otary, by object")
    told = rows
    state = state_sizes()
    rows = [(name, state[name], limit) for name, _, limit in STATE]
    agent = told + rows
    told = told + rows[:1]
    faults += report(rows, "state")

    graph = Graph()
    faults += graph.unbounded
    try:
        stacks = sorted(((graph.path(name), name) for name in public_calls(graph)), reverse=True)
    except RecursionError as error:
        stacks = []
        faults.append(f"recursion: {error}")
    rows = [(name, path[0], STACK_LIMIT) for path, name in stacks]
    # All that are too deep, and the deepest others.
    shown = [row for place, row in enumerate(rows) if place < STACKS_SHOWN or row[1] > STACK_LIMIT]
    faults += report(shown, f"stack, the deepest {len(shown)} of {len(rows)} public calls")
    if stacks:
        print("  deepest path: " + " > ".join(
            f"{name.rpartition(':')[2]} {graph.frame[name]}" for name in stacks[0][0][1]))
    faults += untold(compiler, told + shown[:1]) + untold_agent(compiler, agent + rows)
    for fault in faults:
        print(f"size: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
