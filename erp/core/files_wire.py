"""The File object of the wire (reference: Various / File), answered wherever a row has a file."""

from __future__ import annotations

from erp.core.fields import Computed
from erp.core.files import base64_content
from erp.core.models import File
from erp.core.wire import WireSerializer

__all__ = ["FileSerializer"]


class FileSerializer(WireSerializer):
    """A stored file. `file`, its bytes in base64, is for single answers (a view's `single_default`)."""

    file = Computed(base64_content, on_request=True, schema={"type": "string", "format": "byte"})

    class Meta:
        model = File
        fields = (
            "id",
            "name",
            "filename",
            "extension",
            "size",
            "human_size",
            "element_id",
            "element_type",
            "created_at",
            "updated_at",
            "file",
        )
