#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mutation testing of core/ and boot/: is every rule of the device code held by a test?

    tools/mutate.py                  all mutants; exit 1 when one survives unexplained
    tools/mutate.py core/table.c ... only the mutants of these files
    tools/mutate.py --quick ...      only with programs of less than a quarter of a second, and
                                     without sanitisers
    tools/mutate.py --again ...      only what survived the last run; what that killed counts as killed
    tools/mutate.py --self-test      small sources whose mutants and survivors are known

A copy of the tree is made in build/mutate/tree in which core/ and boot/ hold all their mutants at
once (tools/mutate_source.py), and compiled three times: to note which test programs each mutant
would make a difference to, to run those programs for each mutant, the most promising first, until
one fails, and with AddressSanitizer and UBSan, as `make test` runs them, for what is left.

Survivors stand in tools/mutants.txt, each with the reason why no test can kill it; they are found
by their text, not by their line. The tool fails on a survivor that has no reason, on a reason
whose mutant does not exist any more, and on one whose mutant is killed after all.

The test programs are ctest's, without the command line's and those that run for minutes; whatever is registered there takes part.
"""
import argparse
import concurrent.futures
import contextlib
import dataclasses
import io
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

import mutate_check
import mutate_source
import reasons as explained

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "mutate"
REASONS = ROOT / "tools" / "mutants.txt"
CLANG = os.environ.get("OTARY_CLANG", "clang-19")
ROOMS = ("core", "boot")
LIMIT = 98.0     # per cent killed
OUT_OF_TIME = (signal.SIGPROF, signal.SIGXCPU, signal.SIGALRM)
SKIPPED = 77     # what a test without its data returns
SLOWEST = 1.0    # seconds that a program may take to be run for single mutants
QUICK = 0.25
WAITS = 4.0      # a program that waits may take so many times as long by the clock
STRICT = 0.1     # of those that are run again with sanitisers
SHOWN = ("id", "file", "line", "function", "kind", "before", "after")  # in the JSON
LEFT_OUT = {"lab_cuts"}  # runs for minutes: too long even to be measured
COMMON = "-O1 -w -fwrapv -fno-strict-aliasing -ftrivial-auto-var-init=pattern"
BUILDS = {
    "reach": COMMON + " -DOTA_REACH",
    "kill": COMMON,
    "strict": COMMON + " -g1 -fsanitize=address,undefined -fno-sanitize-recover=all",
}


@dataclasses.dataclass
class Program:
    name: str
    command: list
    seconds: float = 0.0
    reached: bytes = b""
    alone: threading.Lock = dataclasses.field(default_factory=threading.Lock)


# --- the mutated tree ---------------------------------------------------------------------

def write(path, data):
    """Only what changed: ninja goes by the time of a file."""
    if not path.exists() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return True
    return False


def tracked(root):
    run = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         cwd=root, capture_output=True, check=True)
    return [name.decode() for name in run.stdout.split(b"\0") if name]


def make_tree(root, tree):
    names = [name for name in tracked(root) if (root / name).is_file()]
    wanted = {tree / name for name in names} | {tree / "mutate.h", tree / "core" / "mutate.c"}
    for path in tree.rglob("*") if tree.exists() else []:
        if path.is_file() and path not in wanted:
            path.unlink()
    device = sorted(name for name in names
                    if name.split("/")[0] in ROOMS and name.endswith((".c", ".h")))
    rewritten, mutants = mutate_source.rewrite(root, device, ["include", "."], CLANG)
    for name in names:
        if write(tree / name, rewritten.get(name) or (root / name).read_bytes()):
            shutil.copymode(root / name, tree / name)
    tools = pathlib.Path(__file__).parent
    write(tree / "mutate.h", (tools / "mutate.h.in").read_bytes())
    count = f"#define OTA_MUTANTS {len(mutants)}\n".encode()
    write(tree / "core" / "mutate.c", count + (tools / "mutate.c.in").read_bytes())
    return mutants


def compile_tree(tree, folder, flags):
    started = time.time()
    configure = ["cmake", "-S", tree, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
                 f"-DCMAKE_C_FLAGS={flags}", f"-DCMAKE_CXX_FLAGS={flags}"]
    for command in (configure, ["ninja", "-C", folder]):
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if run.returncode != 0:
            sys.exit(f"mutate: {' '.join(map(str, command))}:\n{run.stdout.decode()[-4000:]}")
    return time.time() - started


def programs_of(folder):
    run = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"],
                         capture_output=True, check=True)
    found = []
    for test in json.loads(run.stdout)["tests"]:
        name = test["name"]
        if not name.startswith("cli_") and name not in LEFT_OUT and "command" in test:
            found.append(Program(name, test["command"]))
    return found


# --- running ------------------------------------------------------------------------------

def environment(**more):
    values = dict(os.environ, CMOCKA_TEST_ABORT="1", **more)
    values["OTARY_TEST_KEYS"] = str(BUILD)
    values.setdefault("OTARY_DATA", str(ROOT.parent / "shared" / "data"))
    return values


def run_program(program, build, **more):
    """The exit status; the program bounds its own time (tools/mutate.c.in)."""
    path = program.command[0].replace("/kill/", f"/{build}/", 1)
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    child = os.posix_spawn(path, [path, *program.command[1:]], environment(**more),
                           file_actions=nowhere)
    return os.waitpid(child, 0)[1]


def measure_one(program, report, slowest):
    """Fills in how long the program takes and what it reaches; says what is wrong with it."""
    limit = str(int(1000 * slowest))
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    status = run_program(program, "kill", OTARY_MUTANT_MS=limit)
    waited = (time.time() - started) / WAITS
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    program.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ended = os.WIFSIGNALED(status) and os.WTERMSIG(status) in OUT_OF_TIME
    if ended or (status != 0 and program.seconds > slowest):  # a child may have been ended
        return "slow"
    if os.waitstatus_to_exitcode(status) == SKIPPED:
        return "skipped"
    report.unlink(missing_ok=True)
    status = status or run_program(program, "reach", OTARY_REACHED=str(report))
    if status != 0:
        sys.exit(f"mutate: {program.name} fails without any mutant (status {status})")
    program.reached = report.read_bytes() if report.exists() else b""
    if max(program.seconds, waited) > slowest:
        return "slow"
    return "" if any(program.reached) else "elsewhere"


def measure(programs, folder, slowest):
    """Those that can be run for single mutants, fastest first. Without one, all must pass."""
    verdicts = [measure_one(program, folder / "reached", slowest) for program in programs]
    for verdict, what in (("skipped", "no data"), ("slow", f"longer than {slowest} s")):
        names = [program.name for program, said in zip(programs, verdicts) if said == verdict]
        if names:
            print(f"mutate: not run, {what}: {' '.join(names)}")
    usable = [program for program, said in zip(programs, verdicts) if not said]
    return sorted(usable, key=lambda program: program.seconds)


def by_promise(mutant, programs, kills):
    """Those that reach the mutant, the likeliest killers for their time first: what killed its
    neighbours may kill it."""
    def cost(program):
        near = kills.get((mutant.file, mutant.function, program.name), 0)
        return program.seconds / (1 + 20 * near + kills.get((mutant.file, program.name), 0))
    return sorted((p for p in programs if p.reached[mutant.id]), key=cost)


def kills_mutant(program, build, number, limit):
    """Whatever ends for want of time gets much more, once: a busy machine must not kill. Examples
    write files by fixed names, and so do not run beside themselves."""
    with program.alone if program.name.startswith("example_") else contextlib.nullcontext():
        for patience in (limit, 1 + 5 * limit):
            status = run_program(program, build, OTARY_MUTANT=str(number),
                                 OTARY_MUTANT_MS=str(int(1000 * patience)))
            if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) in OUT_OF_TIME):
                break
    return status != 0


def hunt(mutant, programs, build, factor, kills):
    """The program that kills the mutant, or ''."""
    for program in by_promise(mutant, programs, kills):
        if kills_mutant(program, build, mutant.id, factor * (0.1 + 4 * program.seconds)):
            for near in ((mutant.file, mutant.function), (mutant.file,)):
                kills[(*near, program.name)] = kills.get((*near, program.name), 0) + 1
            return program.name
    return ""


def hunt_all(mutants, programs, build, factor, killers, save):
    """Fills killers (id -> program). Says how far it is, and saves that."""
    started, said = time.time(), time.time()
    kills, killed = {}, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = {pool.submit(hunt, mutant, programs, build, factor, kills): mutant
                 for mutant in mutants}
        for done, task in enumerate(concurrent.futures.as_completed(tasks), 1):
            killer = task.result()
            if killer:
                killers[tasks[task].id] = f"{build}: {killer}"
                killed += 1
            if time.time() - said > 15:
                said = time.time()
                save()
                print(f"mutate: {build}: {done} of {len(mutants)} mutants, {done - killed} left, "
                      f"{said - started:.0f} s", flush=True)


# --- the report ---------------------------------------------------------------------------

def key_of(mutant):
    return (mutant.file, mutant.function, mutant.before, mutant.after)


def listed(mutants, title):
    """In the form of tools/mutants.txt, to be copied from."""
    if mutants:
        print(f"\n{title}")
    for mutant in mutants:
        print(explained.entry(key_of(mutant), f"line {mutant.line}, {mutant.kind}"))


def table(mutants, killers, reasons):
    print(f"\n{'file':30} {'mutants':>8} {'killed':>8} {'explained':>10} {'unexplained':>12}")
    rows = {}
    for mutant in mutants:
        for name in (mutant.file, "all"):
            row = rows.setdefault(name, [0, 0, 0])
            row[0] += 1
            row[1] += mutant.id in killers
            row[2] += mutant.id not in killers and key_of(mutant) in reasons
    for name, (count, killed, explained) in sorted(rows.items(), key=lambda r: r[0] == "all"):
        print(f"{name:30} {count:8} {killed:8} {explained:10} {count - killed - explained:12}")
    return 100.0 * rows["all"][1] / rows["all"][0]


def judge(mutants, killers, reasons, whole):
    """The report, and how many faults it names."""
    percent = table(mutants, killers, reasons)
    survivors = [mutant for mutant in mutants if mutant.id not in killers]
    unexplained = [mutant for mutant in survivors if key_of(mutant) not in reasons]
    untrue = [mutant for mutant in mutants if mutant.id in killers and key_of(mutant) in reasons]
    known = {key_of(mutant) for mutant in mutants}
    stale = [key for key in reasons if key not in known] if whole else []
    listed(unexplained, "SURVIVED WITHOUT A REASON (write a test, or why none can kill it):")
    listed(untrue, f"KILLED, THOUGH {REASONS.name} SAYS THAT NO TEST CAN:")
    for key in stale:
        print(f"\nNO SUCH MUTANT, but {REASONS.name} explains it:\n{explained.entry(key)}")
    low = whole and percent < LIMIT
    print(f"\nmutate: {len(mutants)} mutants, {percent:.2f} % killed"
          f"{f' (under {LIMIT} %)' if low else ''}, {len(survivors)} survived: "
          f"{len(survivors) - len(unexplained)} explained, {len(unexplained)} not; "
          f"{len(untrue)} reasons untrue, {len(stale)} stale")
    return len(unexplained) + len(untrue) + len(stale) + low


def keep(mutants, killers, reasons, path):
    rows = [dict({name: getattr(mutant, name) for name in SHOWN}, killer=killers.get(mutant.id, ""),
                 reason=reasons.get(key_of(mutant), "")) for mutant in mutants]
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def last_killers(path, mutants):
    """id -> program, of the last run, for mutants that have the same text."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    known = {(row["file"], row["function"], row["before"], row["after"]): row["killer"]
             for row in rows}
    return {m.id: known[key_of(m)] for m in mutants if known.get(key_of(m))}


