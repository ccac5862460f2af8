"""From a client's files to tables: readers, header and value rules, all problems at once.

``load(client)`` finds and reads every table; one reader per kind of file turns bytes into a `Raw`
(text cells with the row numbers a person sees), one set of rules turns that into a DataFrame.
"""
