"""A learner's folder: the lessons copied there, their clients, and what is solved so far."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import UsageError
from crm_eval_lib.runner.locks import waited_lock
from crm_eval_lib.runner.whole_files import replace_text
from crm_eval_lib.text import LANGUAGES

STATE = "training.json"  # marks a learner's folder and holds what is solved
LOCK = ".training.lock"  # held while the file is read, changed and written
CLIENTS = "clients"
SCHEMA = 1
UPWARDS = 3  # levels searched for it: a lesson may have been moved into a folder of the learner's


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner's folder as its file tells it."""

    folder: Path
    language: str
    lessons: Mapping[str, Mapping[str, Mapping[str, Any]]]  # lesson, question, what was done

    @property
    def clients(self) -> Path:
        """Folder of the lessons' clients."""
        return self.folder / CLIENTS


def find_learner(start: Path) -> Learner | None:
    """Return the learner's folder that holds a place, or None outside of any."""
    for folder in [start, *start.parents][: UPWARDS + 1]:
        if (folder / STATE).is_file():
            return read_learner(folder)
    return None


def read_learner(folder: Path) -> Learner:
    """Read a learner's folder.

    Raises
    ------
    UsageError
        There is none, or its file is damaged or of a later version.
    """
    path = folder / STATE
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["schema"] != SCHEMA or content["language"] not in LANGUAGES:
            raise UsageError(f"{path} was written by another version of the workbook. Start again "
                             "in a new folder: crm-eval train start NEW_FOLDER")  # fmt: skip
        lessons = {
            lesson: {name: _plain(done) for name, done in questions.items()}
            for lesson, questions in content["lessons"].items()
        }
        return Learner(folder, content["language"], lessons)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{folder} is no training folder: it holds no {STATE}. Make one with "
                         "crm-eval train start FOLDER") from error  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read. Remove it and run crm-eval train start in that "
                         "folder again: lessons stay as they are, only what was solved is "
                         "counted anew.") from error  # fmt: skip


def _plain(done: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was done for a question; of another form than was ever written: TypeError."""
    for key, value in done.items():
        wanted = str if key in ("state", "at") else int
        if not isinstance(value, wanted):
            raise TypeError(f"{key}: {value!r}")
    return dict(done)


def keep(folder: Path, change: Callable[[Learner], Learner]) -> None:
    """Read what is solved, change it and write it; other notebooks wait meanwhile.

    Raises
    ------
    UsageError, OSError
        The file is damaged, or the folder cannot be written.
    """
    with waited_lock(folder / LOCK):
        write_learner(change(read_learner(folder)))


def write_learner(learner: Learner) -> None:
    """Write what is solved so far, whole or not at all."""
    content = {"schema": SCHEMA, "language": learner.language, "lessons": learner.lessons}
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    replace_text(learner.folder / STATE, text)


def noted(learner: Learner, lesson: str, question: str, **done: Any) -> Learner:
    """Return the learner with something done for one question; tries are counted.

    A question once right stays right, whatever is tried afterwards. A check with nothing to look
    at is no try, and takes nothing back.
    """
    before = dict(learner.lessons.get(lesson, {}).get(question, {}))
    state = done.pop("state", None)
    if state == "not_tried":
        before.setdefault("state", state)
    elif state is not None:
        before["tries"] = before.get("tries", 0) + 1
        if before.get("state") != "right":
            before |= {"state": state, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    after = before | {key: max(before.get(key, 0), value) for key, value in done.items()}
    lessons = {**learner.lessons, lesson: {**learner.lessons.get(lesson, {}), question: after}}
    return Learner(learner.folder, learner.language, lessons)
