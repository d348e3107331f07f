// SPDX-License-Identifier: Apache-2.0
// The point viewer of report.html: reads a cloud.ply and draws it by WebGL.
'use strict';

const MAX_POINTS = 2e6; // above, every n-th point is kept
const element = id => document.getElementById(id);
const eye = {yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0};
let gl;
let program;
let cloud = null;

const SIZES = {
    char: 1, uchar: 1, int8: 1, uint8: 1, short: 2, ushort: 2, int16: 2, uint16: 2,
    int: 4, uint: 4, int32: 4, uint32: 4, float: 4, float32: 4, double: 8, float64: 8,
};

// The vertex properties of a PLY header: where each lies in a row, and the rows' count.
function parseHeader(text) {
    const properties = {};
    let count = 0;
    let width = 0;
    let inside = false;
    let index = 0;
    for (const line of text.split('\n')) {
        const words = line.trim().split(' ');
        if (words[0] === 'element') {
            inside = words[1] === 'vertex';
            if (inside)
                count = Number(words[2]);
        }
        if (words[0] === 'property' && inside) {
            properties[words[2]] = {type: words[1], offset: width, index: index++};
            width += SIZES[words[1]];
        }
    }
    return {properties, count, width};
}

// Reads one property of one vertex, binary little-endian.
function readBinary(view, at, type) {
    if (SIZES[type] === 1)
        return view.getUint8(at);
    return SIZES[type] === 8 ? view.getFloat64(at, true) : view.getFloat32(at, true);
}

// Binary little-endian and ASCII PLY.
function parsePly(buffer) {
    const bytes = new Uint8Array(buffer);
    const head = new TextDecoder('latin1').decode(bytes.subarray(0, 4096));
    const end = head.indexOf('end_header\n');
    if (!head.startsWith('ply') || end < 0)
        throw new Error('not a PLY file');
    const body = end + 'end_header\n'.length;
    const {properties, count, width} = parseHeader(head.slice(0, end));
    const step = Math.max(1, Math.ceil(count / MAX_POINTS));
    const kept = Math.floor((count + step - 1) / step);
    const place = new Float32Array(kept * 3);
    const tint = new Uint8Array(kept * 3).fill(200);
    const view = new DataView(buffer, body);
    const rows = head.includes('format ascii')
        ? new TextDecoder().decode(bytes.subarray(body)).split('\n') : null;
    const read = (i, property) => rows
        ? Number(rows[i].split(' ')[property.index])
        : readBinary(view, i * width + property.offset, property.type);
    for (let k = 0; k < kept; k++) {
        const i = k * step;
        ['x', 'y', 'z'].forEach((name, c) => {
            place[3 * k + c] = read(i, properties[name]);
        });
        if (properties.red)
            ['red', 'green', 'blue'].forEach((name, c) => {
                tint[3 * k + c] = read(i, properties[name]);
            });
    }
    return {place, tint, kept, count};
}

// The median along an axis, and the span of the middle 80 %: a few far points do not
// shrink the rest.
function spread(place, axis) {
    const samples = [];
    const count = place.length / 3;
    const step = Math.max(1, Math.floor(count / 20000));
    for (let i = 0; i < count; i += step)
        samples.push(place[3 * i + axis]);
    samples.sort((a, b) => a - b);
    const at = share => samples[Math.floor(samples.length * share)];
    return {median: samples[samples.length >> 1], span: at(0.9) - at(0.1)};
}

function compile(type, id) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, element(id).textContent);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
}

function start() {
    gl = element('points').getContext('webgl');
    if (!gl)
        throw new Error('this browser has no WebGL');
    program = gl.createProgram();
    compile(gl.VERTEX_SHADER, 'points-vertex');
    compile(gl.FRAGMENT_SHADER, 'points-fragment');
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.enable(gl.DEPTH_TEST);
}

function fill(name, data, type, normalized) {
    const attribute = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(attribute);
    gl.vertexAttribPointer(attribute, 3, type, normalized, 0, 0);
}

function draw() {
    if (!cloud)
        return;
    const canvas = element('points');
    const uniform = name => gl.getUniformLocation(program, name);
    canvas.width = canvas.clientWidth;
    canvas.height = canvas.clientHeight;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0.09, 0.1, 0.11, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniform3fv(uniform('centre'), cloud.centre);
    gl.uniform4f(uniform('rotation'), Math.cos(eye.yaw), Math.sin(eye.yaw),
        Math.cos(eye.pitch), Math.sin(eye.pitch));
    gl.uniform4f(uniform('view'), eye.zoom / cloud.span, canvas.width / canvas.height,
        eye.x, eye.y);
    gl.drawArrays(gl.POINTS, 0, cloud.kept);
}

function show(buffer, name) {
    try {
        const read = parsePly(buffer);
        if (!gl)
            start();
        const axes = [0, 1, 2].map(axis => spread(read.place, axis));
        read.centre = axes.map(axis => axis.median);
        read.span = Math.max(...axes.map(axis => axis.span), 1e-9) / 1.2;
        fill('position', read.place, gl.FLOAT, false);
        fill('colour', read.tint, gl.UNSIGNED_BYTE, true);
        cloud = read;
        Object.assign(eye, {yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0});
        element('hint').textContent = `${name}: ${read.count.toLocaleString()} points`;
        draw();
    } catch (error) {
        element('hint').textContent = `${name}: ${error.message}`;
    }
}

// From disk browsers forbid a page to read its neighbours.
async function open3d(path) {
    element('viewer').hidden = false;
    element('viewer').scrollIntoView();
    element('hint').textContent = `loading ${path}`;
    try {
        if (location.protocol === 'file:')
            throw new Error('a page from disk');
        const answer = await fetch(path);
        if (!answer.ok)
            throw new Error(answer.statusText);
        show(await answer.arrayBuffer(), path);
    } catch {
        element('hint').textContent = 'A page opened from disk cannot read its ' +
            `neighbours: drop ${path} here, or choose it below.`;
    }
}

async function take(files) {
    if (files.length)
        show(await files[0].arrayBuffer(), files[0].name);
}

document.querySelectorAll('button[data-cloud]').forEach(button => {
    button.onclick = () => open3d(button.dataset.cloud);
});
element('file').onchange = event => take(event.target.files);
document.ondragover = event => event.preventDefault();
document.ondrop = event => {
    event.preventDefault();
    element('viewer').hidden = false;
    take(event.dataTransfer.files);
};
element('points').onpointermove = event => {
    if (!event.buttons)
        return;
    if (event.shiftKey) {
        eye.x += event.movementX / 400;
        eye.y -= event.movementY / 400;
    } else {
        eye.yaw += event.movementX / 200;
        eye.pitch += event.movementY / 200;
    }
    draw();
};
element('points').onpointerdown = event => event.target.setPointerCapture(event.pointerId);
element('points').addEventListener('wheel', event => {
    event.preventDefault();
    eye.zoom *= Math.exp(-event.deltaY / 500);
    draw();
}, {passive: false});
window.onresize = draw;
