/**
 * Checks a schedule as Harbor does: six fields, seconds first. Returns what is wrong, or undefined.
 */
export function cronFault(cron: string): string | undefined {
    const fields = cron.trim().split(/\s+/);
    if (cron.trim() === "") {
        return "empty spec string";
    }
    if (fields.length !== 6) {
        return `expected exactly 6 fields, found ${fields.length}: [${cron.trim()}]`;
    }
    if (fields[0] !== "0") {
        return "the 1st field (indicating Seconds of time) of the cron setting must be 0";
    }
    const bad = fields.findIndex((field, at) => expand(field, at) === undefined);
    return bad < 0 ? undefined : `failed to parse int from ${fields[bad]}`;
}

const ranges: readonly [min: number, max: number][] = [
    [0, 59],
    [0, 59],
    [0, 23],
    [1, 31],
    [1, 12],
    [0, 7],
];
const minuteMs = 60_000;
const searchMinutesMax = 366 * 24 * 60;

/** The values of a field: any, one, a range, steps, a list; undefined for an invalid field. */
function expand(field: string, at: number): Set<number> | undefined {
    const [min, max] = ranges[at] ?? [0, 0];
    const values = new Set<number>();
    for (const part of field.split(",")) {
        const match = /^(?:(\*|\?)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
        if (match === null) {
            return undefined;
        }
        const [, star, from = "", to, step = "1"] = match;
        const first = star === undefined ? Number(from) : min;
        const last = star === undefined ? Number(to ?? (match[4] === undefined ? from : max)) : max;
        if (first < min || last > max || Number(step) === 0) {
            return undefined;
        }
        for (let value = first; value <= last; value += Number(step)) {
            values.add(value);
        }
    }
    return values;
}

/** The next time of a valid schedule, in UTC; undefined if not within a year. */
export function nextTime(cron: string, after: Date): string | undefined {
    const sets = cron.trim().split(/\s+/).map(expand);
    const [, minutes, hours, days, months, weekdays] = sets;
    if (sets.some((set) => set === undefined)) {
        return undefined;
    }
    let time = Math.floor(after.getTime() / minuteMs) * minuteMs;
    for (let count = 0; count < searchMinutesMax; count += 1) {
        time += minuteMs;
        const date = new Date(time);
        const weekday = date.getUTCDay();
        const matches =
            minutes?.has(date.getUTCMinutes()) &&
            hours?.has(date.getUTCHours()) &&
            days?.has(date.getUTCDate()) &&
            months?.has(date.getUTCMonth() + 1) &&
            (weekdays?.has(weekday) || (weekday === 0 && weekdays?.has(7)));
        if (matches) {
            return date.toISOString();
        }
    }
    return undefined;
}
