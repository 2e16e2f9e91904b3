"""Promises of reading the catalogue's files: what contradicts itself is refused, by file and by thing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nebula_schemas.catalogue
from nebula_schemas.catalogue import CatalogueError, catalogue, read_catalogue

SHIPPED = Path(nebula_schemas.catalogue.__file__).parent

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped catalogue, to break."""
    for entry in SHIPPED.glob("*.json"):
        shutil.copy(entry, tmp_path)
    return tmp_path


def change(folder: Path, name: str, how: Change) -> None:
    """Rewrite one file of the copy."""
    raw = json.loads((folder / name).read_text("utf-8"))
    how(raw)
    (folder / name).write_text(json.dumps(raw), "utf-8")


def refusal(folder: Path) -> str:
    """The words with which the folder is refused."""
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(folder)
    return str(caught.value)


def test_the_shipped_files_are_the_catalogue(folder: Path) -> None:
    assert read_catalogue(folder) == catalogue()
    assert [family.name for family in catalogue().families] == ["seedance", "sora", "veo", "wan"]


def test_the_shipped_catalogue_is_read_once() -> None:
    assert catalogue() is catalogue()


def test_an_unknown_price_is_named_with_its_file(folder: Path) -> None:
    change(folder, "veo.json", lambda raw: raw["models"][0].update(price="gold"))
    told = refusal(folder)
    assert "veo.json" in told
    assert "'gold'" in told


def test_a_missing_frame_size_table_is_named_with_its_file(folder: Path) -> None:
    change(folder, "veo.json", lambda raw: raw["video"]["frame_size"].update(table="cinema"))
    told = refusal(folder)
    assert "veo.json" in told
    assert "'cinema'" in told


@pytest.mark.parametrize("member", ["family", "title", "delivery", "prices", "models", "parameters", "video"])
def test_a_missing_member_is_named_with_its_file(folder: Path, member: str) -> None:
    change(folder, "wan.json", lambda raw: raw.pop(member))
    told = refusal(folder)
    assert "wan.json" in told
    assert f"'{member}'" in told


def test_broken_json_is_named_with_its_file_and_place(folder: Path) -> None:
    (folder / "sora.json").write_text('{"family": "sora",\n "title" }', "utf-8")
    told = refusal(folder)
    assert told.startswith("sora.json: not JSON")
    assert "line 2 column 10" in told


def test_a_folder_without_families_is_named(tmp_path: Path) -> None:
    shutil.copy(SHIPPED / "family.schema.json", tmp_path)
    assert refusal(tmp_path).startswith(f"{tmp_path}: found no family file")


def test_a_model_that_stands_twice_is_named_with_both_files(folder: Path) -> None:
    change(folder, "veo.json", lambda raw: raw["models"][0].update(id="sora-2"))
    told = refusal(folder)
    assert all(word in told for word in ("model 'sora-2'", "sora.json", "veo.json"))


def test_a_file_copied_whole_is_named(folder: Path) -> None:
    shutil.copy(folder / "sora.json", folder / "sora-copy.json")
    told = refusal(folder)
    assert "sora-copy.json" in told
    assert "'sora-2'" in told


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(lambda raw: raw["video"].update(duration="nothing"), id="duration"),
        pytest.param(lambda raw: raw["video"].update(fps={"parameter": "nothing"}), id="fps"),
        pytest.param(lambda raw: raw["video"]["frame_size"].update(rows="nothing"), id="rows"),
        pytest.param(lambda raw: raw["video"]["frame_size"].update(columns="nothing"), id="columns"),
        pytest.param(lambda raw: raw["prices"]["flat"].update(times="nothing"), id="times"),
        pytest.param(lambda raw: raw["prices"]["preview"].update(by="nothing"), id="by"),
        pytest.param(lambda raw: raw["models"][0].update(fixed={"nothing": True}), id="fixed"),
        pytest.param(lambda raw: raw["models"][0].update(defaults={"nothing": 1}), id="defaults"),
    ],
)
def test_an_unknown_parameter_is_named_with_its_file(folder: Path, how: Change) -> None:
    """Else the slip shows much later, as a KeyError in the middle of a submit."""
    change(folder, "veo.json", how)
    told = refusal(folder)
    assert "veo.json" in told
    assert "'nothing'" in told


@pytest.mark.parametrize(
    ("how", "thing"),
    [
        pytest.param(lambda raw: raw["parameters"][0].pop("source"), "source", id="parameter"),
        pytest.param(lambda raw: raw["parameters"][0].update(defualt=4), "defualt", id="typing-slip"),
        pytest.param(lambda raw: raw["task_id"].pop("pattern"), "pattern", id="task-id"),
    ],
)
def test_a_slip_inside_a_part_is_named_with_its_file(folder: Path, how: Change, thing: str) -> None:
    change(folder, "veo.json", how)
    told = refusal(folder)
    assert "veo.json" in told
    assert thing in told


def test_an_amount_that_is_no_number_is_named_with_its_file(folder: Path) -> None:
    change(folder, "veo.json", lambda raw: raw["prices"]["flat"].update(usd="cheap"))
    assert "veo.json" in refusal(folder)


def test_a_family_name_that_stands_twice_is_named_with_both_files(folder: Path) -> None:
    change(folder, "veo.json", lambda raw: raw.update(family="wan"))
    told = refusal(folder)
    assert all(word in told for word in ("family 'wan'", "veo.json", "wan.json"))


@pytest.mark.parametrize("text", ["[]", "null", "5", '{"family": 5}'])
def test_a_file_of_another_shape_is_named(folder: Path, text: str) -> None:
    (folder / "veo.json").write_text(text, "utf-8")
    assert refusal(folder).startswith("veo.json: ")


def test_a_new_family_needs_a_file_and_nothing_else(folder: Path) -> None:
    """Adding a model is an edit of data."""
    raw = json.loads((folder / "sora.json").read_text("utf-8"))
    raw |= {"family": "sora3", "models": [{**raw["models"][0], "id": "sora-3"}]}
    (folder / "sora3.json").write_text(json.dumps(raw), "utf-8")
    found = read_catalogue(folder)
    assert found.family_of_model["sora-3"] == found.family("sora3")
    assert found.family("sora3").parameters == found.family("sora").parameters


@pytest.mark.parametrize("name", ["family", "model", "parameter"])
def test_what_is_not_in_the_catalogue_is_a_key_error(name: str) -> None:
    holder = catalogue() if name == "family" else catalogue().family("sora")
    with pytest.raises(KeyError, match="nothing"):
        getattr(holder, name)("nothing")
