# SPDX-License-Identifier: Apache-2.0
"""Mutant schemata: one source file becomes a file that holds all its mutants at once.

clang's syntax tree (-ast-dump=json) says where the expressions lie; the text between stays as it
is. Every place becomes a macro of tools/mutate.h.in, which asks one global number whether its mutant
is the chosen one. So the tree is compiled once and not once a mutant.

What cannot change while a program runs is left out: case labels, array sizes, tables of constants.
"""
import dataclasses
import json
import posixpath
import re
import subprocess

RELATIONAL = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
              "==": ("!=",), "!=": ("==",)}
ARITHMETIC = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "*", "&": "|", "|": "&", "^": "|",
              "<<": ">>", ">>": "<<"}
STEPS = {"++": "--", "--": "++"}
# Nodes that stand for the expression inside them.
WRAPPERS = {"ImplicitCastExpr", "ParenExpr", "CStyleCastExpr", "FullExpr"}
CONSTANT = WRAPPERS | {"IntegerLiteral", "CharacterLiteral", "UnaryOperator", "BinaryOperator",
                       "ConstantExpr", "DeclRefExpr"}
# Values that the compiler must know.
FIXED = {"ConstantExpr", "UnaryExprOrTypeTraitExpr", "OffsetOfExpr", "StaticAssertDecl"}
STATUS_TYPE = "ota_status_t"


@dataclasses.dataclass
class Mutant:
    id: int
    file: str
    line: int
    function: str
    kind: str
    before: str
    after: str
    edit: tuple  # (begin, end, text): the mutant as a change of the text


@dataclasses.dataclass(order=True)
class Place:
    """A function with mutants: offsets, how it is called, and the range of its mutants."""
    begin: int
    end: int
    body: int
    name: int
    call: str
    void: bool
    first: int
    last: int


def locate(node, state):
    """Writes the file into every place of the tree: clang names it only where it changes."""
    if isinstance(node, list):
        for item in node:
            locate(item, state)
    elif isinstance(node, dict):
        if "offset" in node:
            state[0] = node.get("file", state[0])
            node["at"] = state[0] and posixpath.normpath(state[0])
        for key, item in node.items():
            if key not in ("includedFrom", "type") and isinstance(item, (dict, list)):
                locate(item, state)


def syntax_tree(clang, root, name, includes):
    command = [clang, "-std=c11", "-ffreestanding", "-fsyntax-only", "-w", "-Xclang",
               "-ast-dump=json"] + [f"-I{folder}" for folder in includes] + [name]
    run = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"{name}: {run.stderr.decode(errors='replace')}")
    tree = json.loads(run.stdout)
    locate(tree, [None])
    return tree


def functions_of(tree):
    for node in tree.get("inner", []):
        if node.get("kind") == "FunctionDecl" and any(
                child.get("kind") == "CompoundStmt" for child in node.get("inner", [])):
            yield node


def children(node):
    return [child for child in node.get("inner", []) if child.get("kind")]


def peel(node):
    """The expression itself, without casts and parentheses."""
    while node["kind"] in WRAPPERS and len(children(node)) == 1:
        node = children(node)[0]
    return node


def type_of(node):
    return node.get("type", {}).get("qualType", "")


def is_pointer(node):
    kind = node.get("type", {})
    return "*" in kind.get("desugaredQualType", kind.get("qualType", ""))


def is_constant(node):
    if node["kind"] not in CONSTANT:
        return False
    if node["kind"] == "DeclRefExpr":
        return node["referencedDecl"]["kind"] == "EnumConstantDecl"
    return all(is_constant(child) for child in children(node))


def neighbours(text):
    """What an integer literal becomes: one more, one less, nothing."""
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", text)
    if match is None:
        return [f"{text} + 1"]
    digits, suffix = match.groups()
    hexadecimal = digits.lower().startswith("0x")
    value = int(digits, 16) if hexadecimal else int(digits, 10)
    form = (lambda n: f"0x{n:X}{suffix}") if hexadecimal else (lambda n: f"{n}{suffix}")
    return [form(n) for n in dict.fromkeys((value + 1, value - 1, 0)) if n >= 0 and n != value]


