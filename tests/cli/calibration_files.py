# SPDX-License-Identifier: Apache-2.0
"""The calibration of a made-up rig (rig_files.py) as each format writes it. A function gives
{file name: text}; lengths are in the unit that the format has."""
import json
import math

from rig_files import multiply, transposed


def _flat(rows):
    return [x for row in rows for x in row] if isinstance(rows[0], list) else list(rows)


def _column(values):
    return [[x] for x in values]


def _scaled(values, factor):
    """A translation, or a projection's last column, in another unit."""
    if isinstance(values[0], list):
        return [row[:3] + [row[3] * factor] for row in values]
    return [x * factor for x in values]


def opencv_matrix(rows):
    """A node of cv::FileStorage."""
    rows = rows if isinstance(rows[0], list) else _column(rows)
    data = ", ".join("%.16e" % x for x in _flat(rows))
    return "!!opencv-matrix\n   rows: %d\n   cols: %d\n   dt: d\n   data: [ %s ]" % (
        len(rows), len(rows[0]), data)


def opencv_nodes(nodes, head="%YAML:1.0\n---\n"):
    return head + "".join(
        "%s: %s\n" % (key, opencv_matrix(value) if isinstance(value, list) else value)
        for key, value in nodes.items())


def opencv_split(rig, unit=1.0, head="%YAML:1.0\n"):
    """intrinsics.yml beside extrinsics.yml, as the sample program writes them."""
    left, right = rig.cameras
    made = rig.rectification()
    return {"intrinsics.yml": opencv_nodes(
        {"M1": left.matrix(), "D1": [left.coefficients()], "M2": right.matrix(),
         "D2": [right.coefficients()]}, head),
            "extrinsics.yml": opencv_nodes(
                {"R": rig.rotation, "T": _scaled(rig.move, 1 / unit), "R1": made["R1"],
                 "R2": made["R2"], "P1": made["P1"], "P2": _scaled(made["P2"], 1 / unit)},
                head)}


def opencv_one(rig, name="calibration.yml", unit=1.0, **changed):
    left, right = rig.cameras
    nodes = {"image_width": rig.size[0], "image_height": rig.size[1], "M1": left.matrix(),
             "D1": left.coefficients(), "M2": right.matrix(), "D2": right.coefficients(),
             "R": rig.rotation, "T": _scaled(rig.move, 1 / unit)}
    nodes.update(changed)
    return {name: opencv_nodes({k: v for k, v in nodes.items() if v is not None})}


def unlook_json_long(rig, **changed):
    """camera_matrix_left ..., T as a column, D as a row in a row."""
    left, right = rig.cameras
    made = rig.rectification()
    values = {"camera_matrix_left": left.matrix(), "camera_matrix_right": right.matrix(),
              "dist_coeffs_left": [left.coefficients()],
              "dist_coeffs_right": [right.coefficients()], "R": rig.rotation,
              "T": _column(rig.move), "image_size": list(rig.size),
              "baseline_mm": rig.baseline(), **made}
    values.update(changed)
    return {"calibration.json": json.dumps({k: v for k, v in values.items() if v is not None},
                                           indent=1)}


def unlook_json_short(rig, **changed):
    """K1 D1 K2 D2, T and D as plain lists."""
    left, right = rig.cameras
    values = {"K1": left.matrix(), "D1": left.coefficients(), "K2": right.matrix(),
              "D2": right.coefficients(), "R": rig.rotation, "T": rig.move,
              "image_size": list(rig.size)}
    values.update(changed)
    return {"calibration.json": json.dumps(values)}


def unlook_yaml_first(rig):
    left, right = rig.cameras
    made = rig.rectification()
    return {"calibration.yaml": opencv_nodes(
        {"image_width": rig.size[0], "image_height": rig.size[1],
         "camera_matrix_left": left.matrix(), "dist_coeffs_left": _column(left.coefficients()),
         "camera_matrix_right": right.matrix(),
         "dist_coeffs_right": _column(right.coefficients()), "R": rig.rotation, "T": rig.move,
         **made})}


