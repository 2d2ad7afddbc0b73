"""What can happen to webhooks: the API, the admin, tasks and commands call these.

- `topics`: what can be told; `subscriptions`: who is told; `recording`: what happened becomes messages;
  `sending`: messages are signed, sent, tried again
"""

from erp.webhooks.services.recording import record, tell
from erp.webhooks.services.sending import due, replay, send
from erp.webhooks.services.subscriptions import (
    create_subscription,
    delete_subscription,
    renew_secret,
    test_subscription,
    update_subscription,
)
from erp.webhooks.services.topics import all_topics, label_of

__all__ = [
    "all_topics",
    "create_subscription",
    "delete_subscription",
    "due",
    "label_of",
    "record",
    "renew_secret",
    "replay",
    "send",
    "tell",
    "test_subscription",
    "update_subscription",
]
