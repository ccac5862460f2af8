"""From a client's files to tables: readers, header and value rules, all problems at once.

`find` names the source of each table, `files` and `query` read it into a `Raw` (cells with the row
numbers a person sees), `normalise` turns that into the frame of the contract, `load` gathers.
A further kind of file needs one reader in `files.READERS`.
"""
