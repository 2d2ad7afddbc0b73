"""Subscriptions and deliveries."""
