/* streamer-embedded-service.c: one backend per user, and how it is found
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Main thread. The lock on the data folder decides who is the service; its file has a note for
 * others on who that is. The state file, in the runtime folder, is for the user's programs, and the
 * only place where the token is written.
 */

#include "streamer-embedded-service.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "streamer-embedded.h"
#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-seal.h"

#define PORT_NAME   "port"
#define TOKEN_BYTES 32
#define WAIT_USEC   (30 * G_USEC_PER_SEC)
#define LOOK_USEC   20000
#define GRACE_USEC  (5 * G_USEC_PER_SEC)

struct _StreamerEmbeddedService
{
  StreamerServer *server; /* (owned) */
  char *token;            /* (owned) */
  char *state_path;       /* (owned) */
  int state;              /* descriptor of the locked state file, or -1 */
};

static char *
get_root (void)
{
  return g_build_filename (g_get_user_data_dir (), "s3streamer", NULL);
}

static gboolean
set_error (GError **error, const char *path)
{
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "“%s” cannot be written: %s", path,
               g_strerror (errno));
  return FALSE;
}

static char *
make_token (void)
{
  guint8 bytes[TOKEN_BYTES];
  GString *token = g_string_new (NULL);

  streamer_seal_random (bytes, sizeof bytes);
  for (gsize i = 0; i < sizeof bytes; i++)
    g_string_append_printf (token, "%02x", bytes[i]);
  return g_string_free (token, FALSE);
}

/* Old links name the port: it is kept, and taken again where nobody else has it now. */
static gboolean
listen_again (StreamerEmbeddedService *self, const char *root, GError **error)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autofree char *path = g_build_filename (root, PORT_NAME, NULL);
  g_autofree char *text = NULL, *port_text = NULL;
  guint64 port = 0;
  gboolean is_known =
      g_file_get_contents (path, &text, NULL, NULL) &&
      g_ascii_string_to_unsigned (g_strstrip (text), 10, 1, G_MAXUINT16, &port, NULL);

  if (is_known && streamer_server_listen (self->server, address, port, NULL))
    return TRUE;
  if (!streamer_server_listen (self->server, address, 0, error))
    return FALSE;
  if (is_known)
    return TRUE;
  port_text = g_strdup_printf ("%u\n", streamer_server_get_port (self->server));
  return g_file_set_contents_full (path, port_text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   error);
}

static char *
describe (StreamerEmbeddedService *self, gboolean with_token)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *url =
      g_strconcat (streamer_server_get_url (self->server), "/upload/request", NULL);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "request_url", url);
  if (with_token)
    json_object_set_string_member (object, "token", self->token);
  else
    json_object_set_string_member (object, "url", streamer_server_get_url (self->server));
  json_object_set_int_member (object, "pid", getpid ());
  json_node_take_object (root, object);
  return streamer_json_to_string (root);
}

/* Only ever seen whole and locked: it gets its name when it is both. */
static gboolean
publish_state (StreamerEmbeddedService *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->state_path);
  g_autofree char *fresh = g_strdup_printf ("%s.%d", self->state_path, getpid ());
  g_autofree char *text = describe (self, TRUE);
  gssize length = strlen (text);

  if (g_mkdir_with_parents (folder, 0700) != 0 || g_chmod (folder, 0700) != 0)
    return set_error (error, folder);
  g_unlink (fresh);
  self->state = open (fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->state < 0)
    return set_error (error, fresh);
  if (write (self->state, text, length) == length && flock (self->state, LOCK_EX | LOCK_NB) == 0 &&
      g_rename (fresh, self->state_path) == 0)
    return TRUE;
  set_error (error, self->state_path);
  g_unlink (fresh);
  return FALSE;
}

static gboolean
serve (StreamerEmbeddedService *self, const char *root, GError **error)
{
  g_autofree char *note = NULL;

  if (!listen_again (self, root, error) || !publish_state (self, error))
    return FALSE;
  note = describe (self, FALSE);
  return streamer_server_write_note (self->server, note, error);
}

/* What the running one left in its lock's file. FALSE where it has not yet, or none runs. */
static gboolean
read_note (const char *root, gboolean *runs, char **url, guint64 *pid)
{
  g_autofree char *text = streamer_server_read_note (root, runs);
  g_autoptr (JsonNode) node = text ? streamer_json_parse (text, strlen (text), NULL) : NULL;
  JsonObject *object;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  object = json_node_get_object (node);
  *url = g_strdup (streamer_json_get_string (object, "url", NULL));
  return *url && streamer_json_get_uint (object, "pid", 2, G_MAXINT32, pid, NULL);
}

StreamerEmbeddedService *
streamer_embedded_service_start (char **url, GError **error)
{
  g_autofree char *root = get_root ();
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;

  for (;;)
    {
      g_autoptr (StreamerEmbeddedService) self = g_new0 (StreamerEmbeddedService, 1);
      g_autoptr (GError) local_error = NULL;
      StreamerPolicy *policy = streamer_policy_new ();
      gboolean runs;
      guint64 pid;

      self->state = -1;
      self->state_path = streamer_embedded_get_state_path ();
      self->token = make_token ();
      streamer_policy_add_principal (policy, "this-computer", self->token, NULL,
                                     STREAMER_RIGHTS_ALL);
      self->server = streamer_server_new (root, policy, &local_error);
      if (self->server)
        {
          if (!serve (self, root, error))
            return NULL;
          *url = g_strdup (streamer_server_get_url (self->server));
          return g_steal_pointer (&self);
        }
      if (!g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_BUSY) ||
          g_get_monotonic_time () > deadline)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      if (read_note (root, &runs, url, &pid))
        return NULL;
      /* It has only begun, or is about to end. */
      g_usleep (LOOK_USEC);
    }
}

StreamerServer *
streamer_embedded_service_get_server (StreamerEmbeddedService *self)
{
  return self->server;
}

void
streamer_embedded_service_free (StreamerEmbeddedService *self)
{
  /* First, so that nobody who comes now is sent here. */
  if (self->state >= 0)
    {
      streamer_server_write_note (self->server, "", NULL);
      g_unlink (self->state_path);
      close (self->state);
    }
  if (self->server)
    streamer_server_stop (self->server, GRACE_USEC);
  g_clear_pointer (&self->server, streamer_server_free);
  g_free (self->state_path);
  g_free (self->token);
  g_free (self);
}

gboolean
streamer_embedded_service_end (GError **error)
{
  g_autofree char *root = get_root ();
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;
  gboolean is_told = FALSE, runs;

  while (g_get_monotonic_time () < deadline)
    {
      g_autofree char *url = NULL;
      guint64 pid;
      gboolean has_note = read_note (root, &runs, &url, &pid);

      if (!runs)
        return TRUE;
      if (has_note && !is_told)
        is_told = kill (pid, SIGTERM) == 0;
      g_usleep (LOOK_USEC);
    }
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                       "The backend behind “this computer” does not end.");
  return FALSE;
}
