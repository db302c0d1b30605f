/* streamer-request-actions.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "streamer-policy.h"
#include "streamer-seal.h"
#include "streamer-storage.h"

G_BEGIN_DECLS

/* Items in one request, and URLs in one answer. All items of a request are on the disk before it is
 * answered, and clients wait for half a minute. */
#define STREAMER_REQUEST_MAX_ITEMS 100
#define STREAMER_REQUEST_MAX_URLS  256

/**
 * StreamerRequestNote:
 * @key: (owned) (nullable): of what object, as the client wrote it or as its upload says
 * @upload_id: (owned) (nullable): of what upload
 * @bytes: how many, or -1
 * @removed: (owned) (nullable) (element-type utf8): the keys of a list that are removed already
 * @n_objects: how many a list names; each is an act of its own
 * @is_written: whether it is in the log
 *
 * What an action was about, for the audit log; the action fills it as far as it gets.
 */
typedef struct
{
  char *key;
  char *upload_id;
  gint64 bytes;
  GPtrArray *removed;
  guint n_objects;
  gboolean is_written;
} StreamerRequestNote;

void streamer_request_note_clear (StreamerRequestNote *note);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerRequestNote, streamer_request_note_clear)

void streamer_request_note_key (StreamerRequestNote *note, const char *key);
void streamer_request_note_upload_id (StreamerRequestNote *note, const char *upload_id);

/**
 * StreamerRequest:
 * @storage: where objects are
 * @seal: seals upload ids
 * @origin: goes before a URL that begins with a slash
 * @filename: (nullable): of the query, decoded: in version 1 of the API, a key or the name of a part
 * @remote: (nullable): the client's address
 * @id: names this request
 * @version: of the request API that the action belongs to; 0 until that is known
 * @principal: (owned): who asks
 * @note: what the action is about
 *
 * What an action is run with; not owned where it does not say so.
 */
typedef struct
{
  StreamerStorage *storage;
  StreamerSeal *seal;
  const char *origin;
  const char *filename;
  const char *remote;
  const char *id;
  guint version;
  StreamerPrincipal *principal;
  StreamerRequestNote *note;
} StreamerRequest;

/** Returns: (transfer full): the member `status` of the answer, or NULL with STREAMER_ERROR */
typedef JsonNode *(*StreamerRequestAction) (const StreamerRequest *request,
                                            JsonObject *body,
                                            GError **error);

/**
 * streamer_request_open_upload:
 * @text: the upload id as the client has it
 *
 * Errors: STREAMER_ERROR_NO_UPLOAD; _FORBIDDEN where the principal may no longer do it
 *
 * Returns: (transfer full): the upload
 */
StreamerStorageUpload *
streamer_request_open_upload (const StreamerRequest *request, const char *text, GError **error);

/* The actions of version 2 of the request API. */

JsonNode *
streamer_request_capabilities (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *streamer_request_begin (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_presign (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *streamer_request_parts (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_finish (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_cancel (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *streamer_request_stat (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *
streamer_request_remove (const StreamerRequest *request, JsonObject *body, GError **error);
JsonNode *streamer_request_link (const StreamerRequest *request, JsonObject *body, GError **error);

G_END_DECLS
