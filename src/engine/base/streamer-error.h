/* streamer-error.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define STREAMER_ERROR (streamer_error_quark ())

/**
 * StreamerError:
 * @STREAMER_ERROR_FAILED: nothing more precise fits; the message holds the server's words
 * @STREAMER_ERROR_INVALID: a value that was given cannot be used (an option, a key, an answer's value)
 * @STREAMER_ERROR_AUTH: no token or API key, or the server refused it
 * @STREAMER_ERROR_FORBIDDEN: the token is good, but does not allow this
 * @STREAMER_ERROR_NOT_FOUND: no such object
 * @STREAMER_ERROR_EXISTS: the object exists and must not be replaced
 * @STREAMER_ERROR_NO_UPLOAD: the store does not know the upload id (any more)
 * @STREAMER_ERROR_EXPIRED: a presigned URL is no longer valid; a fresh one helps
 * @STREAMER_ERROR_NETWORK: the server cannot be reached, or the connection broke or stood still
 * @STREAMER_ERROR_TLS: the server's certificate cannot be trusted
 * @STREAMER_ERROR_BUSY: the server asks to be tried again later (429, 5xx)
 * @STREAMER_ERROR_PROTOCOL: the answer is not what the protocol says
 * @STREAMER_ERROR_CHECKSUM: what the store has is not what was sent
 * @STREAMER_ERROR_CHANGED: the source changed after the upload began
 * @STREAMER_ERROR_UNREADABLE: the source cannot be opened or read
 * @STREAMER_ERROR_TOO_LARGE: more than the store takes
 * @STREAMER_ERROR_NO_SPACE: a disk is full, here or at the server
 * @STREAMER_ERROR_QUOTA: the user may not keep more at the server
 * @STREAMER_ERROR_PORTAL: something between here and the server answers in its place and wants the
 *   user to sign in first (a captive portal, a proxy)
 * @STREAMER_ERROR_INTERRUPTED: this computer slept or changed its network in the middle of it
 * @STREAMER_ERROR_SHORT: this computer is short of descriptors, threads or memory
 * @STREAMER_ERROR_JOURNAL: what has to survive the program cannot be written down (a disk is full,
 *   or fails)
 *
 * The one error domain of the engine, the command line, the window and the server. The code says
 * what a caller does next; the message is a whole translated sentence for the user.
 */
typedef enum
{
  STREAMER_ERROR_FAILED,
  STREAMER_ERROR_INVALID,
  STREAMER_ERROR_AUTH,
  STREAMER_ERROR_FORBIDDEN,
  STREAMER_ERROR_NOT_FOUND,
  STREAMER_ERROR_EXISTS,
  STREAMER_ERROR_NO_UPLOAD,
  STREAMER_ERROR_EXPIRED,
  STREAMER_ERROR_NETWORK,
  STREAMER_ERROR_TLS,
  STREAMER_ERROR_BUSY,
  STREAMER_ERROR_PROTOCOL,
  STREAMER_ERROR_CHECKSUM,
  STREAMER_ERROR_CHANGED,
  STREAMER_ERROR_UNREADABLE,
  STREAMER_ERROR_TOO_LARGE,
  STREAMER_ERROR_NO_SPACE,
  STREAMER_ERROR_QUOTA,
  STREAMER_ERROR_PORTAL,
  STREAMER_ERROR_INTERRUPTED,
  STREAMER_ERROR_SHORT,
  STREAMER_ERROR_JOURNAL,
} StreamerError;

GQuark streamer_error_quark (void);

/**
 * streamer_error_set_answer:
 * @error: an error of STREAMER_ERROR
 * @status_code: the server's status code, or 0
 * @retry_after: whole seconds that the server asks to wait, or -1
 * @request_id: (nullable): the server's name for the request
 *
 * Records what the server said beside its words.
 */
void streamer_error_set_answer (GError *error,
                                guint status_code,
                                int retry_after,
                                const char *request_id);

/**
 * streamer_error_get_status_code:
 *
 * Returns: what the server answered; where no server spoke, the HTTP status that comes closest
 *   (S3Streamer's callers branch on `status_code`). Never 0 or 200. Also for foreign domains.
 */
guint streamer_error_get_status_code (const GError *error);

/** Returns: seconds that the server asked to wait, or -1 */
int streamer_error_get_retry_after (const GError *error);

/** The server did not say no: it said nothing for too long. @error: of STREAMER_ERROR */
void streamer_error_set_timeout (GError *error);
gboolean streamer_error_is_timeout (const GError *error);

/** Returns: whether what came in place of an answer was not HTTP at all */
gboolean streamer_error_is_garbled (const GError *error);

/** Returns: (nullable) (transfer none): the server's name for the failed request */
const char *streamer_error_get_request_id (const GError *error);

/**
 * streamer_error_get_advice:
 *
 * Returns: (nullable) (transfer none): a translated sentence on what the user can do next
 */
const char *streamer_error_get_advice (const GError *error);

/** Adds @advice (nullable), a whole sentence, to the message of @error, in a line of its own. */
void streamer_error_append_advice (GError *error, const char *advice);

/**
 * streamer_error_from_transport:
 * @error: (transfer full): an error of G_IO_ERROR, G_RESOLVER_ERROR, G_TLS_ERROR or SOUP_*_ERROR
 *
 * Turns a transport's error into one of ours. %G_IO_ERROR_CANCELLED and errors of STREAMER_ERROR
 * are returned as they are.
 *
 * Returns: (transfer full): the error
 */
GError *streamer_error_from_transport (GError *error);

G_END_DECLS
