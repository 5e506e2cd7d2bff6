/**
 * One spelling for an LDAP group's distinguished name. Harbor stores it trimmed and in lower case
 * (src/pkg/usergroup/manager.go), and looks it up unchanged.
 */
export function canonicalDn(value: string): string {
    return value.trim().toLowerCase();
}
