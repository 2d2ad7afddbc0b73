"""What rows of the app need beyond their fields (see tests/recipes.py)."""

RECIPES = {"webhooks.Subscription": {"url": "https://hooks.example.com/erp", "topics": ["*"]}}
BODIES = {"/webhook": lambda: {"url": "https://hooks.example.com/erp", "topics": ["customer.created"]}}
