"""The video's file over HTTP: whole, by range, not again when the caller has it."""

from __future__ import annotations

import httpx
import pytest

from ettametta.bootstrap import Resources
from ettametta.models import Video
from tests.integration.admin_api.conftest import StoredVideo


async def test_the_whole_file(client: httpx.AsyncClient, video: StoredVideo) -> None:
    response = await client.get(f"/api/v1/videos/{video.id}/file")
    assert (response.status_code, response.headers["content-type"]) == (200, "video/mp4")
    assert response.content == video.content
    assert response.headers["content-length"] == str(len(video.content))
    assert (response.headers["etag"], response.headers["accept-ranges"]) == (video.etag, "bytes")
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-299", 100, 300),
        ("bytes=1279999-", 1_279_999, 1_280_000),
        ("bytes=-10", -10, None),
    ],
)
async def test_a_range(client: httpx.AsyncClient, video: StoredVideo, header: str, start: int, end: int | None) -> None:
    response = await client.get(f"/api/v1/videos/{video.id}/file", headers={"Range": header})
    wanted = video.content[start:end]
    assert (response.status_code, response.content) == (206, wanted)
    first = len(video.content) + start if start < 0 else start
    assert response.headers["content-range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(video.content)}"


async def test_bytes_that_are_not_there(client: httpx.AsyncClient, video: StoredVideo) -> None:
    response = await client.get(f"/api/v1/videos/{video.id}/file", headers={"Range": "bytes=9999999-"})
    assert (response.status_code, response.headers["content-range"]) == (416, f"bytes */{len(video.content)}")
    assert response.headers["content-type"] == "application/problem+json"


async def test_what_the_caller_has_is_not_sent_again(client: httpx.AsyncClient, video: StoredVideo) -> None:
    url = f"/api/v1/videos/{video.id}/file"
    assert (await client.get(url, headers={"If-None-Match": f'"other", W/{video.etag}'})).status_code == 304
    fresh = await client.get(url, headers={"If-Range": '"other"', "Range": "bytes=0-9"})
    assert (fresh.status_code, len(fresh.content)) == (200, len(video.content))
    same = await client.get(url, headers={"If-Range": video.etag, "Range": "bytes=0-9"})
    assert (same.status_code, len(same.content)) == (206, 10)


async def test_what_belongs_to_a_video(client: httpx.AsyncClient, video: StoredVideo, resources: Resources) -> None:
    sheet = await resources.storage.put_content("videos", ".jpg", b"sheet", "image/jpeg")
    cover = await resources.storage.put_content("videos", ".jpg", b"cover", "image/jpeg")
    async with resources.database.session_scope() as session:
        row = await session.get_one(Video, video.id)
        row.contact_sheet_key, row.cover_keys = sheet, [cover]
    url = f"/api/v1/videos/{video.id}"
    shown = await client.get(f"{url}/contact-sheet")
    assert (shown.content, shown.headers["content-type"]) == (b"sheet", "image/jpeg")
    assert (await client.get(f"{url}/covers/1")).content == b"cover"
    for missing in ("covers/2", "captions.vtt"):
        assert (await client.get(f"{url}/{missing}")).json()["code"] == "video.no_part"


async def test_there_is_no_such_video(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/v1/videos/%2e%2e%2fetc/file")
    assert response.status_code == 404
    missing = await client.get("/api/v1/videos/ffff/file")
    assert (missing.status_code, missing.json()["code"]) == (404, "video.not_found")
