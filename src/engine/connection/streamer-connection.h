/* streamer-connection.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-s3-place.h"
#include "streamer-store.h"
#include "streamer-secrets.h"

G_BEGIN_DECLS

/**
 * StreamerConnectionKind:
 * @STREAMER_CONNECTION_THIS_COMPUTER: the embedded backend, started on demand
 * @STREAMER_CONNECTION_REQUEST_API: an S3Streamer backend
 * @STREAMER_CONNECTION_S3: a bucket, with the user's own keys
 */
typedef enum
{
  STREAMER_CONNECTION_THIS_COMPUTER,
  STREAMER_CONNECTION_REQUEST_API,
  STREAMER_CONNECTION_S3,
} StreamerConnectionKind;

#define STREAMER_CONNECTION_ID_THIS_COMPUTER "this-computer"

#define STREAMER_TYPE_CONNECTION (streamer_connection_get_type ())
G_DECLARE_FINAL_TYPE (StreamerConnection, streamer_connection, STREAMER, CONNECTION, GObject)

/**
 * StreamerConnection:
 *
 * A named place to upload to. Properties (all strings, notify on the owner's context):
 * `id` (construct only), `name`, `request-url`, `domain`, `access-key` (of a bucket; the next
 * streamer_connection_open() uses a new one); and `kind` (int, construct only).
 * Set and got on the owner's thread; streamer_connection_open() and streamer_connection_link() may
 * be called from any.
 */
StreamerConnection *streamer_connection_new_this_computer (StreamerSecrets *secrets);
StreamerConnection *streamer_connection_new_request_api (const char *id,
                                                         const char *name,
                                                         const char *request_url,
                                                         const char *domain,
                                                         StreamerSecrets *secrets);
/**
 * streamer_connection_new_for_store:
 * @store: what streamer_connection_open() gives, always
 *
 * A connection to a store that is already there.
 */
StreamerConnection *
streamer_connection_new_for_store (const char *id, StreamerStore *store, StreamerSecrets *secrets);

/** @place: kept as it is, but for the access key; a changed bucket is another connection */
StreamerConnection *streamer_connection_new_s3 (const char *id,
                                                const char *name,
                                                StreamerS3Place *place,
                                                const char *domain,
                                                StreamerSecrets *secrets);

const char *streamer_connection_get_id (StreamerConnection *self);
const char *streamer_connection_get_name (StreamerConnection *self);
StreamerConnectionKind streamer_connection_get_kind (StreamerConnection *self);
const char *streamer_connection_get_request_url (StreamerConnection *self);
/** Returns: (nullable) (transfer none): where visitors download; NULL or "" for the server's word */
const char *streamer_connection_get_domain (StreamerConnection *self);
/** Returns: (transfer full) (nullable): the bucket, where it is one. Any thread. */
StreamerS3Place *streamer_connection_dup_place (StreamerConnection *self);
/** Returns: (transfer none) */
StreamerSecrets *streamer_connection_get_secrets (StreamerConnection *self);

/**
 * StreamerConnectionMemory:
 * @recall: gives what was remembered under @name (transfer full) (nullable)
 * @remember: keeps @value under @name
 * @user_data: of both
 * @destroy: of @user_data
 *
 * What is remembered of a store from one run of the program to the next. Called on any thread.
 */
typedef struct
{
  char *(*recall) (const char *name, gpointer user_data);
  void (*remember) (const char *name, const char *value, gpointer user_data);
  gpointer user_data;
  GDestroyNotify destroy;
} StreamerConnectionMemory;

/** @memory: copied, and its data taken; of the stores that are opened from now on */
void streamer_connection_set_memory (StreamerConnection *self,
                                     const StreamerConnectionMemory *memory);

/**
 * streamer_connection_set_former:
 *
 * The connection that is saved under its id leads elsewhere now. Opening fails with
 * STREAMER_ERROR_FORBIDDEN from then on, since the secrets that are kept under its id are another
 * server's. Before it is used.
 */
void streamer_connection_set_former (StreamerConnection *self);

/**
 * streamer_connection_is_same_place:
 *
 * Returns: whether both lead to the same server, and to the same bucket and prefix there. Owner's
 *   thread.
 */
gboolean streamer_connection_is_same_place (StreamerConnection *self, StreamerConnection *other);

/**
 * streamer_connection_open:
 *
 * Gives the store behind the connection. For this computer it starts the embedded backend where
 * none runs. The same store again as long as nothing changed. Worker thread.
 *
 * Returns: (transfer full): the store; or NULL with STREAMER_ERROR_INVALID (no usable request URL)
 *   or STREAMER_ERROR_FAILED (the embedded backend does not start: its own words)
 */
StreamerStore *
streamer_connection_open (StreamerConnection *self, GCancellable *cancellable, GError **error);

/** Returns: as streamer_store_get_clock_offset() of its store; 0 where none is open. Any thread. */
gint64 streamer_connection_get_clock_offset (StreamerConnection *self);

/**
 * streamer_connection_link:
 * @object: what streamer_store_finish() gave
 * @key: under which it was stored
 *
 * The one place that makes the link to show: the connection's domain, where it has one, and the
 * key; else the server's word. Any thread.
 *
 * Returns: (transfer full) (nullable): the link; NULL where neither side knows one
 */
char *streamer_connection_link (StreamerConnection *self,
                                const StreamerStoredObject *object,
                                const char *key);

G_END_DECLS
