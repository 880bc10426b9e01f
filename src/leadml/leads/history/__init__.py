"""The history of leads: which field was changed when, so that a value is the one that it had at a moment.

``reading`` reads a table of changes, ``index`` keeps those of each field by lead in order of time, ``bind`` reads their
values as the schema reads the leads', ``replay`` sets fields back to a moment, and ``notes`` says what was found.

The value at a moment is that of the newest change at or before it; of two of one moment, the later row. Before the
first change it is what that change says was there before; where the history does not say so, it is missing, also for a
lead that was never changed: its value in the table may be of any time, and to keep it only where no later change is
known would tell who was changed later.
"""
