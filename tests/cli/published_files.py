# SPDX-License-Identifier: Apache-2.0
"""The calibration of a made-up rig (rig_files.py) as people publish it: NumPy, MATLAB, OpenCV
XML, recorded ROS messages, settings of other programs. A function gives {file name: text or
bytes}; lengths are in the unit that the format has, millimetres where it has none."""
import io
import json
import struct
import zipfile
import zlib

from calibration_files import _column, _flat, _pose, _scaled, _yaml_list, opencv_nodes
from rig_files import Camera, Image, Rig, multiply, transposed


def npy(values, kind="<f8", fortran=False, shape=None):
    """An array as numpy.save writes it (version 1.0)."""
    if shape is None:
        shape, inner = [], values
        while isinstance(inner, list):
            shape.append(len(inner))
            inner = inner[0] if inner else None
    flat = values
    while flat and isinstance(flat, list) and isinstance(flat[0], list):
        flat = [x for row in flat for x in row]
    flat = flat if isinstance(flat, list) else [flat]
    if fortran and len(shape) == 2:
        flat = [flat[r * shape[1] + c] for c in range(shape[1]) for r in range(shape[0])]
    code = {"f8": "d", "f4": "f", "i8": "q", "i4": "i", "i2": "h", "u2": "H", "u1": "B"}[kind[1:]]
    body = struct.pack("%s%d%s" % (kind[0].replace("|", "<"), len(flat), code), *flat)
    return npy_head(kind, fortran, shape) + body


def npy_head(kind, fortran, shape):
    sides = "(%s)" % ", ".join(map(str, shape)) if len(shape) != 1 else "(%d,)" % shape[0]
    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (kind, fortran, sides)
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text.encode()


def npz(arrays, deflated=False, **kinds):
    """`arrays` as lists, or bytes of a whole .npy."""
    out = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", method) as file:
        for key, value in arrays.items():
            # A fixed time: the same bytes every time.
            file.writestr(zipfile.ZipInfo(key + ".npy"),
                          value if isinstance(value, bytes) else npy(value, **kinds), method)
    return out.getvalue()


FAMILIES = {
    "K_left": ("K_left D_left K_right D_right", "R T", ""),
    "mtxL": ("mtxL distL mtxR distR", "R T", "R1 R2 P1 P2 Q"),
    "mtx_left": ("mtx_left dist_left mtx_right dist_right", "R T", ""),
    "cameraMatrix1": ("cameraMatrix1 distCoeffs1 cameraMatrix2 distCoeffs2", "R T", "Q"),
    "cam_mats_left": ("cam_mats_left dist_coefs_left cam_mats_right dist_coefs_right",
                      "rot_mat trans_vec", "rect_trans_left rect_trans_right proj_mats_left "
                      "proj_mats_right disp_to_depth_mat"),
    "left_camera_matrix": ("left_camera_matrix left_distortion right_camera_matrix "
                           "right_distortion", "rotation_matrix translation_vector", ""),
    "cameraMatrixL": ("cameraMatrixL distCoeffsL cameraMatrixR distCoeffsR", "R T", ""),
}


def matrices(rig, family, unit=1.0):
    """The arrays of a rig under the names of a family."""
    left, right = rig.cameras
    made = rig.rectification()
    cameras, pose, rectified = (names.split() for names in FAMILIES[family])
    arrays = dict(zip(cameras, (left.matrix(), [left.coefficients()], right.matrix(),
                                [right.coefficients()])))
    arrays.update(zip(pose, (rig.rotation, _column(_scaled(rig.move, unit)))))
    wanted = ["Q"] if len(rectified) == 1 else ["R1", "R2", "P1", "P2", "Q"]
    arrays.update(zip(rectified, (made[name] for name in wanted)))
    return arrays


def numpy_archive(rig, family, name="stereo_calibration.npz", deflated=False, unit=1.0,
                  **kinds):
    arrays = matrices(rig, family, unit)
    arrays["imageSize"] = npy(list(rig.size), "<i8")
    return {name: npz(arrays, deflated, **kinds)}


