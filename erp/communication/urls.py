"""Public pages, outside the API: links of mails. Mails keep their addresses for years: they never change."""

from django.urls import path

from erp.communication import views

urlpatterns = [
    path("sender/<str:token>", views.SenderValidationView.as_view(), name="sender_validation"),
    path("m/o/<str:token>.gif", views.open_view, name="mail_open"),
    path("m/c/<str:token>", views.click_view, name="mail_click"),
]
