// SPDX-License-Identifier: Apache-2.0
// check_glb.js FILE: what Khronos' validator (package "gltf-validator") says of it, as JSON.
const fs = require("fs");
const {validateBytes} = require("gltf-validator");

validateBytes(new Uint8Array(fs.readFileSync(process.argv[2]))).then(report => {
  console.log(JSON.stringify({
    issues: report.issues.messages, points: report.info.totalVertexCount,
    triangles: report.info.totalTriangleCount,
  }));
});