def unlook_yaml_second(rig):
    left, right = rig.cameras
    made = rig.rectification()
    return {"stereo_calibration.yaml": opencv_nodes(
        {"calibration_date": '"2025-11-18T00:07:15"', "square_size_mm": 24.0,
         "image_width": rig.size[0], "image_height": rig.size[1],
         "camera_matrix_left": left.matrix(),
         "distortion_coeffs_left": _column(left.coefficients()),
         "camera_matrix_right": right.matrix(),
         "distortion_coeffs_right": _column(right.coefficients()),
         "rotation_matrix": rig.rotation, "translation_vector": rig.move,
         "rectification_transform_left": made["R1"],
         "rectification_transform_right": made["R2"], "projection_matrix_left": made["P1"],
         "projection_matrix_right": made["P2"], "disparity_to_depth_matrix": made["Q"]},
        "%YAML:1.0\n")}


def _yaml_list(values):
    return "[" + ", ".join("%.16g" % x for x in values) + "]"


def ros(rig):
    """camera_info of each camera, metres."""
    made = rig.rectification()
    files = {}
    for side, name in ((0, "left"), (1, "right")):
        camera = rig.cameras[side]
        projection = _scaled(made["P%d" % (side + 1)], 1e-3)
        files[name + ".yaml"] = (
            "image_width: %d\nimage_height: %d\ncamera_name: stereo/%s\n" % (*rig.size, name) +
            "camera_matrix:\n  rows: 3\n  cols: 3\n  data: %s\n" %
            _yaml_list(_flat(camera.matrix())) +
            "distortion_model: plumb_bob\ndistortion_coefficients:\n  rows: 1\n  cols: 5\n"
            "  data: %s\n" % _yaml_list(camera.coefficients()) +
            "rectification_matrix:\n  rows: 3\n  cols: 3\n  data: %s\n" %
            _yaml_list(_flat(made["R%d" % (side + 1)])) +
            "projection_matrix:\n  rows: 3\n  cols: 4\n  data: %s\n" %
            _yaml_list(_flat(projection)))
    return files


def _pose(rotation, translation):
    return [list(row) + [t] for row, t in zip(rotation, translation)] + [[0, 0, 0, 1]]


def _kalibr_camera(number, camera, size, model, step):
    lens = "equidistant" if camera.lens == "fisheye" else "radtan"
    text = "cam%d:\n" % number
    if step is not None:
        text += "  T_cn_cnm1:\n" + "".join("  - %s\n" % _yaml_list(row) for row in step)
    intrinsics = [camera.fx, camera.fy, camera.cx, camera.cy]
    if model == "omni":
        intrinsics = [1.2] + intrinsics
    return text + ("  camera_model: %s\n  distortion_coeffs: %s\n  distortion_model: %s\n"
                   "  intrinsics: %s\n  resolution: [%d, %d]\n  rostopic: /cam%d/image_raw\n" %
                   (model, _yaml_list(camera.coefficients()[:4]), lens, _yaml_list(intrinsics),
                    *size, number))


def kalibr(rig, model="pinhole", cameras=2):
    """camchain.yaml, metres; more cameras repeat the second, one step further."""
    step = _pose(rig.rotation, _scaled(rig.move, 1e-3))
    text = _kalibr_camera(0, rig.cameras[0], rig.size, model, None)
    for number in range(1, cameras):
        text += _kalibr_camera(number, rig.cameras[1], rig.size, model, step)
    return {"camchain.yaml": text}


def euroc(rig, folder="mav0/"):
    """sensor.yaml of each camera, T_BS from sensor to body, metres. The body stands askew."""
    body = [[0.0, -1.0, 0.0, 0.02], [0.0, 0.0, -1.0, -0.06], [1.0, 0.0, 0.0, 0.01],
            [0.0, 0.0, 0.0, 1.0]]
    back = transposed(rig.rotation)
    centre = [-x[0] * 1e-3 for x in multiply(back, _column(rig.move))]
    poses = [body, multiply(body, _pose(back, centre))]
    files = {}
    for side in (0, 1):
        camera = rig.cameras[side]
        files["%scam%d/sensor.yaml" % (folder, side)] = (
            "sensor_type: camera\ncomment: made by a test\nT_BS:\n  cols: 4\n  rows: 4\n"
            "  data: %s\nrate_hz: 20\nresolution: [%d, %d]\ncamera_model: pinhole\n"
            "intrinsics: %s #fu, fv, cu, cv\ndistortion_model: radial-tangential\n"
            "distortion_coefficients: %s\n" %
            (_yaml_list(_flat(poses[side])), *rig.size,
             _yaml_list([camera.fx, camera.fy, camera.cx, camera.cy]),
             _yaml_list(camera.coefficients()[:4])))
    return files


