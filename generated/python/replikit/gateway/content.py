"""What a tool of somebody else's gave that is no text: its pictures and sounds are shown as such, and not as base64."""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Mapping
from typing import Any

import mcp_types as types

from ..mcp.results import LARGEST_IMAGE, MOST_IMAGES

Block = types.ImageContent | types.AudioContent


def shown(data: Any, content: Iterable[Mapping[str, Any]]) -> tuple[Any, tuple[Block, ...]]:
    """The data without the bytes that stand in blocks, and the blocks; what is too much, or is none, is told of alone.

    content: the blocks of the tool's result that are no text. Where the data is the list of all blocks they are in it.
    """
    blocks: list[Block] = []
    texts: dict[str, str] = {}
    for each in content:
        text = each.get("data")
        if not isinstance(text, str) or text in texts:
            continue
        made = _block(each, text) if len(blocks) < MOST_IMAGES else None
        if made is not None:
            blocks.append(made)
        texts[text] = "shown separately" if made is not None else f"omitted: {len(text) * 3 // 4:,} bytes"
    if isinstance(data, list) and texts:
        data = [_without_bytes(each, texts) for each in data]
    return data, tuple(blocks)


def _without_bytes(block: Any, texts: Mapping[str, str]) -> Any:
    text = block.get("data") if isinstance(block, dict) else None
    return {**block, "data": texts[text]} if isinstance(text, str) and text in texts else block


def _block(block: Mapping[str, Any], text: str) -> Block | None:
    kind, media_type = block.get("type"), str(block.get("mimeType") or "")[:100]
    if kind not in ("image", "audio") or not media_type.startswith(f"{kind}/") or len(text) * 3 // 4 > LARGEST_IMAGE:
        return None
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    if kind == "image":
        return types.ImageContent(type="image", data=text, mime_type=media_type)
    return types.AudioContent(type="audio", data=text, mime_type=media_type)
