"""Column lists of queries, compiled once per model.

For each query Django compiles every column anew, and looks up how each is converted. With the hundred columns
of a document that takes longer than the database does; the result depends on nothing but the model and the
columns left out. Queries of anything else than rows as they are (sums, joined rows, values) are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import sql
from django.db.models.sql.compiler import SQLCompiler

__all__ = ["TenantQuery"]


@dataclass(slots=True)
class _Columns:
    """What Django made of the columns of one shape of query."""

    select: Sequence[Any]
    klass_info: Any
    annotations: dict[str, int]
    #: Set when rows are read for the first time.
    converters: dict[int, Any] | None = None


_compiled: dict[Any, _Columns] = {}


class TenantQuery(sql.Query):
    """The query of tenant models' querysets."""

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        compiler = super().get_compiler(*args, **kwargs)
        if type(compiler) is SQLCompiler:
            compiler.__class__ = _Compiler
        return compiler


class _Compiler(SQLCompiler):
    """Django's, which remembers columns."""

    columns: _Columns | None = None

    def get_select(self, with_col_aliases: bool = False) -> Any:
        if with_col_aliases or (shape := self._shape()) is None:
            return super().get_select(with_col_aliases)
        if shape not in _compiled:
            _compiled[shape] = _Columns(*super().get_select())
        self.columns = _compiled[shape]
        return list(self.columns.select), self.columns.klass_info, self.columns.annotations

    def get_converters(self, expressions: Any) -> Any:
        if self.columns is None:
            return super().get_converters(expressions)
        if self.columns.converters is None:
            self.columns.converters = super().get_converters(expressions)
        return self.columns.converters

    def _shape(self) -> Any:
        """What the columns depend on; None when they are not just a model's."""
        query: Any = self.query
        model = query.model
        if (
            not query.default_cols
            or query.select_related
            or query.annotation_select
            or query.extra_select
            or query.base_table != model._meta.db_table
            or model._meta.concrete_model._meta.parents  # their columns take joins
        ):
            return None
        names, is_left_out = query.deferred_loading
        return self.connection.vendor, model, frozenset(names), is_left_out