def zed(rig, mode="VGA", scale=1.0):
    """SN<serial>.conf; RX, CV and RZ are the rotation vector in radians."""
    rotation = [math.radians(x) for x in rig.turn]
    text = ""
    for name, camera in (("LEFT", rig.cameras[0]), ("RIGHT", rig.cameras[1])):
        k1, k2, p1, p2, k3 = camera.coefficients()
        text += "[%s_CAM_%s]\n" % (name, mode) + "".join(
            "%s=%.10g\n" % pair for pair in (
                ("fx", camera.fx), ("fy", camera.fy), ("cx", camera.cx), ("cy", camera.cy),
                ("k1", k1), ("k2", k2), ("p1", p1), ("p2", p2), ("k3", k3))) + "\n"
    text += "[STEREO]\nBaseline=%.10g\nTY=%.10g\nTZ=%.10g\n" % tuple(-x * scale for x in rig.move)
    text += "CV_%s=%.10g\nRX_%s=%.10g\nRZ_%s=%.10g\n" % (
        mode, rotation[1], mode, rotation[0], mode, rotation[2])
    return {"SN12345.conf": text}


def middlebury(rig, spaced=False, ndisp=64):
    left, right = rig.cameras
    equals = " = " if spaced else "="

    def camera(c):
        return "[%.9g 0 %.9g; 0 %.9g %.9g; 0 0 1]" % (c.fx, c.cx, c.fy, c.cy)

    values = {"cam0": camera(left), "cam1": camera(right), "doffs": right.cx - left.cx,
              "baseline": rig.baseline(), "width": rig.size[0], "height": rig.size[1],
              "ndisp": ndisp}
    return {"calib.txt": "".join("%s%s%s\n" % (k, equals, v) for k, v in values.items())}


def _projection_text(camera, shift):
    return " ".join("%.12e" % x for x in (camera.fx, 0, camera.cx, shift, 0, camera.fy,
                                          camera.cy, 0, 0, 0, 1, 0))


def kitti(rig, name="calib.txt", first=0):
    """P0..P3, metres. `first` 2: the images are those of the colour cameras, whose P hold
    offsets to camera 0."""
    left, right = rig.cameras
    baseline = left.fx * rig.baseline() * 1e-3
    offset = 0.06 * left.fx if first == 2 else 0.0
    shifts = {first: offset, first + 1: offset - baseline}
    lines = ["P%d: %s" % (i, _projection_text(left if i % 2 == 0 else right,
                                             shifts.get(i, -0.54 * left.fx * (i % 2))))
             for i in range(4)]
    return {name: "\n".join(lines) + "\n"}


def kitti_raw(rig):
    """calib_cam_to_cam.txt with its time, whose colons are no key."""
    left, right = rig.cameras
    text = "calib_time: 09-Jan-2012 13:57:47\ncorner_dist: 9.950000e-02\n"
    for i in range(4):
        camera = left if i % 2 == 0 else right
        shift = -left.fx * rig.baseline() * 1e-3 if i % 2 else 0
        text += ("S_%02d: %d %d\nK_%02d: %s\nD_%02d: -0.3 0.1 0 0 0\nR_%02d: 1 0 0 0 1 0 0 0 1\n"
                 "T_%02d: 0 0 0\nS_rect_%02d: %d %d\nR_rect_%02d: 1 0 0 0 1 0 0 0 1\n"
                 "P_rect_%02d: %s\n" %
                 (i, rig.size[0] + 20, rig.size[1] + 12, i,
                  " ".join("%.6e" % x for x in _flat(camera.matrix())), i, i, i, i, *rig.size,
                  i, i, _projection_text(camera, shift)))
    return {"calib_cam_to_cam.txt": text}


def karlsruhe(rig):
    left, right = rig.cameras
    return {"calib.txt": "P1_roi: %s\nP2_roi: %s\n" % (
        _projection_text(left, 0),
        _projection_text(right, -left.fx * rig.baseline() * 1e-3))}


def q_text(rig):
    f, cx, cy = rig.cameras[0].fx, rig.cameras[0].cx, rig.cameras[0].cy
    rows = [[1, 0, 0, -cx], [0, 1, 0, -cy], [0, 0, 0, f], [0, 0, 1 / rig.baseline(), 0]]
    return {"Q_calib.txt": "\n".join(" ".join("%.12g" % x for x in row) for row in rows) + "\n"}
