// SPDX-License-Identifier: Apache-2.0
// Points around the cloud's centre, turned by yaw and pitch, in perspective.
attribute vec3 position;
attribute vec3 colour;
uniform vec3 centre;
uniform vec4 rotation; // cosine and sine of yaw, of pitch
uniform vec4 view;     // scale, aspect ratio, shift x and y
varying vec3 tint;

void main() {
    vec3 q = (position - centre) * view.x;
    q = vec3(q.x, -q.y, -q.z);
    q = vec3(rotation.x * q.x + rotation.y * q.z, q.y, rotation.x * q.z - rotation.y * q.x);
    q = vec3(q.x, rotation.z * q.y - rotation.w * q.z, rotation.w * q.y + rotation.z * q.z);
    float w = 2.5 - q.z;
    gl_Position = vec4((q.x + view.z) * 1.8, (q.y + view.w) * 1.8 * view.y,
                       (w - 0.1) * w / 20.0, w);
    gl_PointSize = clamp(3.0 / w, 1.0, 4.0);
    tint = colour;
}
