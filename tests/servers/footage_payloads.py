"""What picture sources answer, in the shapes their documentation shows, from one plain description of a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Item:
    """A picture or clip that a source has."""

    number: int
    title: str
    tags: tuple[str, ...] = ()
    kind: str = "photo"
    width: int = 540
    height: int = 960
    seconds: float = 2.0
    author: str = "Ada Lumen"
    #: as Openverse names it ("by-sa 4.0"), where the source states one for each item
    licence: str = "by 4.0"
    #: words of a description (NASA)
    about: str = ""
    #: which picture the file shows; the same seed is the same picture
    seed: int | None = None

    @property
    def words(self) -> str:
        return " ".join([self.title, *self.tags]).lower()

    def file(self, base: str, width: int | None = None, height: int | None = None) -> str:
        ending = "jpg" if self.kind == "photo" else "mp4"
        size = f"{width or self.width}x{height or self.height}"
        return f"{base}/files/{self.seed if self.seed is not None else self.number}/{size}.{ending}"

    @property
    def licence_url(self) -> str:
        code, _, version = self.licence.partition(" ")
        if code in ("cc0", "pdm"):
            return f"https://creativecommons.org/publicdomain/{'zero' if code == 'cc0' else 'mark'}/1.0/"
        return f"https://creativecommons.org/licenses/{code}/{version}/"


def pexels_photos(items: Sequence[Item], base: str) -> dict[str, Any]:
    photos = [
        {
            "id": one.number,
            "width": one.width,
            "height": one.height,
            "url": f"https://www.pexels.com/photo/{one.title.lower().replace(' ', '-')}-{one.number}/",
            "photographer": one.author,
            "photographer_url": "https://www.pexels.com/@ada-lumen",
            "photographer_id": 680589,
            "avg_color": "#978E82",
            "src": {
                "original": one.file(base),
                "large2x": one.file(base, *_within(one, 1880, 1300)),
                "large": one.file(base, *_within(one, 940, 650)),
                "medium": one.file(base, *_within(one, 500, 350)),
                "small": one.file(base, *_within(one, 200, 130)),
                "portrait": one.file(base, 800, 1200),
                "landscape": one.file(base, 1200, 627),
                "tiny": one.file(base, 280, 200),
            },
            "liked": False,
            "alt": one.title,
        }
        for one in items
    ]
    return {"page": 1, "per_page": 15, "photos": photos, "total_results": len(photos), "next_page": "x"}


def pexels_videos(items: Sequence[Item], base: str) -> dict[str, Any]:
    videos = [
        {
            "id": one.number,
            "width": one.width,
            "height": one.height,
            "url": f"https://www.pexels.com/video/{one.title.lower().replace(' ', '-')}-{one.number}/",
            "image": one.file(base, 160, 90).replace(".mp4", ".jpg"),
            "full_res": None,
            "tags": [],
            "duration": one.seconds,
            "user": {"id": 574687, "name": one.author, "url": "https://www.pexels.com/@ada-lumen"},
            "video_files": [
                {"id": 1, "quality": "hls", "file_type": "video/mp4", "width": None, "height": None, "link": "x"},
                {
                    "id": 2,
                    "quality": "hd",
                    "file_type": "video/mp4",
                    "width": one.width,
                    "height": one.height,
                    "fps": 30,
                    "link": one.file(base),
                    "size": 100_000,
                },
                {
                    "id": 3,
                    "quality": "sd",
                    "file_type": "video/mp4",
                    "width": one.width // 4 * 2,
                    "height": one.height // 4 * 2,
                    "fps": 30,
                    "link": one.file(base, one.width // 4 * 2, one.height // 4 * 2),
                    "size": 50_000,
                },
            ],
            "video_pictures": [{"id": 168236, "picture": "https://images.pexels.com/v.jpg", "nr": 0}],
        }
        for one in items
    ]
    return {"page": 1, "per_page": 15, "total_results": len(videos), "url": "https://www.pexels.com/", "videos": videos}


def pixabay_photos(items: Sequence[Item], base: str) -> dict[str, Any]:
    hits = [
        {
            "id": one.number,
            "pageURL": f"https://pixabay.com/en/{one.title.lower().replace(' ', '-')}-{one.number}/",
            "type": "photo",
            "tags": ", ".join([*one.title.lower().split(), *one.tags]),
            "previewURL": one.file(base, *_within(one, 150, 150)),
            "previewWidth": 150,
            "previewHeight": 84,
            "webformatURL": one.file(base, *_within(one, 640, 640)),
            "webformatWidth": 640,
            "webformatHeight": 360,
            "largeImageURL": one.file(base, *_within(one, 1280, 1280)),
            "imageWidth": one.width,
            "imageHeight": one.height,
            "imageSize": 4731420,
            "views": 7671,
            "downloads": 6439,
            "likes": 5,
            "comments": 2,
            "user_id": 48777,
            "user": one.author,
            "userImageURL": "https://cdn.pixabay.com/user/2013/11/05/02-10-23-764_250x250.jpg",
        }
        for one in items
    ]
    return {"total": 4692, "totalHits": len(hits), "hits": hits}


def pixabay_videos(items: Sequence[Item], base: str) -> dict[str, Any]:
    hits = [
        {
            "id": one.number,
            "pageURL": f"https://pixabay.com/videos/id-{one.number}/",
            "type": "film",
            "tags": ", ".join([*one.title.lower().split(), *one.tags]),
            "duration": one.seconds,
            "videos": {
                "large": {"url": "", "width": 0, "height": 0, "size": 0, "thumbnail": ""},
                "medium": {
                    "url": one.file(base),
                    "width": one.width,
                    "height": one.height,
                    "size": 3562083,
                    "thumbnail": "https://cdn.pixabay.com/video/2015/08/08/125-135736646_medium.jpg",
                },
                "small": {
                    "url": one.file(base, one.width // 4 * 2, one.height // 4 * 2),
                    "width": one.width // 4 * 2,
                    "height": one.height // 4 * 2,
                    "size": 1030736,
                    "thumbnail": "https://cdn.pixabay.com/video/2015/08/08/125-135736646_small.jpg",
                },
            },
            "views": 4462,
            "user_id": 48777,
            "user": one.author,
        }
        for one in items
    ]
    return {"total": 42, "totalHits": len(hits), "hits": hits}


def openverse_images(items: Sequence[Item], base: str) -> dict[str, Any]:
    results = []
    for one in items:
        code, _, version = one.licence.partition(" ")
        results.append(
            {
                "id": f"4bc43a04-ef46-4544-a0c1-{one.number:012d}",
                "title": one.title,
                "indexed_on": "2019-12-04T14:54:04.143498Z",
                "foreign_landing_url": f"https://www.flickr.com/photos/7702423@N04/{one.number}",
                "url": one.file(base),
                "creator": one.author,
                "creator_url": "https://www.flickr.com/photos/7702423@N04",
                "license": code,
                "license_version": version or "1.0",
                "license_url": one.licence_url,
                "provider": "flickr",
                "source": "flickr",
                "category": None,
                "filesize": None,
                "filetype": None,
                "tags": [{"name": tag, "accuracy": None, "unstable__provider": "flickr"} for tag in one.tags],
                "attribution": f'"{one.title}" by {one.author} is licensed under CC {one.licence.upper()}. To view a '
                f"copy of this license, visit {one.licence_url}.",
                "fields_matched": ["title"],
                "mature": False,
                "height": one.height,
                "width": one.width,
                "thumbnail": f"https://api.openverse.org/v1/images/{one.number}/thumb/",
                "detail_url": f"https://api.openverse.org/v1/images/{one.number}/",
                "related_url": f"https://api.openverse.org/v1/images/{one.number}/related/",
                "unstable__sensitivity": [],
            }
        )
    return {"result_count": len(results), "page_count": 1, "page_size": 20, "page": 1, "results": results}


def commons_pages(items: Sequence[Item], base: str) -> dict[str, Any]:
    if not items:
        return {"batchcomplete": True}
    pages = []
    for index, one in enumerate(items, 1):
        is_photo = one.kind == "photo"
        name = f"{one.title} {one.number}.{'jpg' if is_photo else 'webm'}"
        code, _, version = one.licence.partition(" ")
        short = {"cc0": "CC0", "pdm": "Public domain"}.get(code, f"CC {code.upper()} {version}")
        info: dict[str, Any] = {
            "size": 1353326,
            "width": one.width,
            "height": one.height,
            "url": one.file(base),
            "descriptionurl": f"https://commons.wikimedia.org/wiki/File:{name.replace(' ', '_')}",
            "descriptionshorturl": f"https://commons.wikimedia.org/w/index.php?curid={one.number}",
            "thumburl": one.file(base, *_within(one, 960, 100_000)).replace(".mp4", ".jpg"),
            "thumbwidth": _within(one, 960, 100_000)[0],
            "thumbheight": _within(one, 960, 100_000)[1],
            "mime": "image/jpeg" if is_photo else "video/webm",
            "extmetadata": {
                "ObjectName": {"value": one.title, "source": "mediawiki-metadata", "hidden": ""},
                "Categories": {"value": "|".join(one.tags), "source": "commons-categories"},
                "LicenseShortName": {"value": short, "source": "commons-desc-page"},
                "LicenseUrl": {"value": one.licence_url, "source": "commons-desc-page"},
                "Artist": {
                    "value": f'<a href="//commons.wikimedia.org/wiki/User:Ada" title="User:Ada">{one.author}</a>',
                    "source": "commons-desc-page",
                },
            },
        }
        if not is_photo:
            info["duration"] = one.seconds
            info["derivatives"] = [
                {"src": one.file(base).replace(".mp4", ".ogv"), "type": "video/ogg", "width": 640, "height": 360},
                {
                    "src": one.file(base),
                    "type": 'video/webm; codecs="vp9, opus"',
                    "width": one.width,
                    "height": one.height,
                    "bandwidth": 1,
                    "transcodekey": "480p.vp9.webm",
                },
            ]
        pages.append(
            {
                "pageid": one.number,
                "ns": 6,
                "title": f"File:{name}",
                "index": index,
                "imagerepository": "local",
                "videoinfo": [info],
            }
        )
    return {"batchcomplete": True, "continue": {"gsroffset": 20}, "query": {"pages": pages}}


def nasa_search(items: Sequence[Item], base: str) -> dict[str, Any]:
    listed = [
        {
            "href": f"http://images-assets.nasa.gov/media/{_nasa_id(one)}/collection.json",
            "data": [
                {
                    "center": "JSC",
                    "title": one.title,
                    "nasa_id": _nasa_id(one),
                    "media_type": "image" if one.kind == "photo" else "video",
                    "keywords": list(one.tags),
                    "date_created": "1972-12-07T00:00:00Z",
                    "description": one.about or f"{one.title}, seen from orbit.",
                    "photographer": one.author,
                }
            ],
            "links": [
                {"href": one.file(base, 160, 90), "rel": "preview", "render": "image"},
                {"href": one.file(base), "rel": "canonical", "width": one.width, "height": one.height, "size": 4},
            ],
        }
        for one in items
    ]
    return {
        "collection": {
            "version": "1.0",
            "href": "http://images-api.nasa.gov/search?q=x",
            "items": listed,
            "metadata": {"total_hits": len(listed)},
        }
    }


def nasa_asset(one: Item, base: str) -> dict[str, Any]:
    ending = "jpg" if one.kind == "photo" else "mp4"
    names = ["orig", "large", "thumb"] if one.kind == "photo" else ["orig", "medium", "preview"]
    items = [{"href": f"{one.file(base).rpartition('.')[0]}~{name}.{ending}"} for name in names]
    items.append({"href": f"http://images-assets.nasa.gov/image/{_nasa_id(one)}/metadata.json"})
    return {"collection": {"version": "1.0", "href": "http://images-api.nasa.gov/asset/x", "items": items}}


def _nasa_id(one: Item) -> str:
    return f"as17-{one.number}"


def archive_docs(items: Sequence[Item], base: str) -> dict[str, Any]:
    docs = [
        {
            "identifier": f"item-{one.number}",
            "title": one.title,
            "creator": [one.author, "Prelinger"] if one.number % 2 else one.author,
            "licenseurl": one.licence_url.replace("https", "http"),
            "mediatype": "image" if one.kind == "photo" else "movies",
            "subject": list(one.tags) or "sea; light",
        }
        for one in items
    ]
    return {
        "responseHeader": {"status": 0, "QTime": 12, "params": {"query": "x"}},
        "response": {"numFound": len(docs), "start": 0, "docs": docs},
    }


def archive_item(one: Item, base: str) -> dict[str, Any]:
    photo = one.kind == "photo"
    size = f"{one.width}x{one.height}"
    files = [
        {"name": f"item-{one.number}_meta.xml", "source": "original", "format": "Metadata", "size": "1024"},
        {"name": "huge.mp4", "source": "original", "format": "h.264", "size": "999999999", "width": "1", "height": "1"},
        {
            "name": f"{size}.jpg" if photo else f"{size}.mp4",
            "source": "derivative",
            "format": "JPEG" if photo else "h.264",
            "size": "345678",
            "width": str(one.width),
            "height": str(one.height),
            "length": "12.5",
        },
    ]
    return {
        "created": 1700000000,
        "d1": "ia800000.us.archive.org",
        "dir": f"/1/items/item-{one.number}",
        "files": files,
        "files_count": 3,
        "metadata": {"identifier": f"item-{one.number}"},
    }


def _within(one: Item, width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, width / max(one.width, 1), height / max(one.height, 1))
    return round(one.width * scale), round(one.height * scale)


#: The search answers by path: which kinds each is asked for, and how it is made.
SEARCHES: Mapping[str, tuple[str, str, Callable[[Sequence[Item], str], dict[str, Any]]]] = {
    "/v1/search": ("pexels", "photo", pexels_photos),
    "/videos/search": ("pexels", "clip", pexels_videos),
    "/api/": ("pixabay", "photo", pixabay_photos),
    "/api/videos/": ("pixabay", "clip", pixabay_videos),
    "/v1/images/": ("openverse", "photo", openverse_images),
    "/w/api.php": ("commons", "any", commons_pages),
    "/search": ("nasa", "any", nasa_search),
    "/advancedsearch.php": ("archive", "any", archive_docs),
}
