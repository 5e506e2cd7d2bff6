/** Which secrets a text contains: as they are, in base64, URL- or JSON-escaped. */
export function secretsIn(text: string, secrets: readonly string[]): readonly string[] {
    return secrets.filter((secret) => spellings(secret).some((one) => text.includes(one)));
}

function spellings(secret: string): readonly string[] {
    const json = JSON.stringify(secret).slice(1, -1);
    return [
        secret,
        encodeURIComponent(secret),
        json,
        JSON.stringify(json).slice(1, -1),
        // Behind user names of several lengths; without the groups that neighbours change.
        ...["", "1", "12", "123"].map((before) =>
            Buffer.from(`${before}${secret}`).toString("base64").slice(4, -4),
        ),
    ];
}
