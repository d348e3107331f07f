// SPDX-License-Identifier: Apache-2.0
precision mediump float;
varying vec3 shade;

void main() {
    gl_FragColor = vec4(shade, 1.0);
}
