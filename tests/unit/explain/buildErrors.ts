/** Errors of real builds with their explanations. Host and digests are shortened. */
type Table = readonly (readonly [error: string, what: string])[];

const push = "failed to solve: failed to push h:80/shop/fm/cache:dev: ";
const upload =
    "http://h:80/v2/shop/fm/cache/blobs/uploads/3ffe?_state=secret-state&digest=sha256%3Aab";

/**
 * Seen with docker-build 0.0.22 on BuildKit 0.31.1 behind a proxy that breaks things, but for the
 * last ones.
 */
export const passingFaults: Table = [
    [
        `${push}unexpected status from PUT request to http://h:80/v2/shop/fm/cache/manifests/dev: 503 Service Unavailable`,
        "the registry answered 503 to PUT http://h:80/v2/shop/fm/cache/manifests/dev",
    ],
    [
        `${push}unexpected status from PUT request to http://h:80/v2/shop/fm/cache/manifests/dev: 429 Too Many Requests`,
        "the registry answered 429 to PUT http://h:80/v2/shop/fm/cache/manifests/dev",
    ],
    [
        `${push}unexpected status from PUT request to ${upload}: 502 Bad Gateway`,
        "the registry answered 502 to PUT http://h:80/v2/shop/fm/cache/blobs/uploads/3ffe",
    ],
    [
        "failed to solve: failed to fetch oauth token: unexpected status from POST request to http://h:80/service/token: 500 Internal Server Error",
        "the registry answered 500 to POST http://h:80/service/token",
    ],
    [`${push}unknown: internal server error`, "the registry had an internal error"],
    [
        `${push}errors:\nunknown: provided digest did not match uploaded content\nunknown: blob unknown to registry - sha256:ae`,
        "the registry does not have a layer of the pushed image",
    ],
    [
        `${push}failed commit on ref "config-sha256:6f": failed to do request: Put "${upload}": EOF`,
        "the connection was closed in the middle of a transfer (PUT http://h:80/v2/shop/fm/cache/blobs/uploads/3ffe)",
    ],
    [
        `${push}failed to do request: Head "http://h:80/v2/shop/fm/cache/blobs/sha256:8a": dial tcp 127.0.0.1:80: connect: connection refused`,
        "the connection was refused (HEAD http://h:80/v2/shop/fm/cache/blobs/sha256:8a)",
    ],
    [
        "creating builder: failed to initialize builder pensive_montalcini (pensive_montalcini0): failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory",
        "no builder answers, and docker-build found no Docker to start its own builder",
    ],
    [
        "failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
        "the builder is not reachable",
    ],
    // In the words of Go's net and net/http packages and of gRPC, as containerd and buildx wrap
    // them.
    [
        `${push}failed to copy: failed to do request: Put "${upload}": write tcp 10.0.0.2:5->10.0.0.1:80: write: connection reset by peer`,
        "the connection was reset (PUT http://h:80/v2/shop/fm/cache/blobs/uploads/3ffe)",
    ],
    [
        `${push}failed to do request: Head "https://h:80/v2/": net/http: TLS handshake timeout`,
        "the TLS handshake took too long (HEAD https://h:80/v2/)",
    ],
    [
        `${push}failed to do request: Head "https://h:80/v2/": dial tcp 10.0.0.1:80: i/o timeout`,
        "no answer came in time (HEAD https://h:80/v2/)",
    ],
    [
        'failed to solve: DeadlineExceeded: failed to do request: Head "https://h:80/v2/": context deadline exceeded',
        "no answer came in time (HEAD https://h:80/v2/)",
    ],
    [
        `${push}failed to do request: Head "https://h:80/v2/": dial tcp: lookup h: Temporary failure in name resolution`,
        "the builder's DNS did not answer (HEAD https://h:80/v2/)",
    ],
    ["context deadline exceeded", "the builder is not reachable"],
    [
        "failed to solve: no active session for q1: context deadline exceeded",
        "the builder is not reachable",
    ],
    [
        "failed to solve: failed to compute cache key: failed to copy: httpReadSeeker: failed open: unexpected status from GET request to http://h:80/v2/shop/fm/cache/blobs/sha256:8a: 504 Gateway Timeout",
        "the registry answered 504 to GET http://h:80/v2/shop/fm/cache/blobs/sha256:8a",
    ],
    [`${push}toomanyrequests: too many requests`, "the registry is limiting requests"],
];

