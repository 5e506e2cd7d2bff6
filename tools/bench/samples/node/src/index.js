import * as antd from "antd";
import * as charts from "echarts";
import * as three from "three";
import * as webgpu from "three/webgpu";
import { styled } from "./extra.js";

const version = "mark";
const kinds = [antd, charts, three, webgpu].flatMap((library) => Object.keys(library));
console.log(styled(`${kinds.length} kinds of objects, ${version}`));
