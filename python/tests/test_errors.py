"""One class for each code, with what the caller needs to go on."""

from __future__ import annotations

import pickle

import pytest

import modelshelf
from modelshelf import _native, errors


def test_every_class_is_public_and_has_its_own_code() -> None:
    for code, kind in errors.BY_CODE.items():
        assert kind.code == code
        assert getattr(modelshelf, kind.__name__) is kind
        assert issubclass(kind, modelshelf.Error)
    assert len(errors.BY_CODE) == 26


def test_an_error_says_what_where_and_what_next() -> None:
    error = errors.of("not_found", "cannot read it", "/a/b", "look elsewhere")
    assert isinstance(error, modelshelf.NotFound)
    assert str(error) == "/a/b: cannot read it (look elsewhere)"
    assert (error.code, error.path, error.hint) == ("not_found", "/a/b", "look elsewhere")


def test_an_unknown_code_is_kept() -> None:
    error = errors.of("brand_new", "x")
    assert type(error) is modelshelf.Error
    assert error.code == "brand_new"


def test_candidates_of_an_ambiguous_name() -> None:
    error = errors.from_native("ambiguous", "x", None, None, '{"candidates":["a","b"]}')
    assert error.candidates == ["a", "b"]


def test_errors_cross_process_borders() -> None:
    error = pickle.loads(pickle.dumps(errors.of("unsafe_file", "no", "/x", "do not")))
    assert type(error) is modelshelf.UnsafeFile
    assert (error.code, error.path, error.hint, str(error)) == ("unsafe_file", "/x", "do not", "/x: no (do not)")


@pytest.mark.parametrize(
    "call",
    [
        lambda: _native.get(None, "x"),
        lambda: _native.get(),
        lambda: _native.hash_files("x", None, None, None),
        lambda: _native.hash_files([1], None, None, None),
        lambda: _native.hash_files([], 1, None, None),
        lambda: _native.hash_files([], None, None, "token"),
        lambda: _native.hash_files([], None, None),
        lambda: _native.open(1, None),
        lambda: _native.open("x", 1),
        lambda: _native.Shelf(),
        lambda: _native.Cancel(1),
        lambda: modelshelf.hash_file("x", progress=1),
    ],
)
def test_wrong_types_are_type_errors(call: object) -> None:
    with pytest.raises(TypeError):
        call()  # type: ignore[operator]


@pytest.mark.parametrize(
    "call",
    [
        lambda: _native.hash_files(["a\0b"], None, None, None),
        lambda: _native.civitai_lookup("[]\0", None, None, None),
        lambda: modelshelf.hash_files([], jobs=-1),
    ],
)
def test_impossible_values_are_value_errors(call: object) -> None:
    with pytest.raises(ValueError):
        call()  # type: ignore[operator]


def test_a_closed_shelf_says_so() -> None:
    shelf = modelshelf.get_manager()
    shelf.close()
    shelf.close()
    with pytest.raises(modelshelf.UsageError) as caught:
        shelf.list()
    assert caught.value.code == "usage"
    assert caught.value.hint


def test_a_filter_that_does_not_exist_is_refused() -> None:
    with modelshelf.get_manager() as shelf, pytest.raises(modelshelf.UsageError, match="colour"):
        shelf.list(sort="colour")


def test_a_database_that_cannot_be_is_a_store_error() -> None:
    with pytest.raises(modelshelf.Error) as caught:
        modelshelf.get_manager(db="/proc/nowhere/x.db")
    assert caught.value.code in {"store_error", "unreadable", "not_found"}