def numpy_folder(rig, folder="calib_result", **kinds):
    return {"%s/%s.npy" % (folder, key): npy(value, **kinds)
            for key, value in matrices(rig, "cam_mats_left").items()}


def numpy_one_camera_each(rig):
    """left.npz and right.npz with one camera, stereo.npz with the pose."""
    files = {}
    for name, camera in zip(("left", "right"), rig.cameras):
        files["calib_%s.npz" % name] = npz({"camera_matrix": camera.matrix(),
                                            "dist_coeff": [camera.coefficients()]})
    files["calib_stereo.npz"] = npz({"R": rig.rotation, "T": _column(rig.move)})
    return files


def pickled_array(name="stereo_params.npy"):
    return {name: npy_head("|O", False, []) + b"\x80\x04}\x94."}


def xml_matrix(key, rows):
    rows = rows if isinstance(rows[0], list) else _column(rows)
    return ('<%s type_id="opencv-matrix">\n  <rows>%d</rows>\n  <cols>%d</cols>\n'
            "  <dt>d</dt>\n  <data>\n    %s</data></%s>\n" %
            (key, len(rows), len(rows[0]), " ".join("%.16g" % x for x in _flat(rows)), key))


def xml(nodes):
    return '<?xml version="1.0"?>\n<opencv_storage>\n' + "".join(
        xml_matrix(key, value) if isinstance(value, list) else "<%s>%s</%s>\n" % (key, value, key)
        for key, value in nodes.items()) + "</opencv_storage>\n"


def opencv_xml(rig, name="stereo_calib.xml", coefficients=5):
    left, right = rig.cameras
    return {name: xml({
        "cameraMatrix1": left.matrix(), "distCoeffs1": [left.coefficients(coefficients)],
        "cameraMatrix2": right.matrix(), "distCoeffs2": [right.coefficients(coefficients)],
        "R": rig.rotation, "T": rig.move})}


def opencv_xml_split(rig):
    """Intrinsics and extrinsics apart."""
    left, right = rig.cameras
    made = rig.rectification()
    return {"intrinsics.xml": xml({"M1": left.matrix(), "D1": [left.coefficients()],
                                   "M2": right.matrix(), "D2": [right.coefficients()]}),
            "extrinsics.xml": xml({"R": rig.rotation, "T": rig.move, "R1": made["R1"],
                                   "R2": made["R2"], "P1": made["P1"], "P2": made["P2"],
                                   "Q": made["Q"]})}


def opencv_xml_one_camera_each(rig):
    """leftIntrinsics.xml, rightIntrinsics.xml and the rest in stereo_rectification.xml."""
    made = rig.rectification()
    files = {"%sIntrinsics.xml" % name: xml({"cameraMatrix": camera.matrix(),
                                             "distCoeffs": [camera.coefficients()]})
             for name, camera in zip(("left", "right"), rig.cameras)}
    files["stereo_rectification.xml"] = xml(
        {"R": rig.rotation, "T": rig.move, **{key: made[key] for key in (
            "R1", "R2", "P1", "P2", "Q")}})
    return files


def nested_yaml(rig, top="camera_params"):
    """Everything one map down."""
    left, right = rig.cameras
    nodes = {"K1": left.matrix(), "D1": left.coefficients(), "K2": right.matrix(),
             "D2": right.coefficients(), "R": rig.rotation, "T": rig.move}
    return {"stereo.yaml": "%s:\n" % top + "".join(
        "  %s: %s\n" % (key, _yaml_list(_flat(value))) for key, value in nodes.items())}


def nested_json(rig):
    """A map a camera, three deep."""
    def camera(c):
        return {"camera_matrix": c.matrix(), "distortion_coefficients": c.coefficients()}

    return {"calibration.json": json.dumps({"calibration": {
        "left_camera_calibration_data": camera(rig.cameras[0]),
        "right_camera_calibration_data": camera(rig.cameras[1]),
        "rotation_matrix": rig.rotation, "translation_vector": rig.move,
        "image_size": list(rig.size)}})}


