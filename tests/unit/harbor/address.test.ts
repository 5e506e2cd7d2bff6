import assert from "node:assert/strict";
import { test } from "node:test";
import { addressFault, baseAddress, parseSwitch } from "../../../src/harbor/address";

test("removes the path of the API and of the portal from an address", () => {
    for (const path of ["", "/", "//", "/api", "/api/v2.0", "/api/v2.0/", "/harbor", "/harbor/"]) {
        assert.equal(baseAddress(`https://h:8443${path}`), "https://h:8443", path);
    }
    assert.equal(baseAddress("https://h/behind/a/proxy/api/v2.0"), "https://h/behind/a/proxy");
});

test("requires a scheme in an address, and rejects credentials and a query", () => {
    assert.equal(addressFault("HTTPS://h/api/v2.0"), undefined);
    assert.equal(addressFault("h:443"), '"h:443" is not an address; write https://h:443');
    assert.match(
        addressFault("https://me:secret@h") ?? "",
        /^the address must not contain credentials/,
    );
    assert.match(addressFault("https://h?x") ?? "", /has a query/);
    assert.match(addressFault("https://") ?? "", /is not an address; expected/);
});

test("shows no user information and no query of an address", () => {
    const secret = "pa@ss:w:rd";
    for (const [address, shown] of [
        [`me:${secret}@h`, '"h" is not an address; write https://h'],
        [`ftp://me:${secret}@h`, '"ftp://h" is not an address; write https://h'],
        [
            `https://me:${secret}@h:port`,
            '"https://h:port" is not an address; expected https://host[:port]',
        ],
        ["https://h?token=4711", '"https://h?…" has a query; expected https://host[:port]'],
        ["https://h#token=4711", '"https://h?…" has a query; expected https://host[:port]'],
    ] as const) {
        assert.equal(addressFault(address), shown);
    }
});

test("reads a switch in Go's words and in yes and no, and rejects anything else", () => {
    for (const on of ["1", "t", "true", "TRUE", "yes", "Yes"]) {
        assert.equal(parseSwitch(on), true, on);
    }
    for (const off of ["0", "f", "false", "False", "no"]) {
        assert.equal(parseSwitch(off), false, off);
    }
    for (const neither of ["", "on", "maybe", "truely"]) {
        assert.equal(parseSwitch(neither), undefined, neither);
    }
});
