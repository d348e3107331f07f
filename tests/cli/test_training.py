#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/train_confidence.py and make_augmented_scenes.py: built-in tables are read as they
were written, no forest sees what it must not, and worse images are the same every time."""
import os
import pathlib
import re
import sys

import suite

DEBIAN_PYTHON = "/usr/bin/python3"  # another one may lack what Debian's packages bring
try:
    import numpy as np
except ImportError:
    if os.path.exists(DEBIAN_PYTHON) and sys.executable != DEBIAN_PYTHON:
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])
    print("skipped: no numpy; scripts/install_packages.sh tests installs it")
    sys.exit(suite.SKIPPED)

ROOT = pathlib.Path(os.environ.get("PO_SOURCE_DIR",
                                   pathlib.Path(__file__).resolve().parent.parent.parent))
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True
import train_confidence as train  # pylint: disable=wrong-import-position

try:
    import make_augmented_scenes as augment
except ImportError:
    augment = None  # without python3-pil


def built_in_tables_are_read_as_written(folder):
    place = train.c_path
    for name in train.SETS:
        text = pathlib.Path(place(name)).read_text(encoding="utf-8")
        action = re.search(r"train_confidence.py (\w+) ", text).group(1)
        tables = {forest: train.built_in(name, forest) for forest in train.TREES}
        for part in ("curve", "sigmas"):
            tables[part] = [int(n) for n in
                            re.search(rf"\.{part} = {{(.*)}}", text).group(1).split(",")]
        copy = pathlib.Path(folder, name)
        train.c_path = lambda _, copy=copy: copy
        train.write_c(action, name, tables)
        train.c_path = place
        assert copy.read_text(encoding="utf-8") == text, name


def made_dump(scenes):
    """Of each scene 30 measured and kept pixels."""
    dump = train.Dump.__new__(train.Dump)
    names = np.repeat(scenes, 30)
    dump.records = np.zeros(len(names), train.RECORD)
    dump.records["measured"] = dump.records["kept"] = 1
    dump.sort_scenes(names, np.zeros(len(names), bool))
    return dump, names


def no_forest_sees_what_it_must_not(_):
    scenes = ["kitti2012/000001", "kx_000002", "middlebury2014/Piano", "middlebury2014/Piano+0",
              "middlebury2014/Piano+1", "mb2006_Aloe_m", "mb2006_Aloe_m+0", "mb2006_Aloe_m+2",
              "synthetic_fine0"]
    seen = {"raw": ["mb2006_Aloe_m", "synthetic_fine0"],
            "final": ["mb2006_Aloe_m", "mb2006_Aloe_m+0", "synthetic_fine0"]}
    dump, names = made_dump(scenes)
    for forest, wanted in seen.items():
        got = set(names[dump.fitted(forest, train.FAMILIES.index("2014"))])
        assert got == set(wanted), (forest, got)
    known = set(names[dump.known(None)])
    assert known == set(scenes) - {"kitti2012/000001", "kx_000002"}, known


def views_of_a_scene_stay_in_one_half(_):
    for scenes in (["mb2006_Aloe_m", "middlebury2006/Aloe", "middlebury2006/Aloe+1"],
                   ["mb2005_Books_m+0", "middlebury2005/Books"]):
        assert len({train.half_of(scene) for scene in scenes}) == 1, scenes


def made_image():
    y, x = np.mgrid[0:45, 0:70]
    grey = 128 + 60 * np.sin(x / 3.0) + 50 * np.cos(y / 4.0)
    return np.stack([grey, 255 - grey, grey / 2], 2)


def worse_images_are_the_same_every_time(_):
    if augment is None:
        print("skipped: no python3-pil; scripts/install_packages.sh long installs it")
        return
    image, changed = made_image(), 0
    for seed in range(20):
        first, again = (augment.worse(np.random.default_rng(seed), image, image)
                        for _ in range(2))
        for one, two in zip(first, again):
            assert one.shape == image.shape and one.dtype == np.uint8
            assert np.array_equal(one, two), seed
        changed += not np.array_equal(first[0], first[1])
    assert changed >= 15, changed


def each_fault_changes_an_image_little(_):
    if augment is None:
        return
    image = made_image()
    for fault in (augment.exposed, augment.shaded, augment.noisy, augment.moved, augment.dusty,
                  augment.blocky, lambda _, one: augment.smoothed(one, 0.7)):
        got = fault(np.random.default_rng(1), image)
        assert got.shape == image.shape and 0.1 < np.abs(got - image).mean() < 80, fault


if __name__ == "__main__":
    sys.exit(suite.in_turn("po-training-", [
        built_in_tables_are_read_as_written, no_forest_sees_what_it_must_not,
        views_of_a_scene_stay_in_one_half, worse_images_are_the_same_every_time,
        each_fault_changes_an_image_little]))
