// SPDX-License-Identifier: Apache-2.0
// The point viewer of report.html: draws thinned points by WebGL.
'use strict';

const element = id => document.getElementById(id);
const HOME = {yaw: 0.2, pitch: 0.15, zoom: 1.7, x: 0, y: 0};
const eye = {...HOME};
let gl;
let program;
let cloud = null;
let axesShown = true;

function bytesOf(base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++)
        bytes[i] = text.charCodeAt(i);
    return bytes;
}

// Positions as 16-bit shares of the box, then colour and confidence, then classes.
function unpack(facts, bytes) {
    const count = facts.points;
    return {
        facts, count,
        places: new Uint16Array(bytes.buffer, 0, 3 * count),
        tints: new Uint8Array(bytes.buffer, 6 * count, 4 * count),
        kinds: new Uint8Array(bytes.buffer, 10 * count, count),
    };
}

// The median along an axis, and the span of the middle 80 %: a few far points do not
// shrink the rest.
function spread(read, axis) {
    const {low, high} = read.facts;
    const step = Math.max(1, Math.floor(read.count / 20000));
    const samples = [];
    for (let i = 0; i < read.count; i += step)
        samples.push(read.places[3 * i + axis]);
    samples.sort((a, b) => a - b);
    const at = share => low[axis] + (high[axis] - low[axis]) / 65535 *
        samples[Math.floor((samples.length - 1) * share)];
    return {median: at(0.5), span: at(0.9) - at(0.1)};
}

function compile(type, id) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, element(id).textContent);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
}

function start() {
    gl = element('points').getContext('webgl', {preserveDrawingBuffer: true});
    if (!gl)
        throw new Error('this browser has no WebGL');
    program = gl.createProgram();
    compile(gl.VERTEX_SHADER, 'points-vertex');
    compile(gl.FRAGMENT_SHADER, 'points-fragment');
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS))
        throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    gl.enable(gl.DEPTH_TEST);
}

function bufferOf(data) {
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    return buffer;
}

function attach(name, buffer, parts, type, normalized) {
    const attribute = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(attribute);
    gl.vertexAttribPointer(attribute, parts, type, normalized, 0, 0);
}

const uniform = name => gl.getUniformLocation(program, name);

// The camera's axes at the centre: x red, y green, z blue, a third of the span long.
function axesBuffers(read) {
    const {low, high} = read.facts;
    const share = point => point.map((value, i) =>
        (value - low[i]) / Math.max(high[i] - low[i], 1e-9));
    const places = [];
    const tints = [];
    for (let axis = 0; axis < 3; axis++) {
        const end = [...read.centre];
        end[axis] += read.span / 3;
        places.push(...share(read.centre), ...share(end));
        for (let i = 0; i < 2; i++)
            tints.push(...[0, 1, 2].map(c => c === axis ? 255 : 60), 255);
    }
    return {places: bufferOf(new Float32Array(places)), tints: bufferOf(new Uint8Array(tints)),
        kinds: bufferOf(new Uint8Array(6))};
}

function drawAxes() {
    gl.uniform1f(uniform('mode'), 0);
    attach('position', cloud.axes.places, 3, gl.FLOAT, false);
    attach('tint', cloud.axes.tints, 4, gl.UNSIGNED_BYTE, true);
    attach('kind', cloud.axes.kinds, 1, gl.UNSIGNED_BYTE, false);
    gl.drawArrays(gl.LINES, 0, 6);
}

function drawPoints() {
    gl.uniform1f(uniform('mode'), Number(element('viewer-colour').value));
    attach('position', cloud.buffers.places, 3, gl.UNSIGNED_SHORT, true);
    attach('tint', cloud.buffers.tints, 4, gl.UNSIGNED_BYTE, true);
    attach('kind', cloud.buffers.kinds, 1, gl.UNSIGNED_BYTE, false);
    gl.drawArrays(gl.POINTS, 0, cloud.count);
}

// A length of 1, 2 or 5 times a power of ten, at the centre, about a sixth of the width.
function drawScale(width) {
    const perUnit = eye.zoom / cloud.span * 1.8 / 2.5 * width / 2;
    const wanted = width / 6 / perUnit;
    const power = 10 ** Math.floor(Math.log10(wanted));
    const length = [5, 2, 1].map(k => k * power).find(l => l <= wanted) || power;
    const metres = cloud.facts.unit === 'mm' && length >= 1000;
    element('scale-bar').style.width = `${length * perUnit}px`;
    element('scale-text').textContent =
        `${metres ? length / 1000 : length} ${metres ? 'm' : cloud.facts.unit}`;
}

