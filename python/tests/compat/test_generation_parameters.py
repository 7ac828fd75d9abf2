"""Texts as generators write them, and as they should not."""

from __future__ import annotations

import pytest

from modelshelf.compat.civitai_integration import CivitaiIntegration
from modelshelf.compat.generation_parameters import parse_generation_parameters as parse

PLAIN = (
    "(masterpiece, best quality), <lora:AvariceV1.1:0.8>, castle\n"
    "Negative prompt: worst quality, low quality, (text:1.2)\n"
    "Steps: 24, Sampler: DPM2 a, CFG scale: 3.5, Seed: 1486243165, Size: 832x1216, Model hash: cab478b74a, "
    'Model: novaFurryXL, Lora hashes: "AvariceV1.1: 77fa6414d4fe, Kerfus: 23fbc4a6fcd6", Version: v1.9.4'
)


def test_a_plain_text() -> None:
    found = CivitaiIntegration().extract_metadata_from_generation_params(PLAIN)
    assert found == {
        "prompt": "(masterpiece, best quality), <lora:AvariceV1.1:0.8>, castle",
        "negative_prompt": "worst quality, low quality, (text:1.2)",
        "steps": "24",
        "sampler": "DPM2 a",
        "cfg scale": "3.5",
        "seed": "1486243165",
        "size": "832x1216",
        "model hash": "cab478b74a",
        "model": "novaFurryXL",
        "lora hashes": "AvariceV1.1: 77fa6414d4fe, Kerfus: 23fbc4a6fcd6",
        "lora_hashes": {"AvariceV1.1": "77fa6414d4fe", "Kerfus": "23fbc4a6fcd6"},
        "version": "v1.9.4",
    }


def test_windows_line_ends_and_wrapped_parameters() -> None:
    assert parse(PLAIN.replace("\n", "\r\n")) == parse(PLAIN)
    wrapped = PLAIN.replace("Seed: 1486243165, ", "Seed: 1486243165,\n").replace("Lora hashes", "\nLora hashes")
    assert parse(wrapped) == parse(PLAIN)


def test_nested_json_stays_whole() -> None:
    found = parse(
        'x\nSteps: 20, Hashes: {"model": "90bffafd10", "lora:a, b": "1a", "embed": {"c": "2"}}, '
        'Civitai resources: [{"type":"checkpoint","modelVersionId":1,"n":"a, b: c"}], Seed: 7'
    )
    assert found["hashes_json"] == {"model": "90bffafd10", "lora:a, b": "1a", "embed": {"c": "2"}}
    assert found["hashes"].startswith('{"model"') and found["hashes"].endswith("}}")
    assert found["civitai resources"].startswith("[{") and found["civitai resources"].endswith("}]")
    assert found["seed"] == "7"


def test_broken_json_is_no_parsed_json() -> None:
    found = parse('x\nSteps: 20, Hashes: {"model": "90", Seed: 7')
    assert "hashes_json" not in found
    assert found["steps"] == "20"
    assert found["hashes"].startswith('{"model"')


def test_a_negative_prompt_of_several_lines() -> None:
    found = parse("a\nb\nNegative prompt: c, d\ne: f, g\n\nh\nSteps: 3, Seed: 1")
    assert (found["prompt"], found["negative_prompt"]) == ("a\nb", "c, d\ne: f, g\n\nh")
    assert found["seed"] == "1"


def test_no_negative_prompt() -> None:
    found = parse("a, b\nSteps: 3, Seed: 1")
    assert (found["prompt"], found["negative_prompt"], found["steps"]) == ("a, b", "", "3")


def test_steps_inside_of_the_prompt() -> None:
    found = parse("stairs\nSteps: 3, Sampler: of perfumes, Mood: calm\nNegative prompt: rails\nSteps: 20, Seed: 5")
    assert found["prompt"].startswith("stairs\nSteps: 3")
    assert (found["negative_prompt"], found["steps"], found["seed"]) == ("rails", "20", "5")
    assert "sampler" not in found
    assert parse("stairs, Steps: many, up")["prompt"] == "stairs, Steps: many, up"


def test_steps_inside_of_a_value() -> None:
    found = parse('a\nSteps: 20, Seed: 5, Template: "b\nNegative prompt: z\nSteps: 4, Seed: 9", Version: v1')
    assert (found["prompt"], found["steps"], found["seed"], found["version"]) == ("a", "20", "5", "v1")
    assert found["template"] == "b\nNegative prompt: z\nSteps: 4, Seed: 9"
    found = parse('a\nSteps: 20, Hires prompt: "say \\"b, c\\"\\nd", Seed: 5')
    assert (found["hires prompt"], found["seed"]) == ('say "b, c"\nd', "5")


def test_no_parameters_at_all() -> None:
    assert parse("only a prompt: nothing else, really") == {
        "prompt": "only a prompt: nothing else, really",
        "negative_prompt": "",
    }
    assert parse("Negative prompt: a, b") == {"prompt": "", "negative_prompt": "a, b"}
    assert parse("a\nSteps: 7") == {"prompt": "a", "negative_prompt": "", "steps": "7"}


def test_all_in_one_line() -> None:
    found = parse("a castle Negative prompt: blurry, text Steps: 20, Sampler: Euler a, Seed: 5")
    assert (found["prompt"], found["negative_prompt"]) == ("a castle", "blurry, text")
    assert (found["steps"], found["sampler"]) == ("20", "Euler a")


def test_parameters_without_steps() -> None:
    found = parse("a\nSampler: Euler, Seed: 5, Size: 512x512")
    assert (found["prompt"], found["sampler"]) == ("a", "Euler")


def test_a_parameter_does_not_replace_the_prompt() -> None:
    assert parse("mine\nSteps: 1, Prompt: theirs, Seed: 5")["prompt"] == "mine"


def test_names_with_commas_and_colons() -> None:
    found = parse('x\nSteps: 1, Lora hashes: "a, b: 12ab, c:d: 34cd", Seed: 5')
    assert found["lora_hashes"] == {"a, b": "12ab", "c:d": "34cd"}
    assert parse("x\nSteps: 1, Lora hashes: a: 12ab, Seed: 5")["lora_hashes"] == {"a": "12ab"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        17,
        b"a\nSteps: 1, Seed: 2",
        "\0",
        "Steps:",
        "Steps: 1",
        ",,,,:::",
        "Steps: 1, \n, : , x",
        'Steps: 1, A: "unfinished, B: {, C: [',
        "Negative prompt:",
        "\ud800 lone\nSteps: 2, Seed: 1",
        "Steps: 1, Hashes: " + "[" * 100_000,
        "Steps: 1, Lora hashes: " + ",:" * 50_000,
        "a: " * 50_000,
        "Steps: 1, x\n" * 5_000,
        '"' * 100_000 + "\nSteps: 1, A: " + '"\\' * 50_000,
    ],
)
def test_any_text_is_taken(text: object) -> None:
    found = parse(text)
    assert isinstance(found["prompt"], str)
    assert isinstance(found["negative_prompt"], str)
    assert all(isinstance(key, str) for key in found)
