"""Lists, as programs see them (reference: Various, Payment terms, Sale terms, Task categories).

The chapter's File object has no endpoint of its own; it is answered wherever a row has a file.
"""

from erp.core.files_wire import FileSerializer
from erp.various.api import categories, lists, printing, world

__all__ = ["FileSerializer", "categories", "lists", "printing", "world"]
