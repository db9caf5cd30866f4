"""Picture networks, and the classifier of pictures: what it takes, what it refuses, and that it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from course_utils.data.pictures import picture_folder
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.models import digit_net
from course_utils.models.pictures import PictureClassifier
from tests.random_state import random_state

# --- the classifier -------------------------------------------------------------------------------------------------


def stripes(count: int, size: int = 12, seed: int = 0, noise: float = 0.2) -> tuple[np.ndarray, list[str]]:
    """Lying, standing or no stripes, at any place, in noise."""
    rng = np.random.default_rng(seed)
    labels = [("lying", "standing", "none")[place % 3] for place in range(count)]
    images = noise * rng.random((count, size, size))
    for image, label in zip(images, labels, strict=True):
        at = rng.integers(2, size - 2)
        if label == "lying":
            image[at - 1 : at + 1] += 0.7
        elif label == "standing":
            image[:, at - 1 : at + 1] += 0.7
    return images.astype(np.float32), labels


TRAIN, TEST = stripes(60), stripes(90, seed=1)


@pytest.fixture(scope="module")
def fitted() -> PictureClassifier:
    classifier = PictureClassifier(size=12)
    history = classifier.fit(*TRAIN, seconds=None, epochs=25, progress=False)
    assert history.steps > 0
    return classifier


def write(folder: Path, images: np.ndarray, labels: list[str], size: int | None = None) -> Path:
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray((image.clip(0, 1) * 255).round().astype(np.uint8))
        (picture.resize((size, size)) if size else picture).save(folder / label / f"{place:03}.png")
    return folder


def test_it_learns_pictures_it_can_tell_apart(fitted: PictureClassifier) -> None:
    assert fitted.classes == ["lying", "none", "standing"]
    assert fitted.score(*TEST) > 0.9  # chance is 1/3
    said = fitted.predict(TEST[0])
    assert (said == np.array(TEST[1])).mean() == pytest.approx(fitted.score(*TEST))
    shares = fitted.probabilities(TEST[0])
    assert shares.shape == (90, 3)
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)
    assert [fitted.classes[place] for place in shares.argmax(1)] == said.tolist()
    features = fitted.features(TEST[0])
    assert features.shape[0] == 90
    assert np.isfinite(features).all()


def test_a_plain_network_and_whole_numbers_as_labels_and_colour(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2 * 7 + 3
    images = rng.integers(0, 100, (40, 3, 20, 30)).astype(np.uint8)
    images[labels == 3, 0] += 120  # red, of the same light as
    images[labels == 10, 2] += 120  # blue
    classifier = PictureClassifier(kind="mlp", size=8)
    classifier.fit(images[:30], torch.as_tensor(labels[:30]), seconds=None, epochs=10, progress=False)
    assert classifier.channels == 3
    assert classifier.predict(images[30:]).dtype.kind == "i"
    assert classifier.score(images[30:], labels[30:].tolist()) > 0.9
    assert classifier.features(images[30:]).min() == 0  # hidden units after ReLU
    grey = PictureClassifier(kind="mlp", size=8, colour=False)
    grey.fit(images[:30], labels[:30], seconds=None, epochs=1, progress=False)
    assert grey.channels == 1
    assert classifier.predict(images[:2].mean(1) / 255).shape == (2,)  # grey pictures for one that sees colour


def test_bytes_decimals_tensors_and_one_channel_are_the_same_pictures(fitted: PictureClassifier) -> None:
    images = (TEST[0].clip(0, 1) * 255).round().astype(np.uint8)
    expected = fitted.probabilities(images)
    for given_images in (images / 255, torch.as_tensor(images), images[:, None], images.astype(np.int64), list(images)):
        np.testing.assert_allclose(fitted.probabilities(given_images), expected, atol=1e-4)


def test_a_folder_and_files_give_what_the_arrays_give(tmp_path: Path) -> None:
    train, test = write(tmp_path / "train", *TRAIN), write(tmp_path / "test", *TEST)
    one, other = PictureClassifier(size=12, seed=1), PictureClassifier(size=12, seed=1)
    one.fit_folder(train, seconds=None, epochs=4, progress=False)
    pictures = picture_folder(train)
    other.fit(pictures.images, pictures.labels, seconds=None, epochs=4, progress=False)
    found = picture_folder(test)
    np.testing.assert_array_equal(one.predict_files(found.files), other.predict(found.images))
    assert one.score_folder(test) == other.score(found.images, found.labels)


def test_pictures_of_other_sizes_are_stretched(fitted: PictureClassifier, tmp_path: Path) -> None:
    large = torch.nn.functional.interpolate(torch.as_tensor(TEST[0])[:, None], (48, 36), mode="bilinear")
    assert (fitted.predict(large) == fitted.predict(TEST[0])).mean() > 0.9
    folder = write(tmp_path, *TEST, size=40)
    assert fitted.score_folder(folder) > 0.85


def test_with_the_same_seed_it_learns_the_same_and_leaves_random_state_and_threads_alone() -> None:
    torch.manual_seed(9)
    np.random.seed(9)
    before, threads = random_state(), torch.get_num_threads()
    shares = []
    for _ in range(2):
        classifier = PictureClassifier(size=8, seed=4)
        classifier.fit(*TRAIN, seconds=None, epochs=2, progress=False)
        shares.append(classifier.probabilities(TEST[0]))
    np.testing.assert_array_equal(shares[0], shares[1])
    assert random_state() == before
    assert torch.get_num_threads() == threads
    other = PictureClassifier(size=8, seed=5)
    other.fit(*TRAIN, seconds=None, epochs=2, progress=False)
    assert not np.array_equal(other.probabilities(TEST[0]), shares[0])


@pytest.mark.parametrize("kind", ["cnn", "mlp"])
def test_what_is_saved_answers_as_before(kind: str, tmp_path: Path) -> None:
    classifier = PictureClassifier(kind, size=9)
    classifier.fit(*TRAIN, seconds=None, epochs=1, progress=False)
    path = classifier.save(tmp_path / "stripes.safetensors")
    again = PictureClassifier.load(path)
    np.testing.assert_array_equal(again.probabilities(TEST[0]), classifier.probabilities(TEST[0]))
    assert again.classes == classifier.classes
    assert (again.kind, again.size, again.seed) == (kind, 9, 0)


def test_the_file_of_a_digit_net_is_no_classifier() -> None:
    with pytest.raises(CourseError, match="holds no PictureClassifier: it is the file of a DigitNet"):
        PictureClassifier.load(resource(digit_net.CHECKPOINT))


@pytest.mark.parametrize("count", [2, 9, 17, 65])
def test_any_number_of_pictures_can_be_trained_on(count: int) -> None:
    images, labels = stripes(count, size=8)
    classifier = PictureClassifier(size=8)
    classifier.fit(images, labels, seconds=None, epochs=1, progress=False)
    assert np.isfinite(classifier.probabilities(images)).all()


def test_a_rare_class_is_not_given_up() -> None:
    images, labels = stripes(300)
    rare = [place for place, label in enumerate(labels) if label != "standing" or place < 30]
    classifier = PictureClassifier(size=12)
    classifier.fit(images[rare], [labels[place] for place in rare], seconds=None, epochs=15, progress=False)
    standing = [place for place, label in enumerate(TEST[1]) if label == "standing"]
    assert (classifier.predict(TEST[0][standing]) == "standing").mean() > 0.6


def test_validation_keeps_the_best_weights_and_seconds_end_it() -> None:
    classifier = PictureClassifier("mlp", size=8)
    history = classifier.fit(*TRAIN, valid=TEST, seconds=None, epochs=3, progress=False)
    assert history.best is not None
    short = classifier.fit(*TRAIN, seconds=0.05, epochs=100_000, progress=False)
    assert "time" in short.stopped
    assert classifier.predict(TEST[0]).shape == (90,)


def test_bright_and_dark_sets_and_pictures_all_alike_do_no_harm() -> None:
    images, labels = stripes(30, size=8)
    classifier = PictureClassifier("mlp", size=8)
    for odd in (0.9 + images / 100, np.zeros_like(images)):
        classifier.fit(odd.clip(0, 1), labels, seconds=None, epochs=1, progress=False)
        assert np.isfinite(classifier.probabilities(odd.clip(0, 1))).all()


def image(*shape: int, value: float = 0.5) -> Any:
    return np.full(shape, value, dtype=np.float32)


AB = ["a", "b"]


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (image(0, 8, 8), [], "There are no pictures"),
        ([], [], r"these have the shape \(0,\)"),
        (image(2, 8, 8), ["a", "a"], "All pictures have the label 'a'"),
        (image(2, 8, 8, value=float("nan")), AB, "not finite"),
        (image(2, 8, 8, value=float("inf")), AB, "not finite"),
        (image(2, 8, 8, value=255), AB, r"reach from 255 to 255.*Divide by 255"),
        (image(2, 8, 8, value=-0.5), AB, "reach from -0.5"),
        (np.full((2, 8, 8), 300), AB, "whole numbers must be 0 … 255"),
        (image(8, 8), AB, r"single picture add an axis"),
        (image(2, 1, 1, 8, 8), AB, "have the shape"),
        (image(2, 8, 8, 3), AB, r"channels come last: images.transpose\(0, 3, 1, 2\)"),
        (image(2, 4, 8, 8), AB, "one channel or three"),
        (["a.png", "b.png"], AB, "no array of numbers"),
        ([image(8, 8), image(9, 9)], AB, "do they differ in size"),
        (image(2, 8, 8), ["a"], "2 pictures and 1 labels"),
        (image(2, 8, 8), "ab", "Expected: a list with a label for each of the pictures"),
        (image(2, 8, 8), ["a", 1], "a mixture of text and whole numbers"),
        (image(2, 8, 8), [0.5, 1.5], "decimals: a measurement and no class"),
        (image(2, 8, 8), np.eye(2), r"labels.argmax\(1\)"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(images: Any, labels: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        PictureClassifier(size=8).fit(images, labels, epochs=1, progress=False)


def test_settings_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(CourseError, match="no kind of picture classifier 'CNN'"):
        PictureClassifier("CNN")
    for size in (7, 500, 8.0, True):
        with pytest.raises(CourseError, match="size must be a whole number"):
            PictureClassifier(size=size)  # type: ignore[arg-type]
    for limits, message in (({"epochs": 0}, "epochs must be"), ({"seconds": -1}, "seconds must be")):
        with pytest.raises(CourseError, match=message):
            PictureClassifier().fit(*TRAIN, **limits)  # type: ignore[arg-type]
    with pytest.raises(CourseError, match="valid must be a pair"):
        PictureClassifier().fit(*TRAIN, valid=TEST[0])  # type: ignore[arg-type]


def test_before_it_has_learnt_it_says_so(tmp_path: Path) -> None:
    classifier = PictureClassifier()
    asked = (
        lambda: classifier.predict(TEST[0]),
        lambda: classifier.probabilities(TEST[0]),
        lambda: classifier.score(*TEST),
        lambda: classifier.score_folder(tmp_path),
        lambda: classifier.predict_files([]),
        lambda: classifier.features(TEST[0]),
        lambda: classifier.save(tmp_path / "x"),
    )
    for ask in asked:
        with pytest.raises(CourseError, match="has not learned anything yet"):
            ask()


def test_what_it_does_not_know_it_says(fitted: PictureClassifier, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no class 'slanted'"):
        fitted.score(TEST[0][:1], ["slanted"])
    with pytest.raises(CourseError, match="the list is empty"):
        fitted.predict_files([])
    with pytest.raises(CourseError, match="takes a list of paths"):
        fitted.predict_files("a.png")
    with pytest.raises(CourseError, match=r"There is no picture nowhere\.png"):
        fitted.predict_files(["nowhere.png"])


def test_files_that_were_left_out_are_counted_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("train", "valid"):
        for kind, grey in (("cat", 40), ("dog", 200)):
            (tmp_path / part / kind).mkdir(parents=True)
            for number in range(2):
                Image.new("L", (8, 8), grey).save(tmp_path / part / kind / f"{number}.png")
                (tmp_path / part / kind / f"IMG_{number}.HEIC").write_bytes(b"no picture that can be read here")
    classifier = PictureClassifier(size=8)
    history = classifier.fit_folder(tmp_path / "train", tmp_path / "valid", epochs=1, progress=False)
    assert classifier.left_out == 8
    assert "8 files left out" in repr(classifier)
    assert "8 files left out, which are no pictures" in str(history.described())
    assert capsys.readouterr().out.count("(4 × .heic)") == 2
    classifier.score_folder(tmp_path / "valid")
    assert "valid: 4 of its files were left out" in capsys.readouterr().out
    classifier.fit(np.zeros((4, 8, 8)), [0, 1, 0, 1], epochs=1, progress=False)
    assert classifier.left_out == 0
    assert "left out" not in repr(classifier)
