/**
 * One spelling for an LDAP group's distinguished name: Harbor keeps it trimmed and in lower case
 * (src/pkg/usergroup/manager.go) and looks it up as it was sent.
 */
export function canonicalDn(value: string): string {
    return value.trim().toLowerCase();
}
