"""The papermill engine ``crm-eval-fork``: cells run in an IPython shell of the process itself.

No kernel process starts and nothing goes through a socket. The shell is ipykernel's own
(`ipykernel.inprocess`) and nbclient reads its messages, so that outputs come out as they do of a
kernel. The runner calls it in a child that was forked from a process which holds all libraries
(`crm_eval_lib.runner.warm`); a cell that ends the process ends that child only.
"""

from pathlib import Path
from typing import Any

from papermill.engines import Engine, NotebookExecutionManager

from crm_eval_lib.runner.whole_files import replace_text

SAVE_SECONDS = 1.0  # a notebook at work is saved at most this often


class ForkEngine(Engine):
    """Execute the code cells of a notebook in this process, in order, up to the first error.

    Takes the keywords of papermill's own engine; `start_timeout` has no meaning here. Limits of
    time are the caller's: it ends the process.
    """

    @classmethod
    def execute_notebook(
        cls, nb: Any, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> Any:
        """Execute `nb`, keep its state in `output_path` and return it."""
        manager = Manager(nb, output_path=output_path, progress_bar=options["progress_bar"])
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, **options)
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> None:
        """Execute the notebook that `nb_man` keeps."""
        from crm_eval_lib.runner.shell import Client  # ipykernel, which papermill alone needs not

        hook = options.get("on_cell_start")
        Client(nb_man, kernel_name=kernel_name, on_cell_start=hook).execute()


class Manager(NotebookExecutionManager):
    """papermill's record of states, saved whole and not more often than `SAVE_SECONDS`.

    Saving twice per cell, as papermill does, costs more than many a cell.
    """

    def save(self, **changed: Any) -> None:
        """Save the notebook unless that has just been done; always at start, end and error."""
        self.nb = changed.get("nb") or self.nb
        ended = bool(self.end_time) or bool(self.nb.metadata.papermill.get("exception"))
        first = self.last_save_time <= self.start_time
        since = (self.now() - self.last_save_time).total_seconds()
        if self.output_path and (ended or first or since >= SAVE_SECONDS):
            import nbformat

            replace_text(Path(self.output_path), nbformat.writes(self.nb))
            self.last_save_time = self.now()
