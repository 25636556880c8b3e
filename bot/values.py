"""The base of all frozen domain values, and the one codec between a value and its stored JSON body."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value: compared by content, never changed, unknown fields refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        ser_json_bytes="base64",
        val_json_bytes="base64",
        hide_input_in_errors=True,  # what is refused may be a secret, and errors are logged
    )

    def but(self, **changes: object) -> Self:
        """Return a validated copy with the named fields changed."""
        held = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**held, **changes})
