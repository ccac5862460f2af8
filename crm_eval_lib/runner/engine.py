"""The papermill engine ``crm-eval-fork``: cells run in an IPython shell of the process itself.

No kernel process starts and nothing goes through a socket. The shell is ipykernel's own
(`ipykernel.inprocess`) and nbclient reads its messages, so that outputs come out as they do of a
kernel. The runner calls it in a child that was forked from a process which holds all libraries
(`crm_eval_lib.runner.warm`); a cell that ends the process ends that child only.
"""

from typing import Any


class ForkEngine:
    """Execute the code cells of a notebook in this process, in order, up to the first error.

    Offers what papermill asks of an engine, and takes the keywords of papermill's own;
    `start_timeout` has no meaning here. Limits of time are the caller's: it ends the process.
    papermill loads this module while it is itself being imported, so nothing of it stands above.
    """

    @staticmethod
    def execute_notebook(
        nb: Any, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> Any:
        """Execute `nb`, keep its state in `output_path` and return it."""
        from crm_eval_lib.runner.shell import Client, Manager

        manager = Manager(nb, output_path=output_path, progress_bar=options["progress_bar"])
        hook = options.get("on_cell_start")
        manager.notebook_start()
        try:
            Client(manager, kernel_name=kernel_name, on_cell_start=hook).execute()
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb

    @staticmethod
    def nb_kernel_name(nb: Any, name: str | None = None) -> str:
        """Return the name of the notebook's kernel."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @staticmethod
    def nb_language(nb: Any, language: str | None = None) -> str:
        """Return the language of the notebook."""
        from papermill.utils import nb_language

        return nb_language(nb, language)
