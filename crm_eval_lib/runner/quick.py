"""Imported before all else where notebooks are handled: leaves out what only costs time."""

import os
import sys

# jsonschema compiles the grammars of international addresses, for seconds, as soon as nbformat is
# imported; the schema of notebooks has no such field. None makes its import fail, as if absent.
sys.modules.setdefault("rfc3987_syntax", None)

# The debugger of kernels, which no run attaches to: ipykernel goes without where it is absent.
sys.modules.setdefault("debugpy", None)

POOL = os.getpid()  # in the process that forks, which imports this first; its children inherit it