def ros_echo(rig, version=1, together=False):
    """camera_info as `rostopic echo` (1) or `ros2 topic echo` (2) prints it."""
    made = rig.rectification()
    texts = []
    for side, name in enumerate(("left", "right")):
        camera = rig.cameras[side]
        values = {"D": camera.coefficients(), "K": _flat(camera.matrix()),
                  "R": _flat(made["R%d" % (side + 1)]),
                  "P": _flat(_scaled(made["P%d" % (side + 1)], 1e-3))}
        text = "header:\n  seq: 7\n  frame_id: \"stereo_%s\"\n" % name
        text += "height: %d\nwidth: %d\ndistortion_model: \"plumb_bob\"\n" % rig.size[::-1]
        for key, numbers in values.items():
            key = key if version == 1 else key.lower()
            text += "%s: %s\n" % (key, _yaml_list(numbers)) if version == 1 else (
                "%s:\n" % key + "".join("- %.16g\n" % x for x in numbers))
        text += ("binning_x: 0\nbinning_y: 0\nroi:\n  x_offset: 0\n  y_offset: 0\n"
                 "  height: 0\n  width: 0\n  do_rectify: False\n---\n")
        texts.append(text)
    if together:
        return {"camera_info.yaml": texts[0] + texts[1] + texts[0] + texts[1][:-40]}
    return {"left_camera_info.yaml": texts[0] * 3, "right_camera_info.yaml": texts[1] * 2}


def orb_slam2(rig):
    """LEFT.K ..., with a line that is YAML for OpenCV alone."""
    made = rig.rectification()
    nodes = {"Camera.bf": made["P1"][0][0] * rig.baseline() * 1e-3}
    for key in ("fx", "fy"):
        nodes["Camera." + key] = made["P1"][0][0]
    nodes.update({"Camera.cx": made["P1"][0][2], "Camera.cy": made["P1"][1][2],
                  "LEFT.width": rig.size[0], "LEFT.height": rig.size[1]})
    for side, name in enumerate(("LEFT", "RIGHT")):
        camera = rig.cameras[side]
        nodes.update({name + ".D": [camera.coefficients()], name + ".K": camera.matrix(),
                      name + ".R": made["R%d" % (side + 1)],
                      name + ".P": _scaled(made["P%d" % (side + 1)], 1e-3)})
    return {"EuRoC.yaml": opencv_nodes(nodes) + "Viewer.PointSize:2\n"}


def _inverse_pose(rig, scale):
    back = transposed(rig.rotation)
    place = [-x[0] * scale for x in multiply(back, _column(rig.move))]
    return back, place


def orb_slam3(rig):
    back, place = _inverse_pose(rig, 1e-3)
    nodes = {"File.version": '"1.0"', "Camera.type": '"PinHole"'}
    if rig.cameras[0].lens == "fisheye":
        nodes["Camera.type"] = '"KannalaBrandt8"'
    for number, camera in enumerate(rig.cameras, 1):
        names = ("k1", "k2", "k3", "k4") if camera.lens == "fisheye" else ("k1", "k2", "p1", "p2")
        for key, value in zip(("fx", "fy", "cx", "cy") + names,
                              [camera.fx, camera.fy, camera.cx, camera.cy] +
                              camera.coefficients()[:4]):
            nodes["Camera%d.%s" % (number, key)] = value
    nodes.update({"Camera.width": rig.size[0], "Camera.height": rig.size[1],
                  "Stereo.T_c1_c2": _pose(back, place)})
    return {"stereo_settings.yaml": opencv_nodes(nodes)}


def _element(kind, body):
    return struct.pack("<II", kind, len(body)) + body + b"\0" * (-len(body) % 8)


