import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { RunReport } from "../../src/report/model";
import { runPage } from "../../src/report/page";
import { type BrowserPage, browserRemedy, findBrowser, openPage } from "../support/browser";
import { sampleRun } from "../support/sampleRun";

/** Lowest contrast of text and its background that WCAG 2 calls sufficient (AA). */
const contrastMin = 4.5;

/** In the page: the contrast of every text with the background behind it. */
const contrasts = `(() => {
    const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = (color) => {
        const [r, g, b] = rgb(color).map((part) => part / 255)
            .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        if (element.closest("svg g")) return getComputedStyle(element.closest("g").querySelector("rect")).fill;
        for (let one = element; one; one = one.parentElement) {
            const color = getComputedStyle(one).backgroundColor;
            if (rgb(color)[3] !== 0) return color;
        }
        return "rgb(255, 255, 255)";
    };
    return [...document.querySelectorAll("body *")]
        .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
        .filter((element) => !["title", "desc"].includes(element.tagName))
        .map((element) => {
            const style = getComputedStyle(element);
            const pair = [light(element.closest("svg") ? style.fill : style.color), light(behind(element))];
            return { text: element.textContent.slice(0, 40), ratio: (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) };
        });
})()`;

/** In the page: the room to the right of each text in a box of the drawings. */
const boxes = `[...document.querySelectorAll("svg g text")].map((text) => ({
    text: text.textContent,
    left: text.closest("g").querySelector("rect").getBoundingClientRect().right - text.getBoundingClientRect().right,
}))`;

/** The sample with long and wide names of stages. */
const longNames: RunReport = {
    ...sampleRun,
    images: sampleRun.images.map((image) => ({
        ...image,
        ...(typeof image.build === "object" && {
            build: {
                ...image.build,
                steps: image.build.steps.map((step) => ({
                    ...step,
                    stage:
                        step.stage === "zones"
                            ? "W".repeat(60)
                            : step.stage && `${step.stage}-構築-MMMM`,
                })),
            },
        }),
    })),
};

describe("the page of a run in a browser", () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-page-"));
    const file = join(folder, "page.html");
    let page: BrowserPage | undefined;

    before(async () => {
        writeFileSync(file, runPage(sampleRun));
        const browser = await findBrowser();
        page = browser === undefined ? undefined : await openPage(browser, file);
    });

    after(async () => {
        await page?.close();
        rmSync(folder, { recursive: true });
    });

    for (const theme of ["light", "dark"]) {
        test(`shows readable text in the ${theme} theme`, async (context) => {
            if (page === undefined) return context.skip(browserRemedy);
            const features = [{ name: "prefers-color-scheme", value: theme }];
            await page.call("Emulation.setEmulatedMedia", { features });
            // Shape: what the expression above returns.
            const found = (await page.evaluate(contrasts)) as { text: string; ratio: number }[];
            assert.ok(found.length > 50, `${found.length} texts`);
            assert.deepEqual(
                found.filter(({ ratio }) => ratio < contrastMin),
                [],
            );
            const background = await page.evaluate(
                "getComputedStyle(document.body).backgroundColor",
            );
            assert.equal(background, theme === "dark" ? "rgb(13, 17, 23)" : "rgb(255, 255, 255)");
        });
    }

    test("gives a screen reader headings, named tables and a description of each drawing", async (context) => {
        if (page === undefined) return context.skip(browserRemedy);
        const { nodes } = await page.call("Accessibility.getFullAXTree");
        assert.ok(Array.isArray(nodes));
        const named = (role: string): readonly string[] =>
            nodes
                .filter((node) => node.role?.value === role && !node.ignored)
                .map((node) => String(node.name?.value));
        assert.deepEqual(named("heading"), [
            "Update of shop/dev",
            "Timeline",
            "web-app failed",
            "fm-app built and pushed",
            "planned-app would be built",
            "waiting-app not reached",
        ]);
        assert.ok(named("region").includes("Images of the run"));
        const drawings = nodes.filter((node) => /^(image|img|graphics)/i.test(node.role?.value));
        assert.match(
            String(drawings[0]?.name?.value),
            /^Stages of the build Stage deps: 1 ran, 2\.0 s\. Stage build: 1 failed, 0\.9 s\. Reads deps\./,
        );
    });

    test("reaches the links, the wide tables and the lists of steps with the keyboard, in order", async (context) => {
        if (page === undefined) return context.skip(browserRemedy);
        const reached: unknown[] = [];
        for (let count = 0; count < 8; count++) {
            const key = { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 };
            await page.call("Input.dispatchKeyEvent", { type: "keyDown", ...key });
            await page.call("Input.dispatchKeyEvent", { type: "keyUp", ...key });
            reached.push(
                await page.evaluate(
                    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
                ),
            );
        }
        assert.deepEqual(reached, [
            "Skip to the images",
            "Images of the run",
            "web-app",
            "fm-app",
            "planned-app",
            "waiting-app",
            "Stages of web-app",
            "Steps of web-app",
        ]);
    });

    test("fits the names of stages into their boxes", async (context) => {
        const browser = await findBrowser();
        if (browser === undefined) return context.skip(browserRemedy);
        const other = join(folder, "names.html");
        writeFileSync(other, runPage(longNames));
        const named = await openPage(browser, other);
        // Shape: what the expression above returns.
        const widths = (await named.evaluate(boxes)) as { text: string; left: number }[];
        await named.close();
        assert.ok(widths.length > 15, `${widths.length} texts`);
        assert.deepEqual(
            widths.filter(({ left }) => left < 4),
            [],
        );
    });

    test("shows step, result and time on a narrow screen, and scrolls only the other tables", async (context) => {
        if (page === undefined) return context.skip(browserRemedy);
        const size = { width: 390, height: 800, deviceScaleFactor: 1, mobile: false };
        await page.call("Emulation.setDeviceMetricsOverride", size);
        const beyond =
            "[...document.querySelectorAll('.steps td, .track, .timeline span')]" +
            ".filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.textContent)";
        assert.deepEqual(await page.evaluate(beyond), []);
        const excess =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert.equal(await page.evaluate(excess), 0);
    });
});
