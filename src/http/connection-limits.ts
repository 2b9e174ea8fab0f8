/** Limits of every HTTP server of Slipway, as options of fastify. */

/** A browser's headers with its cookies are 2 kB; Node's own limit is this. */
const MAX_HEADER_BYTES = 16_384;
/** For the whole request to arrive, not for its answer: a body of 8 MB takes this long on 2 Mbit/s. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Ids are cut to 80 characters where they are made; each may be 12 bytes of percent-encoding. */
const MAX_PARAMETER_CHARACTERS = 1000;

export const CONNECTION_LIMITS = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  forceCloseConnections: true,
  http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: REQUEST_TIMEOUT_MS },
  routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
} as const;
