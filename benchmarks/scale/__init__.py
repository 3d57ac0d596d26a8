"""What a million candidates cost, each thing beside its own limit in the same run.

places       the workspaces: made once, kept, used by every row
clients      a lean HTTP client, in processes of its own, and what it measured
reading      the queue, statistics, search
deciding     submit and undo, alone and by eight at once
importing    an import beside a bare loop, and the search index after it
exporting    each format beside a bare loop
opening      a server's start, `--help`, the size of the database
results      the figures of all runs so far, as JSON
table        the figures as Markdown, each with what is to be reached
"""