/**
 * Recorded from Harbor 2.15 with BuildKit 0.31.1, or seen with docker-build 0.0.22, but for the
 * last ones.
 */
export const refusals: Table = [
    ['new builder: no builder "big" found', "buildx has no builder with the given name"],
    ["error reading from server: EOF", "docker-build's plugin ended during the run"],
    [
        'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:39713: connect: connection refused"',
        "docker-build's plugin ended during the run",
    ],
    [
        "failed to solve: write /var/lib/buildkit/runc-overlayfs/content/ingest/ab/data: no space left on device",
        "the builder's disk is full",
    ],
    [
        "failed to solve: failed to copy to tar: rpc error: code = Unknown desc = io: read/write on closed pipe",
        "no Docker daemon accepts the image",
    ],
    [
        `${push}denied: adding 1.2 MiB of storage resource, which when updated to current usage of 0 B will exceed the configured upper limit of 300 B.`,
        "the storage quota of the Harbor project, 300 B, is full",
    ],
    [
        "failed to solve: error writing layer blob: denied: adding 1.5 MiB of storage resource, which when updated to current usage of 428 B will exceed the configured upper limit of 1.0 MiB.",
        "the storage quota of the Harbor project, 1.0 MiB, is full",
    ],
    // In the words of Harbor 2.15 (server/middleware/readonly).
    [
        `${push}denied: The system is in read only mode. Any modification is prohibited.`,
        "Harbor is in read-only mode and accepts no pushes",
    ],
    // As Harbor 2.15 answers to a request for a manifest under these policies.
    [
        `${push}unknown: The image is not signed by cosign.`,
        "content trust of the Harbor project blocks the tag: it is not signed by cosign",
    ],
    [
        `${push}unknown: current image without vulnerability scanning cannot be pulled due to configured policy in 'Prevent images with …'`,
        "vulnerability prevention of the Harbor project blocks the tag",
    ],
    [
        `${push}unknown: Failed to process request due to 'fm/cache:dev' configured as immutable.`,
        "the tag fm/cache:dev exists and is immutable",
    ],
    [
        `${push}unexpected status from HEAD request to http://h:80/v2/shop/fm/cache/manifests/dev: 412 Precondition Failed`,
        "the registry answered 412 to HEAD http://h:80/v2/shop/fm/cache/manifests/dev",
    ],
    [
        `${push}unexpected status from PUT request to ${upload}: 413 Payload Too Large`,
        "the registry answered 413 to PUT http://h:80/v2/shop/fm/cache/blobs/uploads/3ffe",
    ],
    [
        "failed to solve: error writing manifest blob: unknown: artifact shop/fm/cache@sha256:0a not found",
        "Harbor rejected the manifest that names shop/fm/cache@sha256:0a",
    ],
    [
        "failed to solve: error writing manifest blob: unexpected status from PUT request to http://h/v2/shop/fm/cache/manifests/dev: 400 Bad Request",
        "the registry refuses cache manifests",
    ],
    [
        `${push}unknown: invalid repository name`,
        "the registry does not accept the repository's name",
    ],
    [
        "failed to solve: error writing manifest blob: manifest invalid: manifest schema unsupported",
        "the registry refuses cache manifests",
    ],
    [
        "failed to solve: alpine:nope: failed to resolve source metadata for docker.io/library/alpine:nope: docker.io/library/alpine:nope: not found",
        "the base image docker.io/library/alpine:nope does not exist",
    ],
    [
        `${push}unexpected status from HEAD request to http://h:80/v2/fm/blobs/sha256:8a: 400 Bad Request`,
        "the registry answered 400 to HEAD http://h:80/v2/fm/blobs/sha256:8a",
    ],
    // In Harbor's and Go's words.
    [
        `${push}denied: can not push artifact to a proxy project: hub`,
        "the Harbor project is a proxy cache, which accepts no pushes",
    ],
    [
        `${push}failed to do request: Head "https://h:80/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
        "the builder does not trust the registry's certificate (HEAD https://h:80/v2/)",
    ],
    [
        `${push}failed to do request: Head "https://h:80/v2/": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-12-03T12:50:00Z is before 2026-12-03T13:00:00Z`,
        "the registry's certificate has expired or is not valid yet (HEAD https://h:80/v2/)",
    ],
    [
        'failed to solve: failed to fetch oauth token: Post "https://h:80/service/token": tls: failed to verify certificate: x509: certificate signed by unknown authority',
        "docker-build's plugin, which fetches the token, does not trust the registry's certificate (POST https://h:80/service/token)",
    ],
    [
        `${push}failed to do request: Head "https://h:80/v2/": http: server gave HTTP response to HTTPS client`,
        "the registry speaks plain HTTP and the builder expects TLS (HEAD https://h:80/v2/)",
    ],
    [
        `${push}failed to do request: Head "https://harbr/v2/": dial tcp: lookup harbr on 10.0.0.1:53: no such host`,
        "the builder does not find the host (HEAD https://harbr/v2/)",
    ],
    [
        "failed to solve: alpine: failed to resolve source metadata for docker.io/library/alpine:latest: unexpected status from HEAD request to https://registry-1.docker.io/v2/library/alpine/manifests/latest: 429 Too Many Requests\ntoomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
        "the registry's rate limit for pulls is used up for hours",
    ],
    [
        "new builder: invalid name a b, name needs to start with a letter and may not contain symbols, except ._-",
        "the name in builder or platformBuilders is not one that buildx allows",
    ],
    [
        'listing workers for Build: failed to list workers: Unavailable: connection error: desc = "transport: Error while dialing: use of closed network connection"',
        "the builder restarted, and docker-build keeps its dead connection to the builder until the end of the run",
    ],
    [
        'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
        "Docker cannot pull BuildKit's image, so the builder does not start",
    ],
    // With containerd's image store, as Docker 29 has it.
    [
        'booting builder: Error response from daemon: failed to resolve reference "docker.io/moby/buildkit:buildx-stable-1": failed to do request: Head "https://registry-1.docker.io/v2/moby/buildkit/manifests/buildx-stable-1": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: server misbehaving',
        "Docker cannot pull BuildKit's image, so the builder does not start",
    ],
    [
        "Error response from daemon: pull access denied for moby/buildkit, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        "Docker cannot pull BuildKit's image, so the builder does not start",
    ],
    ...["docker API", "Docker daemon socket"].map(
        (name) =>
            [
                `creating builder: failed to initialize builder b (b0): permission denied while trying to connect to the ${name} at unix:///var/run/docker.sock`,
                "your user may not use Docker",
            ] as const,
    ),
    [
        "getting host: EOF",
        "Docker's credential helper fails, so docker-build cannot build anything",
    ],
    [
        'error listing credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ``',
        "Docker's credential helper fails, so docker-build cannot build anything",
    ],
    [
        `${push}unexpected status from PUT request to http://h:80/v2/shop/fm/cache/manifests/dev: 409 Conflict`,
        "the registry answered 409 to PUT http://h:80/v2/shop/fm/cache/manifests/dev",
    ],
    [
        `${push}unexpected status from POST request to http://h:80/v2/shop/fm/blobs/uploads/: 403 Forbidden`,
        "the registry answered 403 to POST http://h:80/v2/shop/fm/blobs/uploads/",
    ],
];

