"""The server's own statements as pgbench scripts: the very text that it prepares, from the C table made at build time."""
import ast
import json
import re

TYPES = {2950: "uuid", 25: "text", 23: "int", 20: "bigint", 16: "boolean", 1184: "timestamptz", 3802: "jsonb"}
BY_JWT, BY_KEY = 0, 1
# What a session of the server begins with (send_first in lib/db/pipe.c), once for each client while its variable "fresh" is 1.
FIRST = "\\if :fresh\nSELECT length(repeat(' ', 2 * 1024 * 1024));\n\\set fresh 0\n\\endif\n"
# Not a constant: else the planner would fold away what the server's own plan has to look at.
NULL = "nullif(:null::text, 'null')"


def read(made, name, credential):
    """(text, types of its parameters) of a statement."""
    row = re.search(rf'\{{"{name}", \w+, \w+, \d+, \{{\(const unsigned\[\]\)\{{([\d, ]+)\}}.*?\}},\s*\{{(.*?)\}}\}},',
                    made.read_text(), re.S)
    texts = re.split(r',\n\s*(?=")', row[2].strip())
    lines = re.findall(r'"(?:[^"\\]|\\.)*"', texts[credential])
    return "".join(json.loads(line) for line in lines), [TYPES[oid] for oid in ast.literal_eval(f"[{row[1]}]")]


def without_colons(literal):
    """pgbench takes :name for a variable even between quotes."""
    if ":" not in literal:
        return literal
    body = literal[2:-1] if literal[0] in "eE" else literal[1:-1].replace("\\", "\\\\")
    return "E'" + body.replace(":", "\\x3a") + "'"


def script(made, name, credential, arguments, before=""):
    """
    A pgbench script of the statement with these SQL expressions for $1, $2, ...; None is null. Each is cast to the type that the
    server declares, so that PostgreSQL sees the same statement. pgbench's variable "null" must be "null"; "fresh" says whether its
    sessions begin as the server's do.
    """
    text, types = read(made, name, credential)
    assert len(arguments) == len(types), f"{name} takes {len(types)} arguments"
    for number in range(len(types), 0, -1):
        expression = NULL if arguments[number - 1] is None else arguments[number - 1]
        text = text.replace(f"${number}", f"({expression})::{types[number - 1]}")
    text = re.sub(r"[eE]?'(?:[^']|'')*'", lambda literal: without_colons(literal[0]), text)
    return f"{FIRST}{before}\n{text.strip()};\n"
