"""Pages outside the admin: links of mails."""

from django.urls import path

from tenants import views

urlpatterns = [
    path("invitation/<str:token>", views.InvitationView.as_view(), name="invitation"),
    path("password/", views.ForgottenView.as_view(), name="admin_password_reset"),
    path("password/<str:token>", views.PasswordResetView.as_view(), name="password_reset"),
    path("email/<str:token>", views.EmailChangeView.as_view(), name="email_change"),
]
