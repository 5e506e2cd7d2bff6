import * as antd from "antd";
import * as charts from "echarts";
import * as three from "three";
import * as webgpu from "three/webgpu";

const kinds = [antd, charts, three, webgpu].flatMap((library) => Object.keys(library));
console.log(`${kinds.length} kinds of objects`);
