import { suggestion } from "../text/nearest";

/** Named schedules of Harbor's portal. */
const named: Readonly<Record<string, string>> = {
    Hourly: "0 0 * * * *",
    Daily: "0 0 0 * * *",
    Weekly: "0 0 0 * * 0",
};

interface Field {
    readonly name: string;
    readonly min: number;
    readonly max: number;
    readonly words?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Fields of robfig/cron v3, Harbor's parser for schedules. */
const fields: readonly Field[] = [
    { name: "seconds", min: 0, max: 59 },
    { name: "minutes", min: 0, max: 59 },
    { name: "hours", min: 0, max: 23 },
    { name: "day of the month", min: 1, max: 31 },
    { name: "month", min: 1, max: 12, words: months },
    { name: "day of the week", min: 0, max: 6, words: days },
];

/** The schedule as Harbor stores it: six fields, or empty. */
export function toCron(schedule: string): string {
    return named[nameOf(schedule) ?? ""] ?? schedule.trim().replace(/\s+/g, " ");
}

/** The schedule as programs write it: a name if one exists. */
export function fromCron(cron: string): string {
    const name = Object.keys(named).find((key) => named[key] === cron);
    return name ?? cron;
}

/** Harbor's type of a schedule: the name, `Custom`, or `None` for an empty one. */
export function scheduleType(schedule: string): string {
    const cron = toCron(schedule);
    return cron === "" ? "None" : (nameOf(fromCron(cron)) ?? "Custom");
}

/** Why a schedule is invalid. */
export function scheduleRule(schedule: string): string | undefined {
    const cron = toCron(schedule);
    if (cron === "") return undefined;
    const parts = cron.split(" ");
    if (parts.length === 1) {
        return `"${schedule}" is not a schedule; expected Hourly, Daily, Weekly or six cron fields, seconds first${suggestion(schedule, Object.keys(named))}`;
    }
    if (parts.length !== fields.length) {
        const hint = parts.length === 5 ? `; write "0 ${cron}"` : "";
        return `"${schedule}" has ${parts.length} fields; expected 6 with seconds first${hint}`;
    }
    if (parts[0] !== "0")
        return `"${schedule}" has "${parts[0]}" for seconds, where Harbor requires 0`;
    for (const [index, field] of fields.entries()) {
        const reason = judgeField(parts[index] ?? "", field);
        if (reason) return `"${schedule}": ${field.name}: ${reason}`;
    }
    return undefined;
}

function nameOf(schedule: string): string | undefined {
    const lower = schedule.trim().toLowerCase();
    return Object.keys(named).find((key) => key.toLowerCase() === lower);
}

function judgeField(text: string, field: Field): string | undefined {
    for (const part of text.split(",")) {
        const match = /^(?:[*?]|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(part);
        if (!match) return `"${part}" is not understood`;
        const [, from, to, step] = match;
        if (step !== undefined && Number(step) === 0) return `"${part}" has a step of 0`;
        for (const bound of [from, to]) {
            if (bound === undefined) continue;
            const value = numberOf(bound, field);
            if (value === undefined || value < field.min || value > field.max) {
                return `"${bound}" is not from ${field.min} to ${field.max}`;
            }
        }
        if (from !== undefined && to !== undefined && backwards(from, to, field)) {
            return `"${part}" ends before it starts`;
        }
    }
    return undefined;
}

function backwards(from: string, to: string, field: Field): boolean {
    return (numberOf(from, field) ?? 0) > (numberOf(to, field) ?? 0);
}

function numberOf(text: string, field: Field): number | undefined {
    if (/^\d+$/.test(text)) return Number(text);
    const index = field.words?.indexOf(text.toLowerCase()) ?? -1;
    return index < 0 ? undefined : index + field.min;
}
