"""Prints the revisions of an Alembic project as JSON, with the SQL of each one.

Argument: the file `alembic.ini` or `pyproject.toml`. Alembic renders the SQL in its offline mode, as
`alembic upgrade FROM:TO --sql` does. The statements about its version table are left out.
"""

import json
import os
import re
import sys
import traceback

# Whatever the project prints goes to standard error.
answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)

from alembic import util
from alembic.config import Config
from alembic.ddl.impl import DefaultImpl
from alembic.runtime import migration
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

BEGIN, COMMIT = object(), object()
pieces = []
contexts = []

DefaultImpl.static_output = lambda self, text: pieces.append(text)
DefaultImpl.emit_begin = lambda self: pieces.append(BEGIN)
DefaultImpl.emit_commit = lambda self: pieces.append(COMMIT)
# A row that is there already, so that neither the table nor its rows are printed.
migration.MigrationContext.get_current_heads = lambda self: ("aludel",)
migration.HeadMaintainer.update_to_step = lambda self, step: None


def words(value):
    return [str(item) for item in util.to_tuple(value, default=())]


def parts():
    """Returns what was printed, as pieces inside and outside of a transaction."""
    has_transactions = any(piece is BEGIN for piece in pieces)
    inside = not has_transactions
    found = []
    for piece in pieces:
        if piece is BEGIN or piece is COMMIT:
            inside = piece is BEGIN
        elif not piece.startswith("-- Running ") and piece.strip():
            if found and found[-1]["transaction"] == inside:
                found[-1]["sql"] += "\n\n" + piece
            else:
                found.append({"transaction": inside, "sql": piece})
    return found


def line_in(path, error):
    """Returns the line of a revision's file on which an error arose."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if os.path.realpath(frame.filename) == path]
    return lines[-1] if lines else 1


def render(script, revision, make):
    pieces.clear()

    def steps(rev, context):
        contexts.append(context)
        return [make(script.revision_map, revision)]

    start = words(revision.module.down_revision) or "base"
    environment = EnvironmentContext(
        config, script, fn=steps, as_sql=True, starting_rev=start,
        destination_rev=revision.revision,
    )
    try:
        with environment:
            script.run_env()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        name = type(error).__name__
        message = str(error).strip().split("\n")[0]
        path = os.path.realpath(revision.path)
        return {"error": f"{name}: {message}" if message else name, "line": line_in(path, error)}
    return {"parts": parts()}


def described(revision):
    text = revision.longdoc
    created = re.search(r"^Create Date:\s*(\S.*?)\s*$", text, re.MULTILINE)
    keys = re.compile(r"^(Revision ID|Revises|Create Date|Branch labels|Depends on):")
    lines = [line.rstrip() for line in text.split("\n") if not keys.match(line.strip())]
    return {
        "message": lines[0].strip() if lines else "",
        "notes": "\n".join(lines[1:]).strip(),
        "created": created.group(1) if created else None,
    }


def one(script, revision):
    module = revision.module
    step = migration.MigrationStep
    return {
        "id": revision.revision,
        "path": os.path.realpath(revision.path),
        "parents": words(module.down_revision),
        "branch_labels": words(getattr(module, "branch_labels", None)),
        "depends_on": words(getattr(module, "depends_on", None)),
        "upgrade": render(script, revision, step.upgrade_from_script),
        "downgrade": render(script, revision, step.downgrade_from_script),
        **described(revision),
    }


path = sys.argv[1]
os.chdir(os.path.dirname(os.path.abspath(path)))
if os.path.basename(path) == "pyproject.toml":
    config = Config(toml_file=path)
else:
    config = Config(path)
try:
    script = ScriptDirectory.from_config(config)
    revisions = [one(script, revision) for revision in script.walk_revisions()]
except BaseException as error:
    message = str(error).strip() or type(error).__name__
    json.dump({"error": message}, answer)
else:
    revisions.reverse()
    context = contexts[-1] if contexts else None
    json.dump({
        "dialect": context.dialect.name if context else None,
        "table": context.version_table if context else None,
        "schema": context.version_table_schema if context else None,
        "revisions": revisions,
    }, answer)
answer.flush()