def _mat_matrix(name, rows):
    """miMATRIX of doubles, columns together."""
    rows = rows if isinstance(rows[0], list) else [rows]
    columns = [row[c] for c in range(len(rows[0])) for row in rows]
    body = (_element(6, struct.pack("<II", 6, 0)) +
            _element(5, struct.pack("<ii", len(rows), len(rows[0]))) +
            _element(1, name.encode()) + _element(9, struct.pack("<%dd" % len(columns), *columns)))
    return _element(14, body)


def _mat_struct(name, fields):
    names = b"".join(key.encode().ljust(32, b"\0") for key in fields)
    body = (_element(6, struct.pack("<II", 2, 0)) + _element(5, struct.pack("<ii", 1, 1)) +
            _element(1, name.encode()) + struct.pack("<HHI", 5, 4, 32) + _element(1, names))
    for value in fields.values():
        body += _mat_matrix("", value)
    return _element(14, body)


def mat_object(name="stereoParams", kind="stereoParameters"):
    """An object of MATLAB's older kind; the newer ones look like this to libmatio."""
    body = (_element(6, struct.pack("<II", 3, 0)) + _element(5, struct.pack("<ii", 1, 1)) +
            _element(1, name.encode()) + _element(1, kind.encode()) +
            struct.pack("<HHI", 5, 4, 32) + _element(1, b"Version".ljust(32, b"\0")) +
            _mat_matrix("", [1.0]))
    return {"stereoParams.mat": mat({}) + _element(14, body)}


def mat(values, deflated=False):
    """A MAT file of version 5, or 7 with deflated elements."""
    out = b"MATLAB 5.0 MAT-file, made by a test".ljust(124) + struct.pack("<HH", 0x100, 0x4d49)
    for key, value in values.items():
        element = _mat_struct(key, value) if isinstance(value, dict) else _mat_matrix(key, value)
        if deflated:
            body = zlib.compress(element)
            element = struct.pack("<II", 15, len(body)) + body
        out += element
    return out


def _matlab_matrix(camera):
    """Transposed, and pixels counted from 1."""
    return [[camera.fx, 0.0, 0.0], [camera.skew, camera.fy, 0.0],
            [camera.cx + 1, camera.cy + 1, 1.0]]


def matlab_order(rig, deflated=False):
    """cameraMatrix1 RadialDistortion1 ... R T, as people export stereoParams."""
    values = {}
    for number, camera in enumerate(rig.cameras, 1):
        k1, k2, p1, p2, k3 = camera.coefficients()
        values["cameraMatrix%d" % number] = _matlab_matrix(camera)
        values["RadialDistortion%d" % number] = [k1, k2, k3]
        values["TangentialDistortion%d" % number] = [p1, p2]
    values.update({"R": transposed(rig.rotation), "T": list(rig.move),
                   "imageSize": [rig.size[1], rig.size[0]]})
    return {"stereoParams.mat": mat(values, deflated)}


def matlab_structs(rig):
    """save('-struct') of toStruct(stereoParams)."""
    values = {}
    for number, camera in enumerate(rig.cameras, 1):
        k1, k2, p1, p2, k3 = camera.coefficients()
        values["CameraParameters%d" % number] = {
            "RadialDistortion": [k1, k2, k3], "TangentialDistortion": [p1, p2],
            "ImageSize": [rig.size[1], rig.size[0]], "IntrinsicMatrix": _matlab_matrix(camera)}
    values.update({"RotationOfCamera2": transposed(rig.rotation),
                   "TranslationOfCamera2": list(rig.move)})
    return {"stereo_matrices.mat": mat(values)}


def opencv_order_mat(rig):
    left, right = rig.cameras
    return {"stereoParams.mat": mat({
        "K1": left.matrix(), "D1": left.coefficients(), "K2": right.matrix(),
        "D2": right.coefficients(), "R": rig.rotation, "T": _column(rig.move),
        "imageSize": list(rig.size)})}


