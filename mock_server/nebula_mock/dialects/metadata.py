"""``metadata``: the upstream's own object, passed on by the provider, one form per family.

Every value is what was really used after coercion, so this is where a consumer sees it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from nebula_mock.core.lifecycle import Observation, Stage
from nebula_mock.core.reply import JsonObject
from nebula_mock.core.task import Task
from nebula_schemas.catalogue import tokens

# Wan's times are the upstream's local time, China Standard Time, without an offset (DOC sample).
_WAN_TIME_ZONE = timezone(timedelta(hours=8))

_SORA_STATUS: Mapping[Stage, str] = {
    "waiting": "queued",
    "running": "in_progress",
    "succeeded": "completed",
    "failed": "failed",
}
_WAN_STATUS: Mapping[Stage, str] = {
    "waiting": "PENDING",
    "running": "RUNNING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
}
_SEEDANCE_STATUS: Mapping[Stage, str] = {
    "waiting": "queued",
    "running": "running",
    "succeeded": "succeeded",
    "failed": "failed",
}
VEO_BYTES_CUT = "AAAAIGZ0eXBpc29t..."
"""All that ``metadata`` shows of a result in base64: how every MP4 of this provider begins."""

_VEO_RESPONSE_TYPE = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"
_VEO_ECHO = ("durationSeconds", "aspectRatio", "resolution", "fps", "generateAudio", "sampleCount")


def queried(task: Task, seen: Observation, urls: Sequence[str]) -> JsonObject:
    """The ``metadata`` of a query answer; ``urls`` are the results, empty until they exist."""
    return _QUERIED[task.family.wire](task, seen, urls)


def wan_submitted(task: Task) -> JsonObject:
    """The ``metadata`` of Wan's submit answer (DOC sample)."""
    price_per_second = task.price_usd / task.film.duration_s
    return {
        "model_price": float(price_per_second),
        "requested_seconds": task.film.duration_s,
        "billing_pending": True,
        "group_ratio": 1,
        "token_name": "default",
        "output": {"task_id": task.task_id, "task_status": "PENDING"},
        "request_id": task.request_id,
    }


def _sora(task: Task, seen: Observation, _urls: Sequence[str]) -> JsonObject:
    ended_at = seen.ended_at
    failure = seen.failure
    return {
        "id": task.task_id,
        "object": "video",
        "model": task.model.id,
        "status": _SORA_STATUS[seen.stage],
        "progress": seen.progress_percent,
        "created_at": int(task.submitted_at),
        "completed_at": None if ended_at is None else int(ended_at),
        "expires_at": None if ended_at is None else int(ended_at + task.kept_s),
        "seconds": str(task.parameters["seconds"]),
        "size": task.parameters["size"],
        "remixed_from_video_id": task.parameters.get("remix_from_video_id"),
        "error": None if failure is None else {"code": failure.code, "message": failure.message},
    }


def _veo(task: Task, _seen: Observation, urls: Sequence[str]) -> JsonObject:
    echo = {name: task.parameters[name] for name in _VEO_ECHO}
    if not urls:
        return echo
    shown = (
        urls if len(urls) == task.film.count else [*urls] * task.film.count
    )  # one word for all that expired
    videos = [{"mimeType": "video/mp4", **_veo_video(url)} for url in shown]
    response = {"@type": _VEO_RESPONSE_TYPE, "raiMediaFilteredCount": 0, "videos": videos}
    return {**echo, "response": response}


def _veo_video(url: str) -> JsonObject:
    """A result by URL (newer), or in the answer: then its base64 is cut here (older page, SRC)."""
    if url.startswith(("https:", "http:")):
        return {"url": url}
    return {"encoding": "mp4", "bytesBase64Encoded": VEO_BYTES_CUT}


def _wan(task: Task, seen: Observation, urls: Sequence[str]) -> JsonObject:
    output: JsonObject = {"task_id": task.task_id, "task_status": _WAN_STATUS[seen.stage]}
    if urls:
        output["video_url"] = urls[0]
    output["submit_time"] = _wan_time(task.submitted_at)
    if seen.started_at is not None:
        output["scheduled_time"] = _wan_time(seen.started_at)
    if seen.ended_at is not None:
        output["end_time"] = _wan_time(seen.ended_at)
    if seen.failure is not None:
        output |= {"code": seen.failure.code, "message": seen.failure.message}
    body: JsonObject = {"request_id": task.request_id, "output": output}
    if urls:
        output |= {"orig_prompt": task.prompt, "actual_prompt": task.prompt}
        body["usage"] = {"video_count": 1, "duration": task.film.duration_s, **_wan_frame(task)}
    return body


def _wan_frame(task: Task) -> JsonObject:
    size = task.parameters.get("size")
    if size is None:
        return {"resolution": task.parameters["resolution"]}
    return {"resolution": task.family.parameter("size").group_of(size), "size": size}


def wan_upstream_usage(task: Task) -> JsonObject:
    """``usage`` as Wan's upstream itself writes it, one form for each of its models (SRC)."""
    size = task.parameters.get("size")
    if size is None:
        lines = int(task.parameters["resolution"].removesuffix("p"))
        return {"SR": lines, "duration": task.film.duration_s, "video_count": 1}
    return {"video_duration": task.film.duration_s, "video_ratio": size, "video_count": 1}


def _wan_time(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(_WAN_TIME_ZONE)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def _seedance(task: Task, seen: Observation, urls: Sequence[str]) -> JsonObject:
    changed_at = seen.ended_at or seen.started_at or task.submitted_at
    body: JsonObject = {
        "id": task.task_id,
        "model": task.model.id,
        "status": _SEEDANCE_STATUS[seen.stage],
        "created_at": int(task.submitted_at),
        "updated_at": int(changed_at),
        "seed": task.seed,
        "resolution": task.parameters["resolution"],
        "duration": task.parameters["duration"],
        "ratio": task.parameters["ratio"],
        "framespersecond": task.parameters["fps"],
    }
    if urls:
        used = tokens(task.family, task.model, task.parameters)
        body["content"] = {"video_url": urls[0]}
        body["usage"] = {"completion_tokens": used, "total_tokens": used}
    if seen.failure is not None:
        body["error"] = {"code": seen.failure.code, "message": seen.failure.message, "type": "BadRequest"}
        body["reason"] = seen.failure.message
    return body


_QUERIED: Mapping[str, Callable[[Task, Observation, Sequence[str]], JsonObject]] = {
    "sora": _sora,
    "veo": _veo,
    "wan": _wan,
    "seedance": _seedance,
}