function draw() {
    if (!cloud)
        return;
    const canvas = element('points');
    const density = window.devicePixelRatio || 1;
    const {low, high, focal_baseline: focal, doffs, disparities} = cloud.facts;
    canvas.width = canvas.clientWidth * density;
    canvas.height = canvas.clientHeight * density;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0.09, 0.1, 0.11, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniform3fv(uniform('low'), low);
    gl.uniform3fv(uniform('span'), high.map((value, i) => value - low[i]));
    gl.uniform3fv(uniform('centre'), cloud.centre);
    gl.uniform4f(uniform('rotation'), Math.cos(eye.yaw), Math.sin(eye.yaw),
        Math.cos(eye.pitch), Math.sin(eye.pitch));
    gl.uniform4f(uniform('view'), eye.zoom / cloud.span, canvas.width / canvas.height,
        eye.x, eye.y);
    const screen = Math.sqrt(canvas.width * canvas.height);
    gl.uniform2f(uniform('size'), eye.zoom * screen / 300, 40 * density);
    gl.uniform2f(uniform('nearness'), ...disparities.map(d => (d + doffs) / focal));
    drawPoints();
    if (axesShown)
        drawAxes();
    drawScale(canvas.clientWidth);
}

function resetEye() {
    Object.assign(eye, HOME);
    draw();
}

// Shows points that were read; `name` is their frame's.
function showPoints(name, facts, base64) {
    const began = performance.now();
    const read = unpack(JSON.parse(facts), bytesOf(base64));
    if (!gl)
        start();
    const axes = [0, 1, 2].map(axis => spread(read, axis));
    read.centre = axes.map(axis => axis.median);
    read.span = Math.max(...axes.map(axis => axis.span), 1e-9) / 1.2;
    read.buffers = {places: bufferOf(read.places), tints: bufferOf(read.tints),
        kinds: bufferOf(read.kinds)};
    read.axes = axesBuffers(read);
    cloud = read;
    resetEye();
    const all = read.facts.all.toLocaleString();
    element('viewer-title').textContent =
        `${name}: ${read.count.toLocaleString()} of ${all} points`;
    element('viewer').dataset.loadMs = Math.round(performance.now() - began);
}

function turn(dx, dy) {
    eye.yaw += dx / 200;
    eye.pitch += dy / 200;
    draw();
}

function move(dx, dy) {
    eye.x += dx / 400;
    eye.y -= dy / 400;
    draw();
}

function zoom(factor) {
    eye.zoom = Math.min(200, Math.max(0.05, eye.zoom * factor));
    draw();
}

const pointers = new Map();

// One pointer turns, with shift it moves; two zoom by their distance and move together.
function onPointerMove(event) {
    const before = pointers.get(event.pointerId);
    if (!before)
        return;
    const dx = event.clientX - before.x;
    const dy = event.clientY - before.y;
    if (pointers.size === 1) {
        (event.shiftKey ? move : turn)(dx, dy);
    } else {
        const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
        const was = Math.hypot(before.x - other.x, before.y - other.y);
        const is = Math.hypot(event.clientX - other.x, event.clientY - other.y);
        if (was > 0 && is > 0)
            zoom(is / was);
        move(dx / 2, dy / 2);
    }
    pointers.set(event.pointerId, {x: event.clientX, y: event.clientY});
}

const KEYS = {
    ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20],
};

function onViewerKey(event) {
    if (KEYS[event.key])
        (event.shiftKey ? move : turn)(...KEYS[event.key]);
    else if (event.key === '+' || event.key === '=')
        zoom(1.2);
    else if (event.key === '-')
        zoom(1 / 1.2);
    else if (event.key === 'r' || event.key === 'R')
        resetEye();
    else
        return;
    event.preventDefault();
}

function wireViewer() {
    const canvas = element('points');
    canvas.onpointerdown = event => {
        canvas.setPointerCapture(event.pointerId);
        pointers.set(event.pointerId, {x: event.clientX, y: event.clientY});
    };
    canvas.onpointermove = onPointerMove;
    canvas.onpointerup = canvas.onpointercancel = event => pointers.delete(event.pointerId);
    canvas.onkeydown = onViewerKey;
    canvas.addEventListener('wheel', event => {
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 500));
    }, {passive: false});
    element('viewer-colour').onchange = draw;
    element('viewer-reset').onclick = resetEye;
    element('viewer-axes').onclick = event => {
        axesShown = !axesShown;
        event.target.setAttribute('aria-pressed', axesShown);
        draw();
    };
    window.onresize = draw;
}

wireViewer();
