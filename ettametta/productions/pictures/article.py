"""The own pictures of the articles a storyboard rests on, as far as their stated licences are within the policy."""

from __future__ import annotations

from ettametta.kit.ids import content_key
from ettametta.productions.options import VideoOptions
from ettametta.productions.pictures.search import ARTICLE
from ettametta.providers.footage.base import FoundAsset
from ettametta.providers.footage.licences import allows, read_licence
from ettametta.storyboard import Citation, Storyboard


def cited_pictures(board: Storyboard, options: VideoOptions) -> dict[int, FoundAsset]:
    """Pictures by the index of their citation."""
    if options.sources and ARTICLE not in options.sources:
        return {}
    found = {index: _found(one) for index, one in enumerate(board.citations)}
    return {index: one for index, one in found.items() if one is not None and allows(options.licences, one.licence)}


def _found(citation: Citation) -> FoundAsset | None:
    picture = citation.picture
    if picture is None or citation.url is None:
        return None
    return FoundAsset(
        provider=ARTICLE,
        provider_id=content_key(url=picture.url)[:32],
        kind="photo",
        title=picture.title or citation.title,
        file_url=picture.url,
        page_url=citation.url,
        author=picture.author or citation.author or citation.publisher,
        licence=read_licence(picture.licence),
    )