def k_txt(rig):
    camera = rig.cameras[0]
    return {"K.txt": " ".join("%.9g" % x for x in _flat(camera.matrix())) +
                     "\n%.9g\n" % (rig.baseline() * 1e-3)}


def camera_parameters(rig, unit=1.0):
    """camera_parameters/*.dat; the world is neither camera's."""
    world = [[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]]
    place = [12.0, -7.0, 30.0]
    second = [[sum(x * p for x, p in zip(row, place)) + t] for row, t in zip(rig.rotation,
                                                                             rig.move)]
    poses = ((world, [[x] for x in place]), (multiply(rig.rotation, world), second))
    files = {}
    for number, camera in enumerate(rig.cameras):
        rows = lambda m: "".join(" ".join("%.12g" % x for x in row) + " \n" for row in m)
        rotation, translation = poses[number]
        folder = "camera_parameters/camera%d_" % number
        files[folder + "intrinsics.dat"] = "intrinsic:\n%sdistortion:\n%s" % (
            rows(camera.matrix()), rows([camera.coefficients()]))
        files[folder + "rot_trans.dat"] = "R:\n%sT:\n%s" % (
            rows(rotation), rows([[x[0] * unit] for x in translation]))
    return files


def boofcv(rig):
    back, place = _inverse_pose(rig, 1.0)
    text = "# Intrinsic and extrinsic parameters for a stereo camera pair\n---\nmodel: stereo\n"
    for name, camera in zip(("left", "right"), rig.cameras):
        k1, k2, p1, p2, _ = camera.coefficients()
        text += ("%s:\n  model: pinhole_radial_tangential\n  pinhole:\n" % name +
                 "".join("    %s: %.12g\n" % pair for pair in (
                     ("width", rig.size[0]), ("height", rig.size[1]), ("fx", camera.fx),
                     ("fy", camera.fy), ("skew", camera.skew), ("cx", camera.cx),
                     ("cy", camera.cy))) +
                 "  radial_tangential:\n    radial: %s\n    t1: %.12g\n    t2: %.12g\n" %
                 (_yaml_list([k1, k2]), p1, p2))
    text += "rightToLeft:\n  rotation: %s\n  x: %.12g\n  y: %.12g\n  z: %.12g\n" % (
        _yaml_list(_flat(back)), *place)
    return {"stereo.yaml": text, "calibration_target.yaml":
            "# a board\ntype: CHESSBOARD\nrows: 7\ncols: 5\nshapes: {square: 30.0}\n"}


def basalt(rig):
    """T_imu_cam as quaternions; the IMU stands askew."""
    import math  # pylint: disable=import-outside-toplevel
    body = [[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]]
    back, place = _inverse_pose(rig, 1e-3)
    centre = [sum(x * p for x, p in zip(row, place)) for row in body]

    def pose(r, t):
        w = math.sqrt(max(0.0, 1 + r[0][0] + r[1][1] + r[2][2])) / 2
        if w < 1e-6:
            raise ValueError("another branch is wanted")
        return {"px": t[0], "py": t[1], "pz": t[2], "qx": (r[2][1] - r[1][2]) / (4 * w),
                "qy": (r[0][2] - r[2][0]) / (4 * w), "qz": (r[1][0] - r[0][1]) / (4 * w),
                "qw": w}

    body = [[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]]
    centre = [sum(x * p for x, p in zip(row, place)) for row in body]
    cameras = []
    for camera in rig.cameras:
        values = {"fx": camera.fx, "fy": camera.fy, "cx": camera.cx, "cy": camera.cy}
        if camera.lens == "fisheye":
            values.update(zip(("k1", "k2", "k3", "k4"), camera.coefficients()[:4]))
        else:
            values.update(zip(("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"),
                              camera.coefficients(8)))
        cameras.append({"camera_type": "kb4" if camera.lens == "fisheye" else "pinhole-radtan8",
                        "intrinsics": values})
    return {"calibration.json": json.dumps({"value0": {
        "T_imu_cam": [pose(body, [0.0, 0.0, 0.0]), pose(multiply(body, back), centre)],
        "intrinsics": cameras, "resolution": [list(rig.size)] * 2}})}


