"""PyTorch tensors in the processor's memory as content of a data set, read where they lie."""

from __future__ import annotations

from typing import Any

from epochlog.recording.fingerprint.arrays import feed, new_hash
from epochlog.recording.fingerprint.content import Inside
from epochlog.recording.fingerprint.encoding import NoCanonicalForm
from epochlog.recording.fingerprint.meter import Meter
from epochlog.recording.fingerprint.plain_data import ArrayContent


def tensor_content(torch: Any, tensor: Any, inside: Inside) -> ArrayContent | None:
    """Return a dense CPU tensor as content, equal to a NumPy array of its dtype; None for others.

    Nothing is copied from a device, and gradients are no part of the content.

    Raises:
        NoCanonicalForm: its memory can't be read (fake tensors, tensors spread over processes).
    """
    if tensor.device.type != "cpu" or tensor.layout != torch.strided or tensor.is_nested:
        return None
    kind = f"torch.Tensor[{tensor.dtype}]"
    try:
        dense = tensor.detach().resolve_conj().resolve_neg()
        try:
            content = ArrayContent(dense.numpy(), inside, kind)
        except TypeError:  # bfloat16, float8: NumPy has no such type
            content = OddTensorContent(torch, dense, inside, kind)
    except (RuntimeError, NotImplementedError) as error:
        raise NoCanonicalForm(kind) from error
    content.format = "torch"
    return content


class OddTensorContent(ArrayContent):
    """A tensor of a dtype that NumPy lacks: its bytes are hashed, statistics are of its values."""

    def __init__(self, torch: Any, tensor: Any, inside: Inside, kind: str) -> None:
        flat = tensor.contiguous().reshape(-1)
        super().__init__(flat.view(torch.uint8).numpy(), inside, kind)
        self._torch, self._tensor = torch, tensor
        self.rows = int(tensor.shape[0]) if tensor.ndim else None

    def schema(self) -> dict[str, Any]:
        """Return type, and shape and dtype of the tensor."""
        shape, dtype = list(self._tensor.shape), str(self._tensor.dtype).removeprefix("torch.")
        return {"type": self._type_name, "shape": shape, "dtype": dtype}

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of dtype, shape and bytes."""
        made = new_hash("tensor", str(self._tensor.dtype), tuple(self._tensor.shape))
        feed(made, self.array, meter)
        return made.digest()

    def every(self, step: int) -> Any:
        """Return a view of every ``step``-th row."""
        return self._tensor[::step] if self._tensor.ndim else self._tensor

    def stats(self, step: int) -> dict[str, Any]:
        """Return the statistics of the values as 32-bit floats."""
        values = self.every(step).to(self._torch.float32).numpy()
        return ArrayContent(values, self._inside).stats(1)
