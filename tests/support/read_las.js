// SPDX-License-Identifier: Apache-2.0
// read_las.js FILE: what the package "copc" finds in a LAS file, as JSON: point count, the
// header's bounds, those of the points, and the names of its dimensions.
const fs = require("fs");
const {Las} = require("copc");

async function main(path) {
  const file = fs.readFileSync(path);
  const get = async (begin, end) => new Uint8Array(file.subarray(begin, end));
  const header = Las.Header.parse(file);
  const records = await Las.Vlr.walk(get, header);
  const content = async (user, id) =>
      Buffer.from(await Las.Vlr.fetch(get, Las.Vlr.find(records, user, id)));
  const extras = Las.ExtraBytes.parse(await content("LASF_Spec", 4));
  const view = Las.View.create(file.subarray(header.pointDataOffset), header, extras);
  const extent = [];
  for (const name of ["X", "Y", "Z"]) {
    const value = view.getter(name);
    let low = Infinity, high = -Infinity;
    for (let i = 0; i < view.pointCount; i++) {
      low = Math.min(low, value(i));
      high = Math.max(high, value(i));
    }
    extent.push(low, high);
  }
  const confidence = view.getter("confidence");
  console.log(JSON.stringify({
    version: `${header.majorVersion}.${header.minorVersion}`,
    format: header.pointDataRecordFormat, points: view.pointCount, extent,
    header: [0, 1, 2].flatMap(a => [header.min[a], header.max[a]]),
    dimensions: Object.keys(view.dimensions),
    confidence: view.pointCount > 0 ? confidence(0) : null,
    system: (await content("LASF_Projection", 2112)).toString().replace(/\0+$/, ""),
  }));
}

main(process.argv[2]).catch(error => {
  console.error(error);
  process.exit(1);
});
