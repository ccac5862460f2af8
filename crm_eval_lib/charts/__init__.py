"""Charts: ``plot_<thing>(step, *, ax=None, lang="en") -> Axes``, and `figure` to show one."""
