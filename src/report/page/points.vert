// SPDX-License-Identifier: Apache-2.0
// Points around the cloud's centre, turned by yaw and pitch, in perspective. Positions are
// shares of the box from low to low + span.
attribute vec3 position;
attribute vec4 tint; // colour of the image, and confidence
attribute float kind; // class
uniform vec3 low;
uniform vec3 span;
uniform vec3 centre;
uniform vec4 rotation; // cosine and sine of yaw, of pitch
uniform vec4 view;     // scale, aspect ratio, shift x and y
uniform vec2 size;     // of a point at distance 1, and at most
uniform vec2 nearness; // 1 / depth that is far in colour, and near
uniform float mode;    // 0 image, 1 depth, 2 confidence, 3 class
varying vec3 shade;

vec3 ramp(float t) {
    vec3 a = mix(vec3(0.19, 0.07, 0.43), vec3(0.16, 0.43, 0.94), clamp(t * 5.0, 0.0, 1.0));
    a = mix(a, vec3(0.12, 0.78, 0.78), clamp(t * 5.0 - 1.0, 0.0, 1.0));
    a = mix(a, vec3(0.47, 0.94, 0.31), clamp(t * 5.0 - 2.0, 0.0, 1.0));
    a = mix(a, vec3(0.98, 0.75, 0.16), clamp(t * 5.0 - 3.0, 0.0, 1.0));
    return mix(a, vec3(0.71, 0.08, 0.04), clamp(t * 5.0 - 4.0, 0.0, 1.0));
}

vec3 of_class(float c) {
    if (c < 1.5)
        return vec3(0.27, 0.63, 0.35);
    return c < 2.5 ? vec3(0.9, 0.63, 0.16) : vec3(0.78, 0.27, 0.24);
}

void main() {
    vec3 p = low + position * span;
    vec3 q = (p - centre) * view.x;
    q = vec3(q.x, -q.y, -q.z);
    q = vec3(rotation.x * q.x + rotation.y * q.z, q.y, rotation.x * q.z - rotation.y * q.x);
    q = vec3(q.x, rotation.z * q.y - rotation.w * q.z, rotation.w * q.y + rotation.z * q.z);
    float w = 2.5 - q.z;
    gl_Position = vec4((q.x + view.z) * 1.8, (q.y + view.w) * 1.8 * view.y,
                       (w - 0.1) * w / 20.0, w);
    gl_PointSize = clamp(size.x / w, 1.0, size.y);
    shade = tint.rgb;
    if (mode > 0.5 && mode < 1.5)
        shade = ramp((1.0 / max(p.z, 1e-6) - nearness.x) / (nearness.y - nearness.x));
    else if (mode > 1.5 && mode < 2.5)
        shade = mix(vec3(0.75, 0.15, 0.1), vec3(0.95, 0.95, 0.9), tint.a);
    else if (mode > 2.5)
        shade = of_class(kind);
}
