"""Particulars of the chapter Custom fields (see case.py)."""

from tests.contract.case import case
from tests.contract.values import WORDS

USES = (["customer"], ["contact", "product"], ["quotation"], ["invoice"])
#: Types that offer options, each of which may become the next one.
TYPES = ("radio", "select", "checkbox")

case(
    "/config/custom_field",
    values={
        "type": lambda stage, n: "checkbox" if n % 2 else TYPES[n // 2 % 3],
        "usage": lambda stage, n: USES[n % 4],
        "options": lambda stage, n: [f"{WORDS[n % 6]} one", f"{WORDS[n % 6]} two"],
    },
    removed=lambda stage, name, answer, body: body["options"][:1],
    nested={"Custom Field Option": "options"},
    shown=("options",),
)
