"""Read CUDA_VISIBLE_DEVICES the way CUDA does."""

from __future__ import annotations


def visible_tokens(value: str) -> list[str]:
    """Return the devices that ``value`` names, up to the first that is none, where CUDA stops.

    Example:
        >>> visible_tokens("2, GPU-8f1c,-1,0")
        ['2', 'GPU-8f1c']
    """
    tokens: list[str] = []
    for token in (part.strip() for part in value.split(",")):
        if not (token.isdigit() or token.startswith(("GPU-", "MIG-"))):
            break
        tokens.append(str(int(token)) if token.isdigit() else token)
    return tokens
