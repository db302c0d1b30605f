/* streamer-server.c: puts the backend together
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-server.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-http-front.h"
#include "streamer-json.h"
#include "streamer-metered-storage.h"
#include "streamer-remote.h"
#include "streamer-server-log.h"

#define REQUEST_PATH    "/upload/request"
#define REQUEST_SECONDS 30
#define LOCK_NAME       "lock"
#define KEY_NAME        "server.key"
#define LEDGER_NAME     "ledger.db"
#define MAX_NOTE        8192

struct _StreamerServer
{
  int root_lock;                   /* descriptor of the locked file */
  StreamerPolicy *policy;          /* (owned) */
  StreamerSeal *seal;              /* (owned) */
  StreamerStorage *storage;        /* (owned) */
  StreamerRequestHandler *handler; /* (owned) */
  StreamerHttpFront *front;        /* (owned) */
  StreamerAudit *audit;            /* (owned) (nullable) */

  GMutex lock;
  GPtrArray *proxies; /* (owned) (nullable) (element-type GInetAddressMask): the lock */
};

static gboolean
set_error (GError **error, StreamerError code, const char *root)
{
  g_set_error (error, STREAMER_ERROR, code, "The folder “%s” cannot be used: %s", root,
               code == STREAMER_ERROR_BUSY ? "another server uses it" : g_strerror (errno));
  return FALSE;
}

static gboolean
lock_root (StreamerServer *self, const char *root, GError **error)
{
  g_autofree char *path = g_build_filename (root, LOCK_NAME, NULL);

  if (g_mkdir_with_parents (root, 0700) != 0)
    return set_error (error, STREAMER_ERROR_FAILED, root);
  self->root_lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->root_lock < 0)
    return set_error (error, STREAMER_ERROR_FAILED, root);
  if (flock (self->root_lock, LOCK_EX | LOCK_NB) != 0)
    return set_error (error, errno == EWOULDBLOCK ? STREAMER_ERROR_BUSY : STREAMER_ERROR_FAILED,
                      root);
  return ftruncate (self->root_lock, 0) == 0 || set_error (error, STREAMER_ERROR_FAILED, root);
}

/* The key with which links and upload ids are made: it stays, so that they go on working. */
static gboolean
load_key (StreamerServer *self, const char *root, GError **error)
{
  g_autofree char *path = g_build_filename (root, KEY_NAME, NULL);
  guint8 key[STREAMER_SEAL_KEY_BYTES];
  g_autofree char *contents = NULL;
  g_autoptr (GError) local_error = NULL;
  gsize length;

  if (g_file_get_contents (path, &contents, &length, &local_error))
    {
      struct stat status;

      if (length != sizeof key || stat (path, &status) != 0 || (status.st_mode & 077) != 0)
        {
          g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                       "The file “%s” is damaged, or others than its owner can read it.", path);
          return FALSE;
        }
      memcpy (key, contents, sizeof key);
    }
  else
    {
      if (!g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      streamer_seal_random (key, sizeof key);
      if (!g_file_set_contents_full (path, (const char *) key, sizeof key,
                                     G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                     0600, error))
        return FALSE;
    }
  self->seal = streamer_seal_new (key);
  return TRUE;
}

static gboolean
read_whole_body (StreamerHttpConnection *connection, const StreamerHttpRequest *request, char *body)
{
  gsize taken = 0;
  gssize n;

  /* Nobody knows yet who asks. */
  streamer_http_connection_limit_body (connection, REQUEST_SECONDS);
  while ((n = streamer_http_connection_read_body (connection, request, body + taken,
                                                  request->length - taken, NULL)) > 0)
    taken += n;
  return n == 0;
}

static gboolean
send_answer (StreamerHttpConnection *connection,
             const StreamerHttpRequest *request,
             const StreamerApiAnswer *answer)
{
  g_autofree char *seconds = g_strdup_printf ("%d", answer->retry_after);
  const char *headers[] = { "Content-Type",
                            "application/json",
                            "Cache-Control",
                            "no-store",
                            answer->retry_after >= 0 ? "Retry-After" : NULL,
                            seconds,
                            NULL };

  return streamer_http_connection_answer (connection, request, answer->status, headers,
                                          answer->body);
}

