// SPDX-License-Identifier: Apache-2.0
precision mediump float;
varying vec3 tint;

void main() {
    gl_FragColor = vec4(tint, 1.0);
}
