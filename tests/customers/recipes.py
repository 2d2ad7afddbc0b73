"""What rows of the chapter need beyond their fields (see tests/recipes.py)."""

RECIPES = {
    "customers.CustomerType": {"is_company": True},
    "customers.Customer": {"company_name": "Dupont"},
}