def prepare(root, build, slowest):
    mutants = make_tree(root, build / "tree")
    for name in ("reach", "kill"):
        seconds = compile_tree(build / "tree", build / name, BUILDS[name])
        print(f"mutate: compiled {name} in {seconds:.0f} s", flush=True)
    return mutants, measure(programs_of(build / "kill"), build, slowest)


def hunt_strictly(left, programs, build, killers, save):
    if left:
        seconds = compile_tree(build / "tree", build / "strict", BUILDS["strict"])
        print(f"mutate: compiled strict in {seconds:.0f} s; {len(left)} mutants left", flush=True)
        hunt_all(left, [p for p in programs if p.seconds < STRICT], "strict", 20, killers, save)


def run(root, build, options, reasons):
    started = time.time()
    mutants, programs = prepare(root, build, QUICK if options.quick else SLOWEST)
    chosen = [mutant for mutant in mutants if not options.file or mutant.file in options.file]
    if not chosen:
        sys.exit("mutate: no mutants there")
    killers = last_killers(build / "mutants.json", chosen) if options.again else {}
    reached = [m for m in chosen if m.id not in killers
               and any(program.reached[m.id] for program in programs)]
    print(f"mutate: {len(chosen)} mutants, {len(killers)} killed before; {len(programs)} programs, "
          f"{sum(p.seconds for p in programs):.1f} s, can tell {len(reached)} from the original",
          flush=True)

    def save():
        keep(chosen, killers, reasons, build / "mutants.json")

    hunt_all(reached, programs, "kill", 1, killers, save)
    if not options.quick:
        hunt_strictly([m for m in reached if m.id not in killers], programs, build, killers, save)
    save()
    faults = judge(chosen, killers, reasons, not options.file)
    print(f"mutate: {time.time() - started:.0f} s")
    return faults


def self_test():
    wrong, planted = mutate_check.behaviour(CLANG)
    with contextlib.redirect_stdout(io.StringIO()):
        wrong += mutate_check.verdicts(judge)
    print("".join(f"mutate: self-test: {line}\n" for line in wrong), end="")
    print(f"mutate: self-test: {planted} mutants compiled twice, {len(wrong)} faults")
    return 1 if wrong else 0


def main(arguments):
    parser = argparse.ArgumentParser(description="Mutation testing of core/ and boot/")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("file", nargs="*")
    options = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if options.self_test:
        return self_test()
    BUILD.mkdir(parents=True, exist_ok=True)
    os.chdir(BUILD)  # what tests leave behind lies there
    return 1 if run(ROOT, BUILD, options, explained.read(REASONS)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