/* Returns: (transfer full) (nullable) */
static GPtrArray *
get_proxies (StreamerServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->proxies ? g_ptr_array_ref (self->proxies) : NULL;
}

/* Returns: (transfer full) (nullable) */
static char *
get_remote (StreamerServer *self,
            StreamerHttpConnection *connection,
            const StreamerHttpRequest *request)
{
  const char *peer = streamer_http_connection_get_remote (connection);
  g_autoptr (GPtrArray) proxies = get_proxies (self);

  if (!proxies)
    return g_strdup (peer);
  return streamer_remote_find (
      peer, soup_message_headers_get_list (request->headers, "X-Forwarded-For"), proxies);
}

static gboolean
answer_request (StreamerHttpConnection *connection,
                const StreamerHttpRequest *request,
                gpointer user_data)
{
  StreamerServer *self = user_data;
  const char *headers[] = {
    "Content-Type", "application/json", "Cache-Control", "no-store", "Allow", "POST", NULL
  };
  g_autofree char *origin = streamer_http_request_get_origin (request);
  GCancellable *cancellable = streamer_http_connection_get_cancellable (connection);
  g_auto (StreamerApiAnswer) answer = { 0 };
  g_autofree char *filename = streamer_http_request_get_filename (request);
  g_autofree char *body = NULL;
  g_autofree char *remote = get_remote (self, connection, request);
  StreamerApiCall call;

  if (strcmp (request->method, "POST") != 0)
    return streamer_http_connection_answer (connection, request, SOUP_STATUS_METHOD_NOT_ALLOWED,
                                            headers, NULL);
  headers[4] = NULL;
  if (!request->has_length || request->length > STREAMER_JSON_MAX_BYTES)
    return streamer_http_connection_answer (
        connection, request,
        request->has_length ? SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE : SOUP_STATUS_LENGTH_REQUIRED,
        headers, NULL);
  body = g_malloc (request->length + 1);
  if (!read_whole_body (connection, request, body))
    return FALSE;
  call = (StreamerApiCall){
    .authorization = soup_message_headers_get_one (request->headers, "Authorization"),
    .api_key = soup_message_headers_get_one (request->headers, "x-api-key"),
    .remote = remote,
    .origin = origin ? origin : streamer_http_front_get_url (self->front),
    .filename = filename,
    .body = body,
    .length = request->length,
  };
  g_cancellable_push_current (cancellable);
  streamer_request_handler_handle (self->handler, &call, &answer);
  g_cancellable_pop_current (cancellable);
  return send_answer (connection, request, &answer);
}

/* @seal: (transfer full) (nullable): NULL for the root's own */
static StreamerServer *
server_new (const StreamerStorageConfig *config,
            StreamerPolicy *policy,
            StreamerSeal *seal,
            GError **error)
{
  g_autoptr (StreamerServer) self = g_new0 (StreamerServer, 1);

  g_mutex_init (&self->lock);
  self->policy = policy;
  self->seal = seal;
  self->root_lock = -1;
  if (config->root && !lock_root (self, config->root, error))
    return NULL;
  if (!self->seal && !load_key (self, config->root, error))
    return NULL;
  self->storage = streamer_storage_open (config, self->seal, error);
  if (!self->storage)
    return NULL;
  self->handler = streamer_request_handler_new (self->policy, self->storage, self->seal);
  self->front = streamer_http_front_new ();
  streamer_http_front_add_route (self->front, REQUEST_PATH, answer_request, self);
  streamer_storage_add_routes (self->storage, self->front);
  return g_steal_pointer (&self);
}

StreamerServer *
streamer_server_new (const StreamerStorageConfig *config, StreamerPolicy *policy, GError **error)
{
  return server_new (config, policy, NULL, error);
}

StreamerServer *
streamer_server_new_stateless (const StreamerStorageConfig *config,
                               StreamerPolicy *policy,
                               StreamerSeal *seal,
                               GError **error)
{
  return server_new (config, policy, seal, error);
}

