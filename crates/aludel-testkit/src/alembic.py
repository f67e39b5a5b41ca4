"""Asks Alembic's own revision map. Reads JSON lines: {"revisions": [...], "questions": [...]}, the
revisions in the order of their files. Answers each with a list: for every question what it says, or
{"error": "…"}."""

import json
import sys
import types
import warnings

from alembic.runtime.migration import HeadMaintainer, RevisionStep
from alembic.script import ScriptDirectory
from alembic.script.revision import Revision, RevisionMap

warnings.simplefilter("ignore")


class Rows(HeadMaintainer):
    def __init__(self, rows):
        self.heads = set(rows)

    def _insert_version(self, version):
        assert version not in self.heads
        self.heads.add(version)

    def _delete_version(self, version):
        self.heads.remove(version)

    def _update_version(self, from_, to_):
        assert to_ not in self.heads
        self.heads.remove(from_)
        self.heads.add(to_)


def revision(entry):
    made = Revision(
        entry["revision"],
        tuple(entry["down"]) or None,
        dependencies=tuple(entry["depends_on"]) or None,
        branch_labels=tuple(entry["branch_labels"]) or None,
    )
    made.module = types.SimpleNamespace(upgrade=None, downgrade=None)
    return made


def walk(graph, question, up):
    rows = tuple(question["rows"])
    if up:
        found = graph.iterate_revisions(question["target"], rows, implicit_base=True)
        found = reversed(list(found))
    else:
        found = graph.iterate_revisions(rows, question["target"], select_for_downgrade=True)
    table, steps = Rows(rows), []
    for script in found:
        table.update_to_step(RevisionStep(graph, script, up))
        steps.append([script.revision, sorted(table.heads)])
    return steps


def stamp(graph, question):
    scripts = ScriptDirectory.__new__(ScriptDirectory)
    scripts.__dict__["revision_map"] = graph
    table = Rows(question["rows"])
    for step in scripts._stamp_revs(question["target"], tuple(question["rows"])):
        table.update_to_step(step)
    return sorted(table.heads)


def answer(graph, question):
    kind = question["kind"]
    if kind == "heads":
        return sorted(graph.heads)
    if kind == "effective heads":
        return sorted(graph._real_heads)
    if kind == "branch points":
        return sorted({r.revision for r in graph._revision_map.values() if r and r.is_branch_point})
    if kind == "history":
        return [r.revision for r in graph.iterate_revisions("heads", "base", inclusive=True)]
    if kind == "current":
        return sorted(r.revision for r in graph._get_all_current(tuple(question["rows"])))
    if kind == "stamp":
        return stamp(graph, question)
    return walk(graph, question, kind == "up")


for line in sys.stdin:
    case = json.loads(line)
    graph = RevisionMap(lambda: [revision(entry) for entry in case["revisions"]])
    answers = []
    for question in case["questions"]:
        try:
            answers.append(answer(graph, question))
        except Exception as error:
            answers.append({"error": str(error) or type(error).__name__})
    print(json.dumps(answers), flush=True)
