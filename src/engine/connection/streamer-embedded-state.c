/* streamer-embedded-state.c: reads what the embedded backend tells its user's programs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread.
 */

#include "streamer-config.h"
#include "streamer-embedded-state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "streamer-embedded.h"
#include "streamer-error.h"
#include "streamer-json.h"

#define MAX_STATE_BYTES 65536
#define MAX_TOKEN_BYTES 1024

/* Only the user may have written or read what holds the token. */
static gboolean
is_private (const struct stat *info)
{
  return info->st_uid == geteuid () && (info->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static gboolean
open_state (const char *path, int *fd, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat info;

  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return TRUE;
  if (*fd < 0)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                   /* Translators: a file's path, and why. */
                   _ ("The file %s, by which the built-in server is found, cannot be opened: %s."),
                   path, g_strerror (errno));
      return FALSE;
    }

  if (fstat (*fd, &info) == 0 && S_ISREG (info.st_mode) && is_private (&info) &&
      lstat (folder, &info) == 0 && S_ISDIR (info.st_mode) && is_private (&info))
    return TRUE;

  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
               _ ("The file %s, by which the built-in server is found, is not safe to use: it or "
                  "its folder is open to other users of this computer."),
               path);
  close (*fd);
  *fd = -1;
  return FALSE;
}

/* The server holds a lock as long as it lives, and the kernel drops it when it dies. */
static gboolean
is_locked (int fd)
{
  if (flock (fd, LOCK_SH | LOCK_NB) == 0)
    {
      flock (fd, LOCK_UN);
      return FALSE;
    }
  return errno == EWOULDBLOCK;
}

static GBytes *
read_all (int fd)
{
  g_autofree char *text = g_malloc (MAX_STATE_BYTES);
  gsize length = 0;

  while (length < MAX_STATE_BYTES)
    {
      gssize n = read (fd, text + length, MAX_STATE_BYTES - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (gsize) n;
    }

  return g_bytes_new (text, length);
}

static gboolean
is_loopback_url (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);

  return uri != NULL && g_str_equal (g_uri_get_scheme (uri), "http") &&
         g_uri_get_host (uri) != NULL &&
         (g_str_equal (g_uri_get_host (uri), "127.0.0.1") ||
          g_str_equal (g_uri_get_host (uri), "::1")) &&
         g_uri_get_port (uri) > 0 && g_uri_get_port (uri) <= G_MAXUINT16 &&
         g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL &&
         g_uri_get_fragment (uri) == NULL;
}

static gboolean
is_token (const char *token)
{
  gsize length = strlen (token);

  if (length == 0 || length > MAX_TOKEN_BYTES)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (token[i]))
      return FALSE;
  return TRUE;
}

static gboolean
parse_state (GBytes *bytes, char **request_url, char **token)
{
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;
  const char *url;
  const char *word;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  root = streamer_json_parse (text, length, NULL);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;

  object = json_node_get_object (root);
  url = streamer_json_get_string (object, "request_url", NULL);
  word = streamer_json_get_string (object, "token", NULL);
  if (url == NULL || word == NULL || !is_loopback_url (url) || !is_token (word))
    return FALSE;

  *request_url = g_strdup (url);
  *token = g_strdup (word);
  return TRUE;
}

static char *
get_path_in (const char *folder)
{
  return g_build_filename (folder, "s3streamer", "embedded.json", NULL);
}

char *
streamer_embedded_get_state_path (void)
{
  g_autofree char *system_folder = NULL;
  struct stat info;

  /* A program without a login's environment (cron, su) finds its user's runtime folder as well. */
  system_folder = g_strdup_printf ("/run/user/%u", (guint) geteuid ());
  if (g_str_equal (g_get_user_runtime_dir (), g_get_user_cache_dir ()) &&
      stat (system_folder, &info) == 0 && is_private (&info))
    return get_path_in (system_folder);
  return get_path_in (g_get_user_runtime_dir ());
}

static gboolean
read_at (const char *path, gboolean *runs, char **request_url, char **token, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  int fd;

  if (!open_state (path, &fd, error))
    return FALSE;
  if (fd < 0)
    return TRUE;

  *runs = is_locked (fd);
  if (*runs)
    bytes = read_all (fd);
  close (fd);

  if (*runs && !parse_state (bytes, request_url, token))
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED,
                   _ ("The file %s, by which the built-in server is found, makes no sense."), path);
      return FALSE;
    }
  return TRUE;
}

gboolean
streamer_embedded_state_read (gboolean *runs, char **request_url, char **token, GError **error)
{
  g_autofree char *path = streamer_embedded_get_state_path ();
  g_autofree char *cache_path = get_path_in (g_get_user_cache_dir ());

  *runs = FALSE;
  if (!read_at (path, runs, request_url, token, error))
    return FALSE;
  /* A server that was started where there was no runtime folder is this user's one all the same. */
  if (!*runs && !g_str_equal (path, cache_path))
    return read_at (cache_path, runs, request_url, token, error);
  return TRUE;
}