gboolean
streamer_server_meter (StreamerServer *self, const char *root, GError **error)
{
  g_autofree char *path = g_build_filename (root, LEDGER_NAME, NULL);
  g_autoptr (StreamerStorage) storage = self->storage;
  StreamerLedger *ledger = streamer_ledger_open (path, error);

  if (!ledger)
    {
      g_steal_pointer (&storage);
      return FALSE;
    }
  self->storage = streamer_metered_storage_new (storage, ledger, self->policy);
  streamer_request_handler_set_storage (self->handler, self->storage);
  return TRUE;
}

void
streamer_server_set_audit (StreamerServer *self, StreamerAudit *audit)
{
  g_clear_pointer (&self->audit, streamer_audit_free);
  self->audit = audit;
  streamer_request_handler_set_audit (self->handler, audit);
}

void
streamer_server_reopen_audit (StreamerServer *self)
{
  g_autoptr (GError) error = NULL;

  if (self->audit && !streamer_audit_reopen (self->audit, &error))
    streamer_server_log ("error", "audit", "error", error->message, NULL);
}

void
streamer_server_set_proxies (StreamerServer *self, GPtrArray *proxies)
{
  GPtrArray *before;

  g_mutex_lock (&self->lock);
  before = self->proxies;
  self->proxies = g_ptr_array_ref (proxies);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&before, g_ptr_array_unref);
}

void
streamer_server_replace_policy (StreamerServer *self, StreamerPolicy *policy)
{
  streamer_policy_replace (self->policy, policy);
}

void
streamer_server_set_failure_rate (StreamerServer *self, guint per_minute)
{
  streamer_request_handler_set_failure_rate (self->handler, per_minute);
}

void
streamer_server_answer (StreamerServer *self,
                        const StreamerApiCall *call,
                        StreamerApiAnswer *answer)
{
  streamer_request_handler_handle (self->handler, call, answer);
}

void
streamer_server_free (StreamerServer *self)
{
  g_clear_pointer (&self->front, streamer_http_front_free);
  g_clear_pointer (&self->handler, streamer_request_handler_free);
  g_clear_object (&self->storage);
  g_clear_pointer (&self->seal, streamer_seal_free);
  g_clear_pointer (&self->policy, streamer_policy_free);
  g_clear_pointer (&self->audit, streamer_audit_free);
  g_clear_pointer (&self->proxies, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
  if (self->root_lock >= 0)
    close (self->root_lock);
  g_free (self);
}

gboolean
streamer_server_listen (StreamerServer *self, GInetAddress *address, guint16 port, GError **error)
{
  return streamer_http_front_listen (self->front, address, port, error);
}

const char *
streamer_server_get_url (StreamerServer *self)
{
  return streamer_http_front_get_url (self->front);
}

guint16
streamer_server_get_port (StreamerServer *self)
{
  return streamer_http_front_get_port (self->front);
}

gint64
streamer_server_get_idle_time (StreamerServer *self)
{
  return streamer_http_front_get_idle_time (self->front);
}

void
streamer_server_sweep (StreamerServer *self)
{
  streamer_storage_sweep (self->storage);
}

gboolean
streamer_server_write_note (StreamerServer *self, const char *text, GError **error)
{
  gssize length = strlen (text);

  if (ftruncate (self->root_lock, 0) == 0 && pwrite (self->root_lock, text, length, 0) == length)
    return TRUE;
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "The lock cannot be written: %s",
               g_strerror (errno));
  return FALSE;
}

char *
streamer_server_read_note (const char *root, gboolean *is_locked)
{
  g_autofree char *path = g_build_filename (root, LOCK_NAME, NULL);
  g_autofree char *note = g_malloc0 (MAX_NOTE + 1);
  int lock = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean has_note;

  *is_locked = FALSE;
  if (lock < 0)
    return NULL;
  *is_locked = flock (lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  has_note = *is_locked && pread (lock, note, MAX_NOTE, 0) > 0;
  close (lock);
  return has_note ? g_steal_pointer (&note) : NULL;
}

void
streamer_server_stop (StreamerServer *self, gint64 grace)
{
  streamer_http_front_stop (self->front, grace);
}
