/* streamer-secret-file.c: files that are not for everybody
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-secret-file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"

const char *
streamer_secret_file_check_mode (guint owner, guint mode)
{
  if (owner != 0 && owner != geteuid ())
    return "The file belongs to somebody else than the user of this server, and not to root.";
  if (mode & S_IRWXO)
    return "Everybody can read or write the file: take that away by chmod o= FILE.";
  if (mode & (S_IWGRP | S_IXGRP))
    return "The group can write the file: take that away by chmod g-wx FILE.";
  return NULL;
}

static gboolean
set_error (GError **error, const char *path, const char *reason)
{
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "The file “%s” cannot be read: %s",
               path, reason);
  return FALSE;
}

static gboolean
read_all (int file, const char *path, gsize max_length, char **text, gsize *length, GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (file, FALSE);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *buffer = g_malloc (max_length + 2);

  if (!g_input_stream_read_all (stream, buffer, max_length + 1, length, NULL, &local_error))
    return set_error (error, path, local_error->message);
  if (*length > max_length)
    return set_error (error, path, "it is too large");
  buffer[*length] = '\0';
  *text = g_steal_pointer (&buffer);
  return TRUE;
}

gboolean
streamer_secret_file_read (const char *path,
                           gsize max_length,
                           char **text,
                           gsize *length,
                           const char **wrong_mode,
                           GError **error)
{
  /* A pipe that nobody writes to must not stop us. */
  int file = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;
  gboolean good;

  *text = NULL;
  *wrong_mode = NULL;
  if (file < 0 || fstat (file, &status) != 0)
    {
      set_error (error, path, g_strerror (errno));
      if (file >= 0)
        close (file);
      return FALSE;
    }
  if (!S_ISREG (status.st_mode))
    good = set_error (error, path, "it is no ordinary file");
  else
    {
      *wrong_mode = streamer_secret_file_check_mode (status.st_uid, status.st_mode);
      good = read_all (file, path, max_length, text, length, error);
    }
  close (file);
  return good;
}
