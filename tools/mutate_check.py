# SPDX-License-Identifier: Apache-2.0
"""The check of tools/mutate.py: does a mutated tree do what its texts say?

A small source is rewritten. Then every one of its mutants is made a second time, by changing the
text alone, and compiled by itself: both must print the same for the same inputs, and the tree
without a mutant what the source prints. The judgement is shown runs whose outcome is known.
"""
import pathlib
import re
import subprocess
import tempfile

import mutate_source

SAMPLE = """/* what mutants are made of */
#include <stdbool.h>
#include <stdint.h>
typedef enum { OTA_OK = 0, OTA_ERR_ARG = -1, OTA_ERR_STATE = -2 } ota_status_t;
enum { RED = 3, GREEN };
#define LIMIT 7
#define TWICE(x) ((x) * 2)
int trace;
static const uint8_t table[20] = {1, 2, 3, 5, 8};

static void note(int what)
{
    trace = trace * 31 + what;
}

static ota_status_t first(int a)
{
    note(GREEN);
    return a < LIMIT ? OTA_OK : OTA_ERR_STATE;
}

static bool odd(uint32_t a)
{
    return (a & 1u) != 0;
}

static bool both(int a, int b)
{
    return odd((uint32_t)a) && !odd((uint32_t)b);
}

ota_status_t whole(int a, int b, uint32_t *out)
{
    ota_status_t status = first(a);
    uint32_t sum = 0x10u;
    if (status != OTA_OK) {
        return status;
    }
    for (int i = 0; i < 6; i++) {
        if (i == a) {
            continue;
        }
        if (i > LIMIT - b || both(i, b)) {
            break;
        }
        sum += (uint32_t)(i * 3) + table[i % 3];
        sum ^= (uint32_t)(TWICE(b) & 15) << 2;
        sum |= (uint32_t)~a >> 28;
    }
    while (sum > 200u) {
        sum -= sum / 2u;
    }
    switch (a) {
    case RED:
        note(-b);
        break;
    case 2:
    default:
        ++sum;
    }
    *out = (a <= b && b >= 2) || a == LIMIT - 2 ? sum / 2 : sum;
    return b != 5 ? OTA_OK : OTA_ERR_ARG;
}
"""

MAIN = """
#include <stdio.h>
int main(void)
{
    for (int a = -1; a < 9; a++) {
        for (int b = -1; b < 9; b++) {
            uint32_t out = 0;
            trace = 1;
            int status = (int)whole(a, b, &out);
            printf("%d %u %d\\n", status, (unsigned)out, trace);
        }
    }
}
"""
KINDS = {"condition", "relation", "operator", "constant", "status", "call", "assignment", "jump"}


def build(folder, name, text, *flags):
    source, program = folder / f"{name}.c", folder / name
    source.write_bytes(text)
    subprocess.run(["gcc", "-w", "-fwrapv", *flags,
                    "-o", program, source], check=True, capture_output=True)
    return program


def output(program, **variables):
    try:
        run = subprocess.run([program], env=variables, capture_output=True, timeout=5, check=False)
        return run.returncode, run.stdout
    except subprocess.TimeoutExpired:
        return "timeout"


def behaviour(clang):
    """Wrong mutants, and how many there were."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        (folder / "core").mkdir()
        (folder / "core" / "a.c").write_text(SAMPLE, encoding="utf-8")
        rewritten, mutants = mutate_source.rewrite(folder, ["core/a.c"], ["."], clang)
        tools = pathlib.Path(__file__).parent
        runtime = re.sub(rb'#include "mutate.h"\n', b"", (tools / "mutate.c.in").read_bytes())
        head = f"#define OTA_MUTANTS {len(mutants)}\n".encode() + runtime
        all_of_them = head + b"\n" + rewritten["core/a.c"] + MAIN.encode()
        (folder / "mutate.h").write_bytes((tools / "mutate.h.in").read_bytes())
        program = build(folder, "all", all_of_them, f"-I{folder}")
        plain = build(folder, "plain", SAMPLE.encode() + MAIN.encode())
        wrong = []
        if output(program) != output(plain):
            wrong.append("without a mutant it differs from the source")
        if {mutant.kind for mutant in mutants} != KINDS:
            wrong.append(f"kinds: {sorted({mutant.kind for mutant in mutants})}")
        for mutant in mutants:
            begin, end, new = mutant.edit
            text = SAMPLE.encode()[:begin] + new.encode() + SAMPLE.encode()[end:] + MAIN.encode()
            want = output(build(folder, "one", text))
            if output(program, OTARY_MUTANT=str(mutant.id)) != want:
                wrong.append(f"{mutant.before} -> {mutant.after}")
        return wrong, len(mutants)


def verdicts(judge):
    """Judgements that are wrong. judge(mutants, killers, reasons, whole) -> number of faults"""
    def mutant(number):
        return mutate_source.Mutant(number, "core/a.c", 1, "f", "relation", "a < b", f"{number}",
                                    (0, 0, ""))

    def key(number):
        return ("core/a.c", "f", "a < b", f"{number}")

    mutants = [mutant(number) for number in range(1, 101)]
    killed = {number: "test" for number in range(1, 101)}
    but_one = {number: "test" for number in range(1, 100)}
    few = {number: "test" for number in range(1, 90)}
    reasons = {key(number): "why" for number in range(90, 101)}
    cases = [(killed, {}, 0), (but_one, {}, 1), (but_one, {key(100): "why"}, 0),
             (killed, {key(100): "why"}, 1), (killed, {key(101): "why"}, 1), (few, reasons, 1)]
    return [f"judgement {number} is wrong" for number, (killers, why, faults) in enumerate(cases)
            if judge(mutants, killers, why, True) != faults]
