/* streamer-server.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-policy.h"
#include "streamer-request-handler.h"
#include "streamer-storage-config.h"

G_BEGIN_DECLS

/**
 * StreamerServer:
 *
 * A backend, put together: its storage, the request API and its HTTP front.
 * Requests run on threads of their own; it needs no main loop.
 */
typedef struct _StreamerServer StreamerServer;

/**
 * streamer_server_new:
 * @config: has passed streamer_storage_config_check(); its root, which this server cannot do
 *   without, is locked, and made where it is not there
 * @policy: (transfer full): who may do what
 *
 * Errors: STREAMER_ERROR_BUSY where another process has the root
 */
StreamerServer *
streamer_server_new (const StreamerStorageConfig *config, StreamerPolicy *policy, GError **error);

/**
 * streamer_server_new_stateless:
 * @config: has passed streamer_storage_config_check(); with no root nothing is remembered
 * @policy: (transfer full): who may do what
 * @seal: (transfer full): the same for all servers that stand for one another
 *
 * One of many, each of which takes whatever request comes next. It is asked by
 * streamer_server_answer(), and never listens.
 */
StreamerServer *streamer_server_new_stateless (const StreamerStorageConfig *config,
                                               StreamerPolicy *policy,
                                               StreamerSeal *seal,
                                               GError **error);

/**
 * streamer_server_meter:
 *
 * Counts what everybody uses, in a file of the root, so that quotas are kept. To be called before
 * the server listens, as the others that set something.
 */
gboolean streamer_server_meter (StreamerServer *self, const char *root, GError **error);

/** @audit: (transfer full): where decisions are written */
void streamer_server_set_audit (StreamerServer *self, StreamerAudit *audit);

/** Goes on in a new audit log, once the old one was moved away. */
void streamer_server_reopen_audit (StreamerServer *self);

/** @proxies: (element-type GInetAddressMask): whose word on the client's address is taken. At any time */
void streamer_server_set_proxies (StreamerServer *self, GPtrArray *proxies);

/** See streamer_policy_replace(). @policy: (transfer full). At any time */
void streamer_server_replace_policy (StreamerServer *self, StreamerPolicy *policy);

/** See streamer_request_handler_set_failure_rate(). At any time */
void streamer_server_set_failure_rate (StreamerServer *self, guint per_minute);

/** Answers one request to the API. @answer: (out caller-allocates) */
void streamer_server_answer (StreamerServer *self,
                             const StreamerApiCall *call,
                             StreamerApiAnswer *answer);

/** Stops, where it runs, and frees it. */
void streamer_server_free (StreamerServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerServer, streamer_server_free)

/** @port: 0 chooses one */
gboolean
streamer_server_listen (StreamerServer *self, GInetAddress *address, guint16 port, GError **error);

/** Returns: (transfer none): `http://ADDRESS:PORT` */
const char *streamer_server_get_url (StreamerServer *self);
guint16 streamer_server_get_port (StreamerServer *self);

/** Returns: microseconds since the last request ended; 0 while one is answered */
gint64 streamer_server_get_idle_time (StreamerServer *self);

/** streamer_server_sweep: forgets uploads that have expired; to be called now and then */
void streamer_server_sweep (StreamerServer *self);

/** streamer_server_write_note: leaves @text in the lock file, for who finds it locked */
gboolean streamer_server_write_note (StreamerServer *self, const char *text, GError **error);

/**
 * streamer_server_read_note:
 * @is_locked: (out): whether a process has @root
 *
 * Returns: (transfer full) (nullable): what it left there
 */
char *streamer_server_read_note (const char *root, gboolean *is_locked);

/** @grace: microseconds for answers in flight */
void streamer_server_stop (StreamerServer *self, gint64 grace);

G_END_DECLS
