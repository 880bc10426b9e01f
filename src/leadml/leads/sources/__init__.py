"""Where leads are read from, as Arrow: text tables, Parquet, Excel, packed files, folders of them, databases.

How to add a source: write a class as ``Source`` describes it and append it to ``SOURCES``; a kind of single file also
goes into ``files.KINDS``, so that folders and archives of it are read. What is no file by its ending is told apart in
``opening``. The tests run over every entry.

Values come as they are written; what they mean is decided in one place, after this.
"""

from leadml.leads.sources.connection import located, shown
from leadml.leads.sources.database import DatabaseSource
from leadml.leads.sources.excel import ExcelSource
from leadml.leads.sources.opening import SOURCES, BatchSource, RawTable, open_batches, open_source, read_table
from leadml.leads.sources.parquet import ParquetSource
from leadml.leads.sources.source import Line, Reject, Source
from leadml.leads.sources.text import TextSource

__all__ = [
    "SOURCES",
    "BatchSource",
    "DatabaseSource",
    "ExcelSource",
    "Line",
    "ParquetSource",
    "RawTable",
    "Reject",
    "Source",
    "TextSource",
    "located",
    "open_batches",
    "open_source",
    "read_table",
    "shown",
]
