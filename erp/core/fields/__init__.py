"""Fields of the wire: how one value is read from a request and written to an answer.

They are DRF fields with one thing more: `columns(name)`, the attributes they put in an answer,
each as a function of the row. A serializer compiles these once (see `wire.py`), because answers
of documents hold thousands of values and DRF's per-field walk is ten times slower.
"""

from erp.core.fields.columns import Column, date_of, datetime_of, decimal_text, number_of, text_of
from erp.core.fields.links import MAX_ID, Ids, LinkField, Relation, RelationList, as_id
from erp.core.fields.nested import NestedList, NestedObject, Rows
from erp.core.fields.values import (
    Computed,
    DayOrMoment,
    JsonNumber,
    LabelledChoice,
    PlainField,
    StatusFlag,
    TextList,
    Upload,
    Uploads,
    WireBoolean,
    WireChar,
    WireChoice,
    WireDate,
    WireDateTime,
    WireDecimal,
    WireEmail,
    WireInteger,
    WireReadOnly,
)

__all__ = [
    "MAX_ID",
    "Column",
    "Computed",
    "DayOrMoment",
    "Ids",
    "JsonNumber",
    "LabelledChoice",
    "LinkField",
    "NestedList",
    "NestedObject",
    "PlainField",
    "Relation",
    "RelationList",
    "Rows",
    "StatusFlag",
    "TextList",
    "Upload",
    "Uploads",
    "WireBoolean",
    "WireChar",
    "WireChoice",
    "WireDate",
    "WireDateTime",
    "WireDecimal",
    "WireEmail",
    "WireInteger",
    "WireReadOnly",
    "as_id",
    "date_of",
    "datetime_of",
    "decimal_text",
    "number_of",
    "text_of",
]
