"""Pages outside the admin: links of mails."""

from django.urls import path

from tenants import views

urlpatterns = [
    path("invitation/<str:token>", views.InvitationView.as_view(), name="invitation"),
    path("email/<str:token>", views.EmailChangeView.as_view(), name="email_change"),
]
