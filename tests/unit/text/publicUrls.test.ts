import assert from "node:assert/strict";
import { test } from "node:test";
import { publicUrls } from "../../../src/text/publicUrls";

test("removes logins and queries from URLs, and keeps the rest", () => {
    const texts = {
        "https://user:p@ss@git.example.com/shop.git#main:fm":
            "https://git.example.com/shop.git#main:fm",
        'RUN curl "https://files.example.com/a?X-Amz-Signature=abc" -o a':
            'RUN curl "https://files.example.com/a?[removed]" -o a',
        "ADD https://token@one.example.com/a http://two.example.com/b@2 /":
            "ADD https://one.example.com/a http://two.example.com/b@2 /",
        "https://user:secret@host?x=1#y": "https://host?[removed]#y",
        "pkg:docker/alpine@3.22?platform=linux%2Famd64":
            "pkg:docker/alpine@3.22?platform=linux%2Famd64",
        "git@git.example.com:shop.git": "git@git.example.com:shop.git",
        "no URL: a://": "no URL: a://",
    };
    assert.deepEqual(Object.keys(texts).map(publicUrls), Object.values(texts));
});