def depthai(rig):
    """EEPROM of an OAK: left (1) to right (2) over the colour camera (0), centimetres."""
    def camera(c, rotation, move, to):
        return {"cameraType": 0, "distortionCoeff": c.coefficients(14), "height": rig.size[1],
                "width": rig.size[0], "intrinsicMatrix": c.matrix(), "extrinsics": {
                    "rotationMatrix": rotation, "toCameraSocket": to,
                    "translation": dict(zip("xyz", move))}}

    identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    back, place = _inverse_pose(rig, 0.1)
    # Colour stands where the left camera does: the right one reaches it by the inverse.
    return {"calib_14442C10.json": json.dumps({
        "boardName": "DM9098", "cameraData": [
            [0, camera(rig.cameras[0], identity, [0.0, 0.0, 0.0], -1)],
            [1, camera(rig.cameras[0], identity, [0.0, 0.0, 0.0], 0)],
            [2, camera(rig.cameras[1], back, place, 0)]],
        "stereoRectificationData": {"leftCameraSocket": 1, "rightCameraSocket": 2}})}


def remap_places(rig):
    """Where each pixel of the rectified images lies in the raw ones: [side] lists of x, y.
    For cameras of OpenCV's radial-tangential lens."""
    made = rig.rectification()
    places = []
    for side, camera in enumerate(rig.cameras):
        back = transposed(made["R%d" % (side + 1)])
        p = made["P1"]
        k1, k2, p1, p2, _ = camera.coefficients()
        side_places = []
        for v in range(rig.size[1]):
            b = (v - p[1][2]) / p[1][1]
            for u in range(rig.size[0]):
                a = (u - p[0][2]) / p[0][0]
                w = [row[0] * a + row[1] * b + row[2] for row in back]
                x, y = w[0] / w[2], w[1] / w[2]
                r2 = x * x + y * y
                radial = 1 + r2 * (k1 + k2 * r2)
                side_places.append((
                    camera.fx * (x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)) + camera.cx,
                    camera.fy * (y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y) +
                    camera.cy))
        places.append(side_places)
    return places


def _fixed(places):
    """OpenCV's fixed point: whole pixels, and 32nds."""
    whole, fractions = [], []
    for x, y in places:
        u, v = round(x * 32), round(y * 32)
        whole += [u >> 5, v >> 5]
        fractions.append((v & 31) * 32 + (u & 31))
    return whole, fractions


def remap_npz(rig, places, fixed=False, deflated=False):
    """leftMapX leftMapY rightMapX rightMapY, their spelling of Q."""
    size = [rig.size[1], rig.size[0]]
    arrays = {"imageSize": npy(list(rig.size), "<i8"),
              "dispartityToDepthMap": rig.rectification()["Q"]}
    for name, side in zip(("left", "right"), places):
        if fixed:
            whole, fractions = _fixed(side)
            arrays[name + "MapX"] = npy(whole, "<i2", shape=size + [2])
            arrays[name + "MapY"] = npy(fractions, "<u2", shape=size)
        else:
            arrays[name + "MapX"] = npy([p[0] for p in side], "<f4", shape=size)
            arrays[name + "MapY"] = npy([p[1] for p in side], "<f4", shape=size)
    return {"stereo_calibration.npz": npz(arrays, deflated)}


def _big_xml(key, numbers, rig, kind):
    return ('<%s type_id="opencv-matrix"><rows>%d</rows><cols>%d</cols><dt>%s</dt>\n<data>%s'
            "</data></%s>\n" % (key, rig.size[1], rig.size[0], kind,
                                "\n".join(" ".join(map(str, numbers[i:i + 12]))
                                          for i in range(0, len(numbers), 12)), key))


