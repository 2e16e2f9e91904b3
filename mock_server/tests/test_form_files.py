"""Files in a form: known by how they begin, whatever they are called, and never a reason to fail."""

from io import BytesIO
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking import LEAST, Consumer
from nebula_schemas.catalogue import Dialect

DIALECTS = get_args(Dialect)


@pytest.mark.proves("sora.image.formats", "auth.multipart")
@pytest.mark.parametrize(
    ("head", "is_taken"),
    [(b"\xff\xd8\xff", True), (b"\x89PNG\r\n\x1a\n", True), (b"RIFF", True), (b"GIF89a", False)],
    ids=["jpeg", "png", "webp", "gif"],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_sora_knows_jpeg_png_and_webp(dialect: Dialect, head: bytes, *, is_taken: bool) -> None:
    asked = Consumer(dialect)
    file = (BytesIO(head + b"\0" * 64), "cat.bin")
    assert asked.form({**LEAST["sora"], "input_reference": file}).status_code == 200
    assert ("input_reference" in list(asked.provider.store.tasks())[-1].parameters) == is_taken


@settings(max_examples=40)
@given(st.binary(max_size=100), st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1))
def test_no_file_makes_a_submit_fail(content: bytes, name: str) -> None:
    answer = Consumer().form({**LEAST["sora"], "input_reference": (BytesIO(content), name)})
    assert answer.status_code == 200
