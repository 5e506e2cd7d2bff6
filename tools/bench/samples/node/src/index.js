import * as three from "three";
import * as webgpu from "three/webgpu";

const kinds = [three, webgpu].flatMap((library) => Object.keys(library));
console.log(`${kinds.length} kinds of objects`);
