// SPDX-License-Identifier: Apache-2.0
// What report.html does: opens frames in the viewer, enlarges pictures, fills legends.
'use strict';

let opener = null; // what has the focus again when an overlay closes

function openOverlay(id, focused) {
    opener = opener || document.activeElement;
    element(id).hidden = false;
    document.body.classList.add('covered');
    focused.focus();
}

function closeOverlays() {
    element('viewer').hidden = true;
    element('enlarged').hidden = true;
    document.body.classList.remove('covered');
    if (opener)
        opener.focus();
    opener = null;
}

function report(text) {
    element('viewer-hint').textContent = text;
}

function show(name, facts, points) {
    try {
        showPoints(name, facts, points);
        report('');
    } catch (error) {
        report(`${name}: ${error.message}`);
    }
}

// The frame's own page sends its points: a page from disk may not read its neighbours.
function askFrame(name, address) {
    const frame = document.createElement('iframe');
    const answered = event => {
        if (event.source !== frame.contentWindow || !event.data.facts)
            return;
        window.removeEventListener('message', answered);
        show(name, event.data.facts, event.data.points);
        frame.remove();
    };
    window.addEventListener('message', answered);
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.hidden = true;
    frame.src = address;
    report(`loading ${address}; it lies beside this page, and must be kept with it`);
    document.body.append(frame);
}

function openFrame(button) {
    const {number, name, view} = button.dataset;
    const points = element(`points-${number}`);
    openOverlay('viewer', element('points'));
    element('viewer-title').textContent = name;
    if (points)
        show(name, element(`facts-${number}`).textContent, points.textContent);
    else
        askFrame(name, view);
}

const pictures = [...document.querySelectorAll('.picture')];
let enlarged = 0;

function enlarge(index) {
    enlarged = (index + pictures.length) % pictures.length;
    const button = pictures[enlarged];
    const title = button.closest('.frame').querySelector('h3 code').textContent;
    element('enlarged-image').src = button.querySelector('img').src;
    element('enlarged-title').textContent =
        `${title}: ${button.querySelector('span').textContent}`;
}

// Depths at five places of the colour ramp, in the unit of the points.
function fillLegend(legend) {
    const number = legend.closest('.frame').id.slice('frame-'.length);
    const facts = JSON.parse(element(`facts-${number}`).textContent);
    const [far, near] = facts.disparities;
    const ramp = document.createElement('div');
    const labels = document.createElement('div');
    ramp.className = 'ramp';
    labels.className = 'labels';
    for (let i = 0; i < 5; i++) {
        const label = document.createElement('span');
        const parallax = far + (near - far) * i / 4 + facts.doffs;
        const depth = facts.focal_baseline / parallax;
        label.textContent = facts.focal_baseline > 0 && parallax > 0
            ? `${Math.round(depth).toLocaleString()} ${facts.unit}`
            : `${(parallax - facts.doffs).toFixed(1)} px`;
        labels.append(label);
    }
    legend.append(ramp, labels);
    legend.hidden = false;
}

function onKey(event) {
    if (event.key === 'Escape')
        closeOverlays();
    if (element('enlarged').hidden)
        return;
    if (event.key === 'ArrowLeft')
        enlarge(enlarged - 1);
    if (event.key === 'ArrowRight')
        enlarge(enlarged + 1);
}

// Tab stays in what is open.
function keepFocus(event) {
    const overlay = event.currentTarget;
    const stops = [...overlay.querySelectorAll('button, select, canvas')];
    const last = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (event.key !== 'Tab' || document.activeElement !== last)
        return;
    event.preventDefault();
    (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
}

function wirePage() {
    document.querySelectorAll('button.open').forEach(button => {
        button.onclick = () => openFrame(button);
    });
    pictures.forEach((button, index) => {
        button.onclick = () => {
            openOverlay('enlarged', element('enlarged-close'));
            enlarge(index);
        };
    });
    document.querySelectorAll('.legend').forEach(fillLegend);
    element('viewer-close').onclick = element('enlarged-close').onclick = closeOverlays;
    element('enlarged-previous').onclick = () => enlarge(enlarged - 1);
    element('enlarged-next').onclick = () => enlarge(enlarged + 1);
    element('viewer').onkeydown = element('enlarged').onkeydown = keepFocus;
    document.onkeydown = onKey;
}

wirePage();