class Source:
    """One file: its bytes, the places to change, and the mutants there."""

    def __init__(self, name, data, taken):
        self.name = name
        self.data = data
        self.mutants = []
        self.taken = taken  # how many ids other files have
        self.edits = []     # (offset, rank, length, text)
        self.order = 0
        self.seen = set()
        self.functions = set()
        self.places = []
        self.spread = set(re.findall(rb"#define (\w+)\(", data))
        self.function = ""
        self.returns = ""

    # --- places -----------------------------------------------------------------------

    def offset(self, place, end=False):
        """The first byte of a node, or the byte behind it; None outside this file."""
        place = place.get("expansionLoc", place)
        if place.get("at") != self.name:
            return None
        if not end:
            return place["offset"]
        behind = place["offset"] + place["tokLen"]
        if self.data[place["offset"]:behind] not in self.spread:
            return behind
        depth = 0
        for at in range(behind, len(self.data)):  # a macro with arguments ends at its bracket
            depth += {0x28: 1, 0x29: -1}.get(self.data[at], 0)
            if depth == 0 and self.data[at] == 0x29:
                return at + 1
        return None

    def span(self, node):
        begin = self.offset(node["range"]["begin"])
        end = self.offset(node["range"]["end"], True)
        return (begin, end) if begin is not None and end is not None and begin < end else None

    def text(self, span):
        return self.data[span[0]:span[1]].decode()

    @staticmethod
    def macro(node):
        """Is the node the whole of one macro, or a part of one?"""
        begin, end = node["range"]["begin"], node["range"]["end"]
        return ("expansionLoc" in begin and "expansionLoc" in end
                and begin["expansionLoc"]["offset"] == end["expansionLoc"]["offset"])

    def operator(self, left, right, token):
        """Where the operator between two operands stands."""
        gap = self.data[left[1]:right[0]]
        gap = re.sub(rb"/\*.*?\*/", lambda found: b" " * len(found[0]), gap, flags=re.S)
        at = gap.find(token.encode())
        assert at >= 0, (self.name, self.text((left[0], right[1])))
        return left[1] + at, left[1] + at + len(token)

    # --- edits ------------------------------------------------------------------------

    def put(self, span, prefix, suffix, middle=None):
        """Text before and behind a span, and instead of a part of it. What lies inside is
        visited later and stands closer."""
        self.order += 1
        self.edits.append((span[0], 1, self.order, 0, prefix))
        self.edits.append((span[1], 0, -self.order, 0, suffix))
        if middle is not None:
            (begin, end), text = middle
            self.edits.append((begin, 2, self.order, end - begin, text))

    def new(self, kind, place, replacement):
        """A mutant: the lines that hold the place, as they are and as they would be."""
        begin, end = place
        first = self.data.rfind(b"\n", 0, begin) + 1
        last = self.data.find(b"\n", end)
        old = self.data[first:last].decode()
        new = (self.data[first:begin] + replacement.encode() + self.data[end:last]).decode()
        self.mutants.append(Mutant(
            self.taken + len(self.mutants) + 1, self.name, self.data.count(b"\n", 0, begin) + 1,
            self.function, kind, " ".join(old.split()), " ".join(new.split()) or "(nothing)",
            (begin, end, replacement)))
        return self.mutants[-1].id

    def changed(self, begin, end):
        """The text of a range with its edits."""
        out, at = [], begin
        for offset, _, _, length, text in sorted(self.edits):
            if begin <= offset <= end:
                out += [self.data[at:offset], text.encode()]
                at = offset + length
        return b"".join(out) + self.data[at:end]

    def rewritten(self):
        """Each function twice: with its mutants, and as it is, for whenever the chosen mutant is
        elsewhere. So only the function in question gets slower."""
        out, at = [b'#include "mutate.h"\n'], 0
        for place in sorted(self.places):
            out.append(self.data[at:place.begin])
            out.append(self.twofold(place))
            at = place.end
        return b"".join(out) + self.data[at:]

    def twofold(self, place):
        head = self.data[place.begin:place.body]
        name = place.name - place.begin
        twin = head[:name] + b"mutated_" + head[name:]
        static = b"" if b"static" in head.split() else b"static "
        call = f"mutated_{place.call};"
        call = f"{{ {call} return; }}" if place.void else f"return {call}"
        check = f"if (OTA_MUTATE_HERE({place.first}, {place.last})) {call}"
        return b"".join((static, twin, self.changed(place.body, place.end), b"\n", head, b"{ ",
                         check.encode(), self.data[place.body + 1:place.end]))

    # --- expressions ------------------------------------------------------------------

    def binary(self, node):
        left, right = children(node)
        place, a, b = self.span(node), self.span(left), self.span(right)
        token = node["opcode"]
        sign = self.operator(a, b, token)
        if token in ("&&", "||"):
            other = "||" if token == "&&" else "&&"
            ids = (self.new("condition", sign, other), self.new("condition", (a[1], b[1]), ""),
                   self.new("condition", (a[0], b[0]), ""))
            name = "AND" if token == "&&" else "OR"
            head = f"OTA_MUTATE_{name}({ids[0]}, {ids[1]}, {ids[2]}, ("
        elif token in RELATIONAL:
            others = RELATIONAL[token]
            ids = [(other, self.new("relation", sign, other)) for other in others]
            listed = ", ".join(f"{other}, {number}" for other, number in ids)
            head = f"OTA_MUTATE_RELATION{len(ids)}({token}, {listed}, ("
        else:
            other = ARITHMETIC[token]
            head = f"OTA_MUTATE_BINARY({token}, {other}, {self.new('operator', sign, other)}, ("
        self.put(place, head, "))", (sign, "), ("))

    def assignment(self, node):
        left, right = children(node)
        token = node["opcode"]
        sign = self.operator(self.span(left), self.span(right), token)
        other = ARITHMETIC[token[:-1]] + "="
        number = self.new("operator", sign, other)
        self.put(self.span(node), f"OTA_MUTATE_ASSIGN({token}, {other}, {number}, (", "))",
                 (sign, "), ("))

    def unary(self, node):
        place, inner = self.span(node), self.span(children(node)[0])
        token = node["opcode"]
        if token in STEPS:
            other = STEPS[token]
            post = node.get("isPostfix", False)
            sign = (inner[1], place[1]) if post else (place[0], inner[0])
            form = "AFTER" if post else "BEFORE"
            head = f"OTA_MUTATE_{form}({token}, {other}, {self.new('operator', sign, other)}, ("
        elif token in ("!", "-", "~"):
            sign = (place[0], inner[0])
            name = {"!": "NOT", "-": "MINUS", "~": "INVERT"}[token]
            head = f"OTA_MUTATE_{name}({self.new('operator', sign, '')}, ("
        else:
            return
        self.put(place, head, "))", (sign, ""))

    def constant(self, node):
        place = self.span(node)
        text = self.text(place)
        node = peel(node)
        if text in ("true", "false"):
            values = ["false" if text == "true" else "true"]
        elif node["kind"] == "DeclRefExpr":
            # A status is another: that of success, or any failure.
            status = text.startswith(("OTA_ERR_", "OTA_OK"))
            values = [("OTA_ERR_ARG" if text == "OTA_OK" else "OTA_OK") if status else text + " + 1"]
        elif node["kind"] == "IntegerLiteral" and not self.macro(node):
            values = neighbours(text)
        else:
            values = [text + " + 1", text + " - 1"]
        pairs = ", ".join(f"{self.new('constant', place, value)}, ({value})" for value in values)
        self.put(place, f"OTA_MUTATE_CONSTANT{len(values)}({pairs}, (", "))")

    def negated(self, node):
        """A condition turned round, unless a mutant of its operator does the same."""
        inner = peel(node)
        token = inner.get("opcode")
        if token in RELATIONAL or token == "!" or self.span(node) is None or is_constant(inner):
            return
        place = self.span(node)
        number = self.new("condition", place, f"!({self.text(place)})")
        self.put(place, f"OTA_MUTATE_TRUTH({number}, (", "))")

    def ignored(self, node):
        place = self.span(node)
        number = self.new("status", place, f"({self.text(place)}, OTA_OK)")
        self.put(place, f"OTA_MUTATE_STATUS({number}, (", "))")

    # --- statements -------------------------------------------------------------------

    def dropped(self, node, what):
        begin, end = self.span(node)
        semicolon = self.data.index(b";", end)
        number = self.new(what, (begin, semicolon + 1), "")
        self.put((begin, semicolon + 1), f"OTA_MUTATE_DROP({number}) ", "")

    def statement(self, node, breakable):
        """A statement of a list: may it go?"""
        if self.span(node) is None or self.macro(node):
            return
        inner = peel(node)
        if inner["kind"] == "CallExpr":
            self.dropped(node, "call")
        elif inner["kind"] == "CompoundAssignOperator" or (
                inner["kind"] == "BinaryOperator" and inner["opcode"] == "="):
            self.dropped(node, "assignment")
        elif inner["kind"] == "ContinueStmt" or (inner["kind"] == "BreakStmt" and breakable):
            self.dropped(node, "jump")
        elif inner["kind"] == "ReturnStmt" and not children(inner):
            self.dropped(node, "jump")

    # --- the walk ---------------------------------------------------------------------

    def visit(self, node, breakable=False, context=""):
        kind = node["kind"]
        if kind in FIXED or (kind == "VarDecl" and node.get("storageClass") == "static"):
            return
        if "range" in node and self.macro(node):
            if is_constant(node) and not is_pointer(node) and self.span(node) is not None and (
                    b"(" not in self.data[slice(*self.span(node))]):
                self.once(node, self.constant)
            return
        self.here(node, kind, context)
        for child, nested, role in self.parts(node, kind, breakable):
            if role == "statement":
                self.statement(child, nested)
            elif role == "condition":
                self.negated(child)
            self.visit(child, nested, role if role else context if kind in WRAPPERS else "")

    def once(self, node, change):
        place = self.span(node)
        if place is not None and (place, change) not in self.seen:
            self.seen.add((place, change))
            change(node)

    def here(self, node, kind, context):
        if kind == "BinaryOperator" and node["opcode"] in {"&&", "||", *RELATIONAL, *ARITHMETIC}:
            left, right = children(node)
            if not (node["opcode"] == "-" and is_pointer(left) and is_pointer(right)):
                self.once(node, self.binary)
        elif kind == "CompoundAssignOperator":
            self.once(node, self.assignment)
        elif kind == "UnaryOperator":
            self.once(node, self.unary)
        elif kind in ("IntegerLiteral", "CharacterLiteral"):
            if context != "list" or node.get("value") != "0":
                self.once(node, self.constant)
        elif kind == "DeclRefExpr" and node["referencedDecl"]["kind"] == "EnumConstantDecl":
            self.once(node, self.constant)
        elif kind == "CallExpr" and type_of(node) == STATUS_TYPE and context != "statement":
            self.once(node, self.ignored)

    def parts(self, node, kind, breakable):
        """(child, is a break inside it a loop's, its part in this node)"""
        inner = node.get("inner", [])
        loop = kind in ("ForStmt", "WhileStmt", "DoStmt")
        inside = True if loop else False if kind == "SwitchStmt" else breakable
        condition = {"IfStmt": 0, "WhileStmt": 0, "DoStmt": 1, "ForStmt": 2,
                     "ConditionalOperator": 0}.get(kind)
        body = {"IfStmt": (1, 2), "WhileStmt": (1,), "DoStmt": (0,), "ForStmt": (4,),
                "CaseStmt": (1,), "DefaultStmt": (0,)}.get(kind, ())
        for index, child in enumerate(inner):
            if not child.get("kind") or (kind == "CaseStmt" and index == 0):
                continue
            role = ""
            if index == condition:
                role = "condition"
            elif kind == "CompoundStmt" or index in body:
                role = "statement"
            elif kind == "InitListExpr":
                role = "list"
            elif kind == "ReturnStmt" and self.returns in ("bool", "_Bool") and (
                    peel(child).get("opcode") not in ("&&", "||")):
                role = "condition"
            yield child, inside, role

    def take(self, function):
        """Everything in one function; the same header comes with many files."""
        whole, name = self.span(function), function["name"]
        if whole is None or name in self.functions:
            return
        self.functions.add(name)
        self.function = name
        self.returns = type_of(function).partition("(")[0].strip()
        before = len(self.mutants)
        self.visit(function)
        if len(self.mutants) > before:
            body = next(c for c in children(function) if c["kind"] == "CompoundStmt")
            names = [c["name"] for c in children(function) if c["kind"] == "ParmVarDecl"]
            self.places.append(Place(
                whole[0], whole[1], self.span(body)[0], function["loc"]["offset"],
                f"{name}({', '.join(names)})", self.returns == "void",
                self.taken + before + 1, self.taken + len(self.mutants)))


def number_twins(mutants):
    """Texts that occur twice in a function are told apart by their order."""
    count = {}
    for mutant in mutants:
        key = (mutant.file, mutant.function, mutant.before, mutant.after)
        count[key] = count.get(key, 0) + 1
        if count[key] > 1:
            mutant.after += f" [{count[key]}]"


def rewrite(root, names, includes, clang):
    """name -> rewritten bytes, and all mutants. names: the .c files and headers to change."""
    sources, taken = {}, 0
    trees = {name: syntax_tree(clang, root, name, includes) for name in names
             if name.endswith(".c")}
    for name in names:
        source = Source(name, (root / name).read_bytes(), taken)
        for tree in trees.values() if name.endswith(".h") else [trees[name]]:
            for function in functions_of(tree):
                source.take(function)
        sources[name] = source
        taken += len(source.mutants)
    mutants = [mutant for source in sources.values() for mutant in source.mutants]
    number_twins(mutants)
    return {name: source.rewritten() for name, source in sources.items()}, mutants
