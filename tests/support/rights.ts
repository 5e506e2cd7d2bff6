import assert from "node:assert/strict";
import { askApi, type RegistryAccess } from "./registry";

const known = new Map<string, boolean>();

/** Whether an account is a system administrator. */
export async function hasSystemRights(access: RegistryAccess): Promise<boolean> {
    const account = `${access.username} at ${access.url}`;
    const found = known.get(account);
    if (found !== undefined) {
        return found;
    }
    const { status, json } = await askApi(access, "/users/current");
    assert.equal(status, 200, `Harbor refuses the login of ${account}`);
    const rights = (json as { sysadmin_flag?: boolean }).sysadmin_flag === true; // Harbor's user object.
    known.set(account, rights);
    return rights;
}
