/* streamer-audit.c: who was allowed what, one line each
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line is one write to a file that is appended to, so that lines of several threads never mix.
 * The lock guards the descriptor against being replaced meanwhile. A log that is full or gone does
 * not stop the server: whoever needs that watches the server's own log for it.
 */

#include "streamer-audit.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-server-log.h"
#include "streamer-token-hash.h"

/* Bytes of one text in a line, before it is escaped: a whole key fits. */
#define MAX_TEXT 1024
/* Hex digits that stand for an upload: enough to follow it through the log. */
#define UPLOAD_DIGITS 16

struct _StreamerAudit
{
  char *path; /* (owned) (nullable) */
  GMutex lock;
  int file;           /* the lock */
  gboolean is_failed; /* the last line was not written: the lock */
};

static int
open_file (StreamerAudit *self, GError **error)
{
  int file = open (self->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);

  if (file < 0)
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                 "The audit log “%s” cannot be written: %s", self->path, g_strerror (errno));
  return file;
}

StreamerAudit *
streamer_audit_new (const char *path, GError **error)
{
  g_autoptr (StreamerAudit) self = g_new0 (StreamerAudit, 1);

  g_mutex_init (&self->lock);
  self->path = g_strdup (path);
  self->file = path ? open_file (self, error) : STDERR_FILENO;
  return self->file >= 0 ? g_steal_pointer (&self) : NULL;
}

void
streamer_audit_free (StreamerAudit *self)
{
  if (self->path && self->file >= 0)
    close (self->file);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}

gboolean
streamer_audit_reopen (StreamerAudit *self, GError **error)
{
  int file;

  if (!self->path)
    return TRUE;
  file = open_file (self, error);
  if (file < 0)
    return FALSE;
  g_mutex_lock (&self->lock);
  close (self->file);
  self->file = file;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* Whatever clients wrote, it is valid UTF-8 and not too long. */
static void
add_text (JsonObject *line, const char *member, const char *text)
{
  g_autofree char *bounded = NULL, *valid = NULL;

  if (!text)
    return;
  bounded = g_strndup (text, MAX_TEXT);
  valid = g_utf8_make_valid (bounded, -1);
  json_object_set_string_member (line, member, valid);
}

static void
add_upload (JsonObject *line, const char *upload_id)
{
  g_autofree char *digits = NULL;
  StreamerTokenHash hash;

  if (!upload_id)
    return;
  streamer_token_hash_compute (upload_id, &hash);
  digits = streamer_token_hash_to_string (&hash);
  digits[UPLOAD_DIGITS] = '\0';
  json_object_set_string_member (line, "upload", digits);
}

static char *
format (const StreamerAuditEntry *entry, gsize *length)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S.%fZ");
  g_autofree char *text = NULL;
  JsonObject *line = json_object_new ();

  json_node_take_object (node, line);
  json_object_set_string_member (line, "time", time);
  add_text (line, "request_id", entry->request_id);
  add_text (line, "remote", entry->remote);
  add_text (line, "principal", entry->principal);
  add_text (line, "action", entry->action);
  add_text (line, "key", entry->key);
  add_upload (line, entry->upload_id);
  add_text (line, "outcome", entry->outcome);
  json_object_set_int_member (line, "status", entry->status);
  if (entry->bytes >= 0)
    json_object_set_int_member (line, "bytes", entry->bytes);
  text = streamer_json_to_string (node);
  *length = strlen (text) + 1;
  return g_strconcat (text, "\n", NULL);
}

void
streamer_audit_write (StreamerAudit *self, const StreamerAuditEntry *entry)
{
  gsize length;
  g_autofree char *line = format (entry, &length);
  gboolean was_failed;

  g_mutex_lock (&self->lock);
  was_failed = self->is_failed;
  self->is_failed = write (self->file, line, length) != (gssize) length;
  if (self->is_failed && !was_failed)
    streamer_server_log ("error", "audit", "error", g_strerror (errno), NULL);
  g_mutex_unlock (&self->lock);
}
