"""Plan, execute, publish: from client folders to whole reports, a process per piece of work."""