/** A status alone, in the words of the clients that name no request. */
export const bareRefusals: Table = [
    [`${push}unexpected status 507`, "the registry answered 507"],
    [`${push}unexpected status: 413 Payload Too Large`, "the registry answered 413"],
    [`${push}received unexpected HTTP status: 501 Not Implemented`, "the registry answered 501"],
];

/** Recorded from Harbor 2.15 with BuildKit 0.31.1. */
export const loginFaults: Table = [
    [
        `${push}unexpected status from HEAD request to http://h:80/v2/shop/fm/cache/blobs/sha256:8a: 401 Unauthorized`,
        "the registry answered 401 to HEAD http://h:80/v2/shop/fm/cache/blobs/sha256:8a",
    ],
    [
        `${push}unauthorized: unauthorized to access repository: shop/fm/cache, action: push: unauthorized to access repository: shop/fm/cache, action: push`,
        "the account may not push in shop/fm/cache",
    ],
];

/** Seen with docker-build 0.0.22 on BuildKit 0.31.1. */
export const ownFaults: Table = [
    [
        'failed to solve: process "/bin/sh -c echo \\"connection reset by peer\\" >&2; exit 7" did not complete successfully: exit code: 7',
        "",
    ],
    [
        'failed to solve: failed to compute cache key: failed to calculate checksum of ref i6::xh: "/EOF": not found',
        "",
    ],
    [
        "docker-build:index:Image resource 'fm': property dockerfile.location value {<nil>} has a problem: dockerfile parse error on line 3: unknown instruction: RUNN (did you mean RUN?)",
        "",
    ],
    ["failed to solve: Canceled: context canceled", ""],
    ["something that nobody has met yet", ""],
];
