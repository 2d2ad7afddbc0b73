"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

RECIPES = {
    f"sales.{kind.capitalize()}": {"kind": kind}
    for kind in ("quotation", "command", "proforma", "delivery", "invoice", "credit")
}
