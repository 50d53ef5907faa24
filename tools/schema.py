#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds documents to docs/manifest.schema.json.

    tools/schema.py FILE...     one line per document that does not keep to it; exit 1 then
    tools/schema.py --cases     the vectors of tests/vectors/manifest: the schema must agree with
                                what cases.json says wherever a schema can tell

Needs python3-jsonschema; exit 77 without it.
"""
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("SKIPPED: the schema of documents (no python3-jsonschema)")
    sys.exit(77)

VECTORS = pathlib.Path("tests/vectors/manifest")
# What is wrong with these is not in the form of the parsed value.
BEYOND = {"OTA_ERR_FIELD_TWICE", "OTA_ERR_JSON_ESCAPE", "OTA_ERR_JSON_DEPTH"}


def judge(validator, path):
    """None, or what is wrong."""
    try:
        document = json.loads(path.read_bytes().decode("utf-8"))
    except ValueError as error:
        return str(error)
    # 1.0 is an integer to a schema, not to a device.
    if any(isinstance(value, float) for value in document.values()):
        return "a number that is not whole"
    error = next(validator.iter_errors(document), None)
    return error.message if error else None


def main(arguments):
    schema = json.loads(pathlib.Path("docs/manifest.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = 0
    if arguments == ["--cases"]:
        cases = json.loads((VECTORS / "cases.json").read_text(encoding="utf-8"))["read"]
        for case in cases:
            said = judge(validator, VECTORS / case["document"])
            if case["status"] not in BEYOND and (said is None) != (case["status"] == "OTA_OK"):
                print(f"{case['document']}: {case['status']}, but the schema says: {said}")
                wrong += 1
        print(f"{len(cases)} documents, {wrong} judged otherwise")
    else:
        for name in arguments:
            said = judge(validator, pathlib.Path(name))
            if said:
                print(f"{name}: {said}")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
