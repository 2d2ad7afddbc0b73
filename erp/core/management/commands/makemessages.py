"""`makemessages`, which also knows `_t`: our name for gettext in modules where `_` is the lazy one."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Gathers the texts to translate (`make messages`)."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_t"]
    # A translation guessed from a similar text is worse than none: untranslated texts are found by a test.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
