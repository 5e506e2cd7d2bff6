import type { Store } from "./store";

/** The system configuration's values and their defaults in a fresh Harbor 2.15. */
export const settingDefaults: Readonly<Record<string, string | number | boolean>> = {
    audit_log_forward_endpoint: "",
    auth_mode: "db_auth",
    banner_message: "",
    disabled_audit_log_event_types: "",
    http_authproxy_admin_groups: "",
    http_authproxy_admin_usernames: "",
    http_authproxy_endpoint: "",
    http_authproxy_server_certificate: "",
    http_authproxy_skip_search: false,
    http_authproxy_tokenreview_endpoint: "",
    http_authproxy_verify_cert: true,
    ldap_base_dn: "",
    ldap_filter: "",
    ldap_group_admin_dn: "",
    ldap_group_attach_parallel: false,
    ldap_group_attribute_name: "",
    ldap_group_base_dn: "",
    ldap_group_membership_attribute: "memberof",
    ldap_group_search_filter: "",
    ldap_group_search_scope: 2,
    ldap_scope: 2,
    ldap_search_dn: "",
    ldap_timeout: 5,
    ldap_uid: "cn",
    ldap_url: "",
    ldap_verify_cert: true,
    notification_enable: true,
    oidc_admin_group: "",
    oidc_auto_onboard: false,
    oidc_client_id: "",
    oidc_endpoint: "",
    oidc_extra_redirect_parms: "{}",
    oidc_group_filter: "",
    oidc_groups_claim: "",
    oidc_logout: false,
    oidc_name: "",
    oidc_scope: "",
    oidc_user_claim: "",
    oidc_verify_cert: true,
    primary_auth_mode: false,
    project_creation_restriction: "everyone",
    quota_per_project_enable: true,
    read_only: false,
    robot_name_prefix: "robot$",
    robot_token_duration: 30,
    scanner_skip_update_pulltime: false,
    self_registration: false,
    session_timeout: 60,
    skip_audit_log_database: false,
    storage_per_project: -1,
    token_expiration: 30,
    uaa_client_id: "",
    uaa_client_secret: "",
    uaa_endpoint: "",
    uaa_verify_cert: false,
};

/** Settings that Harbor accepts and never shows: those of its PasswordType. */
export const hiddenSettings: readonly string[] = ["ldap_search_password", "oidc_client_secret"];

/** Reads and writes the system configuration. */
export class Settings {
    readonly #store: Store;

    constructor(store: Store) {
        this.#store = store;
    }

    value(name: string): unknown {
        return this.#store.of("settings").get(name)?.value ?? settingDefaults[name];
    }

    text(name: string): string {
        return String(this.value(name));
    }

    number(name: string): number {
        return Number(this.value(name));
    }

    flag(name: string): boolean {
        return this.value(name) === true;
    }

    set(name: string, value: unknown): void {
        this.#store.of("settings").put({ id: name, value });
    }
}
