#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include to the layer table: arrows point down, or the build is refused.

    tools/layers.py [ROOT]       check a tree; exit 1 and one line per violation
    tools/layers.py --self-test  plant one violation of each rule and see that each is found

A project file is included as "room/file.h" from the root, or by its plain name from its own
folder. A header that is neither is an error: an include that cannot be resolved cannot be judged.
"""
import pathlib
import re
import sys
import tempfile

FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "string.h"}
C_LIBRARY = FREESTANDING | {
    "assert.h", "ctype.h", "errno.h", "inttypes.h", "limits.h", "stdarg.h", "stdio.h",
    "stdlib.h", "time.h",
}
ANYTHING = None

# room -> (rooms that its files may include, system headers that they may include).
# A room's name is the longest prefix of the file's path that stands here.
TABLE = {
    "include/ota": ({"include/ota"}, {"stdint.h", "stddef.h", "stdbool.h"}),
    "core": ({"include/ota", "core"}, FREESTANDING),
    "boot": ({"include/ota", "core", "boot"}, FREESTANDING),
    "compat/esp-idf": ({"include/ota", "core", "compat/esp-idf"}, C_LIBRARY),
    "agent": ({"include/ota", "core", "agent"}, FREESTANDING),
    "ports": ({"include/ota", "core", "agent", "ports"}, ANYTHING),
    "host": ({"include/ota", "core", "boot", "ports", "host"}, ANYTHING),
    "device": ({"include/ota", "core", "boot", "compat/esp-idf", "agent", "ports", "host",
                "device"}, ANYTHING),
    "lab": ({"include/ota", "core", "boot", "compat/esp-idf", "agent", "ports", "host",
             "device", "lab"}, ANYTHING),
    "server": ({"include/ota", "core", "ports", "host", "server"}, ANYTHING),
    "firmware": ({"include/ota", "core", "boot", "agent", "ports", "firmware"}, ANYTHING),
    "cli": ({"include/ota", "core", "boot", "compat/esp-idf", "agent", "ports", "host", "device",
             "lab", "server", "cli"}, ANYTHING),
    "examples": (ANYTHING, ANYTHING),
    "tests": (ANYTHING, ANYTHING),
    "fuzz": (ANYTHING, ANYTHING),
    "bench": (ANYTHING, ANYTHING),
}

# The library that a port wraps, as a prefix of its headers. A port that is not listed has the
# C library and POSIX only. A port may be several files: openssl.c, openssl_key.c.
PORT_LIBRARY = {
    "ports/crypto/openssl": "openssl/",
    "ports/crypto/mbedtls": "mbedtls/",
    "ports/http/curl": "curl/",
}
# System headers with a slash that belong to POSIX, not to a library.
POSIX_FOLDERS = ("sys/", "netinet/", "arpa/", "net/")

SOURCES = {".c", ".h", ".cpp", ".hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    """The room of a path relative to the root, or None."""
    name = path.as_posix()
    fits = [room for room in TABLE if name.startswith(room + "/")]
    return max(fits, key=len, default=None)


def resolve(root, source, name):
    """A quoted include as a path relative to the root, or None."""
    places = [source.parent / name, pathlib.Path(name), pathlib.Path("include") / name]
    places += [pathlib.Path(folder) / name
               for folder in ("compat/esp-idf", "compat/esp-idf/include", "tests")]
    for place in places:
        if (root / place).is_file():
            return pathlib.Path(*(root / place).resolve().relative_to(root).parts)
    return None


def port_of(root, source):
    """ports/crypto/openssl for openssl.c, openssl.h and openssl_key.c beside them."""
    name = source.with_suffix("")
    others = [path.relative_to(root).with_suffix("") for path in (root / source.parent).glob("*.c")]
    fits = [other for other in others if name.name.startswith(other.name + "_")]
    return min(fits, key=lambda path: len(path.name), default=name).as_posix()


def judge_system(root, source, room, name):
    allowed = TABLE[room][1]
    if allowed is not ANYTHING and name not in allowed:
        return f"{room} may not use <{name}>"
    if room == "ports" and "/" in name and not name.startswith(POSIX_FOLDERS):
        port = port_of(root, source)
        library = PORT_LIBRARY.get(port)
        if library is None or not name.startswith(library):
            return f"<{name}> is not the library that {port} wraps"
    return None


def judge_project(root, source, room, name):
    target = resolve(root, source, name)
    if target is None:
        return f'"{name}" is no file of the project'
    there = room_of(target)
    if there is None:
        return f'"{name}" lies in no room of the table'
    allowed = TABLE[room][0]
    if allowed is not ANYTHING and there not in allowed:
        return f'{room} may not use {there} ("{name}"): the arrow points up'
    if room == there == "ports" and port_of(root, target) != port_of(root, source):
        return f'a port may not use another port ("{name}")'
    if target.suffix not in {".h", ".hpp"}:
        return f'"{name}" is not a header'
    return None


def check(root):
    """All violations, as 'path:line: what'."""
    found = []
    sources = [path for path in sorted(root.rglob("*")) if path.suffix in SOURCES
               and not path.relative_to(root).parts[0].startswith((".", "build"))]
    if not sources:
        found.append(f"{root}: no sources here")
    for path in sources:
        source = path.relative_to(root)
        room = room_of(source)
        if room is None:
            found.append(f"{source}: lies in no room of the table (tools/layers.py)")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            system = match.group(1) == "<"
            what = (judge_system(root, source, room, match.group(2)) if system
                    else judge_project(root, source, room, match.group(2)))
            if what:
                found.append(f"{source}:{number}: {what}")
    return found


# file, the include that it has, None if that is fine or a word of the complaint
PLANTED = [
    ("core/fine.c", '"ota/status.h"', None),
    ("core/fine2.c", "<string.h>", None),
    ("boot/fine.c", '"core/bytes.h"', None),
    ("ports/flash/nor.c", "<sys/stat.h>", None),
    ("ports/crypto/openssl.c", "<openssl/evp.h>", None),
    ("ports/crypto/openssl_key.c", "<openssl/evp.h>", None),
    ("ports/flash/file_lock.c", '"ports/flash/file.h"', None),
    ("ports/flash/file.c", '"ports/flash/file.h"', None),
    ("host/fine.c", '"ports/flash/file.h"', None),
    ("cli/fine.c", '"host/report.h"', None),
    ("tests/unit/test_fine.c", '"support/unit.h"', None),
    ("include/ota/bad.h", '"core/bytes.h"', "up"),
    ("include/ota/bad2.h", "<string.h>", "may not use"),
    ("core/bad.c", '"boot/boot.h"', "up"),
    ("core/bad2.c", "<stdio.h>", "may not use"),
    ("core/bad3.c", '"ports/flash/file.h"', "up"),
    ("core/bad4.c", '"core/absent.h"', "no file"),
    ("core/bad5.c", '"../host/report.h"', "up"),
    ("core/bad6.c", '"core/fine.c"', "not a header"),
    ("boot/bad.c", '"host/report.h"', "up"),
    ("compat/esp-idf/bad.c", '"boot/boot.h"', "up"),
    ("compat/esp-idf/bad2.c", "<unistd.h>", "may not use"),
    ("ports/flash/bad.c", '"host/report.h"', "up"),
    ("ports/flash/bad2.c", '"ports/flash/file.h"', "another port"),
    ("ports/flash/bad3.c", "<openssl/evp.h>", "not the library"),
    ("host/bad.c", '"cli/cli.h"', "up"),
    ("host/bad2.c", '"support/unit.h"', "up"),
    ("cli/bad.c", '"support/unit.h"', "up"),
    ("attic/bad.c", "<stdint.h>", "no room"),
]
HEADERS = ["include/ota/status.h", "core/bytes.h", "boot/boot.h", "host/report.h", "cli/cli.h",
           "ports/flash/file.h", "tests/support/unit.h"]


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        for name in HEADERS:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("#include <stdint.h>\n", encoding="utf-8")
        for name, include, _ in PLANTED:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"\n  #  include {include}\n", encoding="utf-8")
        found = {}
        for line in check(root):
            found.setdefault(line.split(":")[0], []).append(line)
        wrong = 0
        for name, include, word in PLANTED:
            said = found.pop(name, [])
            if (word is None and said) or (word is not None and
                                           (len(said) != 1 or word not in said[0])):
                print(f"layers: self-test: {name} with {include}: said {said}, expected {word}")
                wrong += 1
        for said in found.values():
            print(f"layers: self-test: unexpected: {said}")
            wrong += 1
    return wrong


def main(arguments):
    if arguments == ["--self-test"]:
        wrong = self_test()
        print(f"layers: self-test: {len(PLANTED)} planted includes, {wrong} judged wrong")
        return 1 if wrong else 0
    root = pathlib.Path(arguments[0] if arguments else ".").resolve()
    found = check(root)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
