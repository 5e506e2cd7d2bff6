/**
 * The passphrase of public states. It protects nothing: what it encrypts are placeholders, and Pulumi
 * needs a secrets provider to import a state.
 */
export const publicPassphrase = "public: this state has no secrets";

/**
 * The salt of {@link publicPassphrase}, and the placeholder that it encrypts, in the form of Pulumi's
 * passphrase provider (sdk/go/common/resource/config/crypt.go of Pulumi 3.259: PBKDF2 with SHA-256 and
 * 1,000,000 rounds, AES-256-GCM).
 */
export const publicSalt = "v1:aGFyYm9yLWI=:v1:bM79x/T39Nr0t4Ow:J9An5mnhg3Fm2bm/IK1e5kleo1Tr+w==";
export const encryptedPlaceholder =
    "v1:W+p9Wki+3oO1aReI:nEv8flMS9tT0uX51J8LRJ1VSNqyn2ajlORiJ3daI/JBwuyW9O0M=";

/** The secrets provider of a public state, as Pulumi's exports name it. */
export const publicProvider = { type: "passphrase", state: { salt: publicSalt } } as const;
