"""Pages outside the admin: links of mails."""

urlpatterns: list = []
