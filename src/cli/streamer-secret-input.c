/* streamer-secret-input.c: tokens and API keys from files, standard input and the environment
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-secret-input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "streamer-error.h"
#include "streamer-key.h"

static gboolean
fail (GError **error, const char *format, const char *name)
{
  g_autofree char *shown = streamer_key_display_name (name);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, format, shown);
#pragma GCC diagnostic pop
  return FALSE;
}

/* It becomes the value of an HTTP header. */
static gboolean
check_secret (const char *secret, gsize length, const char *name, GError **error)
{
  if (length == 0)
    return fail (error, _ ("There is no secret in %s: it is empty."), name);
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (secret[i]))
      return fail (error, _ ("What is in %s is not a secret: it has blanks or control characters."),
                   name);
  return TRUE;
}

void
streamer_secret_input_free (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

char *
streamer_secret_input_read_fd (int fd, const char *name, GError **error)
{
  char *buffer = g_malloc0 (STREAMER_SECRET_INPUT_MAX_BYTES + 2);
  gsize length = 0;
  gssize got;

  do
    {
      got = read (fd, buffer + length, STREAMER_SECRET_INPUT_MAX_BYTES + 1 - length);
      if (got > 0)
        length += got;
    }
  while ((got > 0 && length <= STREAMER_SECRET_INPUT_MAX_BYTES) || (got < 0 && errno == EINTR));
  if (got < 0)
    {
      g_autofree char *shown = streamer_key_display_name (name);

      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, _ ("Cannot read %s: %s."), shown,
                   g_strerror (errno));
      g_free (buffer);
      return NULL;
    }
  if (length > STREAMER_SECRET_INPUT_MAX_BYTES)
    {
      fail (error, _ ("What is in %s is too long for a secret: 65,536 bytes at most."), name);
      explicit_bzero (buffer, length);
      g_free (buffer);
      return NULL;
    }
  while (length > 0 && (buffer[length - 1] == '\n' || buffer[length - 1] == '\r'))
    buffer[--length] = '\0';
  if (!check_secret (buffer, length, name, error))
    {
      explicit_bzero (buffer, length);
      g_clear_pointer (&buffer, g_free);
    }
  return buffer;
}

char *
streamer_secret_input_read_file (const char *path, gboolean *exposed, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  struct stat status;
  char *secret;

  *exposed = FALSE;
  if (fd < 0)
    {
      int code = errno;
      g_autofree char *shown = streamer_key_display_name (path);

      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, _ ("Cannot read %s: %s."), shown,
                   g_strerror (code));
      return NULL;
    }
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    *exposed = (status.st_mode & S_IROTH) != 0;
  secret = streamer_secret_input_read_fd (fd, path, error);
  close (fd);
  return secret;
}

char *
streamer_secret_input_take_environment (const char *variable, GError **error)
{
  char *value = getenv (variable);
  char *secret = NULL;

  if (value != NULL && *value != '\0')
    {
      if (check_secret (value, strlen (value), variable, error))
        secret = g_strdup (value);
      explicit_bzero (value, strlen (value));
    }
  g_unsetenv (variable);
  return secret;
}