def remap_xml(rig, places):
    """stereoMapL_x ... of a well-known tutorial, with Q."""
    text = '<?xml version="1.0"?>\n<opencv_storage>\n'
    for letter, side in zip("LR", places):
        whole, fractions = _fixed(side)
        text += _big_xml("stereoMap%s_x" % letter, whole, rig, '"2s"')
        text += _big_xml("stereoMap%s_y" % letter, fractions, rig, "w")
    return {"stereoMap.xml": text + xml_matrix("q", rig.rectification()["Q"]) +
                             "</opencv_storage>\n"}


def remap_yaml(rig, places):
    text = "%YAML:1.0\n---\n"
    for letter, side in zip(("left", "right"), places):
        for axis in (0, 1):
            numbers = ["%.7g" % p[axis] for p in side]
            text += "map%d_%s: !!opencv-matrix\n   rows: %d\n   cols: %d\n   dt: f\n   data: [ %s ]\n" % (
                axis + 1, letter, rig.size[1], rig.size[0],
                ",\n       ".join(", ".join(numbers[i:i + 5])
                                  for i in range(0, len(numbers), 5)))
    made = rig.rectification()
    return {"calib_maps.yml": text + opencv_nodes({"P1": made["P1"], "P2": made["P2"]}, "")}


def vertical(rig):
    """A rig on its side: what cameras above each other see, and their calibration. The
    second camera stands below the first."""
    def turned(c):
        k1, k2, p1, p2, k3 = c.coefficients()
        return Camera(c.fy, rig.size[1] - 1 - c.cy, c.cx, c.fx, 0.0, c.lens,
                      (k1, k2, p2, -p1, k3))

    # x = -y', y = x': the lying rig's axes seen upright.
    c = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    upright = Rig(turned(rig.cameras[0]), turned(rig.cameras[1]), rig.size[::-1])
    upright.rotation = multiply(multiply(c, rig.rotation), transposed(c))
    upright.move = [x[0] for x in multiply(c, _column(rig.move))]
    upright.depths = rig.depths
    return upright


def turn_image(image):
    """The image of the lying camera as the upright one takes it: (u', v') at
    (height - 1 - v', u')."""
    rows = image.rows()
    return Image(image.height, image.width, b"".join(
        bytes(rows[image.height - 1 - x][y] for x in range(image.height))
        for y in range(image.width)))


def realsense(rig, extrinsics=True):
    """Intrinsics of two streams; extrinsics column by column."""
    def camera(c):
        fisheye = c.lens == "fisheye"
        return {"width": rig.size[0], "height": rig.size[1], "fx": c.fx, "fy": c.fy, "ppx": c.cx,
                "ppy": c.cy, "coeffs": c.coefficients(),
                "model": "distortion.%s" % ("kannala_brandt4" if fisheye else "brown_conrady")}

    values = {"serial": "819612070850", "color": dict(camera(rig.cameras[0]), fx=9.0),
              "infrared_1": camera(rig.cameras[0]), "infrared_2": camera(rig.cameras[1])}
    if extrinsics:
        values["extrinsics"] = {"rotation": _flat(transposed(rig.rotation)),
                                "translation": _scaled(rig.move, 1e-3)}
    else:
        values["baseline"] = rig.baseline() * 1e-3
    return {"camera_intrinsics.json": json.dumps(values)}


def encrypted(archive):
    """The same zip with the flag of encryption on every member."""
    made = bytearray(archive)
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = made.find(mark)
        while place >= 0:
            made[place + at] |= 1
            place = made.find(mark, place + 4)
    return bytes(made)


def bomb(megabytes=200):
    """An .npz whose K_left inflates to that much."""
    count = megabytes << 17
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        with file.open(zipfile.ZipInfo("K_left.npy"), "w") as member:
            member.write(npy_head("<f8", False, [count]))
            for _ in range(megabytes):
                member.write(bytes(1 << 20))
        file.writestr("K_right.npy", npy([[1.0]]))
        file.writestr("R.npy", npy([[1.0]]))
        file.writestr("T.npy", npy([[1.0]]))
    return out.getvalue()
