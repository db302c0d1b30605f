/* streamer-embedded-service.c: one backend per user, and how it is found
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Main thread. The lock on the data folder decides who is the service; its file has a note for
 * others on who that is. The state file, in the runtime folder, is for the user's programs, and the
 * only place where the token is written. A user may have two runtime folders at a time (a session's,
 * and the one of cron jobs, which have no session): then the second one is written on invitation.
 */

#include "streamer-embedded-service.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "streamer-embedded.h"
#include "streamer-error.h"
#include "streamer-hex.h"
#include "streamer-json.h"
#include "streamer-seal.h"
#include "streamer-server-log.h"

#define PORT_NAME   "port"
#define INVITE_NAME "also-publish"
#define TOKEN_BYTES 32
#define WAIT_USEC   (30 * G_USEC_PER_SEC)
#define LOOK_USEC   20000
#define GRACE_USEC  (5 * G_USEC_PER_SEC)

/* A place where the service is found. */
typedef struct
{
  char *path; /* (owned) */
  int file;   /* descriptor of the locked file */
} State;

struct _StreamerEmbeddedService
{
  StreamerServer *server; /* (owned) */
  char *token;            /* (owned) */
  char *root;             /* (owned) */
  GArray *states;         /* (owned) (element-type State) */
  guint invitation;       /* event source */
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

  streamer_seal_random (bytes, sizeof bytes);
  return streamer_hex_encode (bytes, sizeof bytes);
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
publish_state (StreamerEmbeddedService *self, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *fresh = g_strdup_printf ("%s.%d", path, getpid ());
  g_autofree char *text = describe (self, TRUE);
  gssize length = strlen (text);
  State state;

  if (g_mkdir_with_parents (folder, 0700) != 0 || g_chmod (folder, 0700) != 0)
    return set_error (error, folder);
  g_unlink (fresh);
  state.file = open (fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (state.file < 0)
    return set_error (error, fresh);
  if (write (state.file, text, length) == length && flock (state.file, LOCK_EX | LOCK_NB) == 0 &&
      g_rename (fresh, path) == 0)
    {
      state.path = g_strdup (path);
      g_array_append_val (self->states, state);
      return TRUE;
    }
  set_error (error, path);
  g_unlink (fresh);
  close (state.file);
  return FALSE;
}

static void
state_clear (gpointer data)
{
  State *state = data;

  g_unlink (state->path);
  close (state->file);
  g_free (state->path);
}

static gboolean
on_invitation (gpointer data)
{
  StreamerEmbeddedService *self = data;
  g_autofree char *invitation = g_build_filename (self->root, INVITE_NAME, NULL);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (invitation, &path, NULL, NULL))
    return G_SOURCE_CONTINUE;
  g_unlink (invitation);
  if (g_path_is_absolute (path) && !publish_state (self, path, &error))
    streamer_server_log ("warning", "publish", "error", error->message, NULL);
  return G_SOURCE_CONTINUE;
}

static gboolean
serve (StreamerEmbeddedService *self, GError **error)
{
  g_autofree char *path = streamer_embedded_get_state_path ();
  g_autofree char *stale = g_build_filename (self->root, INVITE_NAME, NULL);
  g_autofree char *note = NULL;

  g_unlink (stale);
  if (!listen_again (self, self->root, error) || !publish_state (self, path, error))
    return FALSE;
  self->invitation = g_unix_signal_add (SIGUSR1, on_invitation, self);
  note = describe (self, FALSE);
  return streamer_server_write_note (self->server, note, error);
}

static gboolean
is_locked (const char *path)
{
  int file = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  gboolean locked;

  if (file < 0)
    return FALSE;
  locked = flock (file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close (file);
  return locked;
}

/* Whether our programs find the running service; it is asked to show itself where they do not. */
static gboolean
is_found (const char *root, guint64 pid)
{
  g_autofree char *path = streamer_embedded_get_state_path ();
  g_autofree char *invitation = g_build_filename (root, INVITE_NAME, NULL);

  if (is_locked (path))
    return TRUE;
  if (!g_file_test (invitation, G_FILE_TEST_EXISTS) &&
      g_file_set_contents_full (invitation, path, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL))
    kill (pid, SIGUSR1);
  return FALSE;
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

static StreamerEmbeddedService *
service_new (const char *root)
{
  StreamerEmbeddedService *self = g_new0 (StreamerEmbeddedService, 1);

  self->root = g_strdup (root);
  self->token = make_token ();
  self->states = g_array_new (FALSE, FALSE, sizeof (State));
  g_array_set_clear_func (self->states, state_clear);
  return self;
}

static StreamerPolicy *
make_policy (const char *token)
{
  StreamerPolicy *policy = streamer_policy_new ();

  streamer_policy_add_principal (policy, "this-computer", token, NULL, STREAMER_RIGHTS_ALL);
  return policy;
}

StreamerEmbeddedService *
streamer_embedded_service_start (char **url, GError **error)
{
  g_autofree char *root = get_root ();
  StreamerStorageConfig config = { .kind = (char *) "folder", .root = root };
  gint64 deadline = g_get_monotonic_time () + WAIT_USEC;

  for (;;)
    {
      g_autoptr (StreamerEmbeddedService) self = service_new (root);
      g_autoptr (GError) local_error = NULL;
      g_autofree char *found = NULL;
      gboolean runs;
      guint64 pid;

      self->server = streamer_server_new (&config, make_policy (self->token), &local_error);
      if (self->server)
        {
          if (!serve (self, error))
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
      if (read_note (root, &runs, &found, &pid) && is_found (root, pid))
        {
          *url = g_steal_pointer (&found);
          return NULL;
        }
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
  if (self->server)
    streamer_server_write_note (self->server, "", NULL);
  g_array_unref (self->states);
  g_clear_handle_id (&self->invitation, g_source_remove);
  if (self->server)
    streamer_server_stop (self->server, GRACE_USEC);
  g_clear_pointer (&self->server, streamer_server_free);
  g_free (self->root);
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
