"""Events: what a lead did and when, as fields that hold what was known of it at a moment.

``reading`` reads a table of events and ``index`` keeps it by lead in order of time; ``measures`` names what is counted
and ``compute`` counts it for many leads, ``one`` for one lead given as plain Python, with the same bits; ``choice``
picks, in training, what is worth a field. To add something to count: a ``What`` of the schema, an entry in
``measures``, its words, and a line in ``compute`` and in ``one``; the tests hold these two together.

Only events at or before the moment count: one of the same moment was known, one a microsecond later was not.
"""
