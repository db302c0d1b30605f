/* streamer-console.c: messages on standard error, and the progress display below them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-console.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "streamer-error.h"

#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS    24

struct _StreamerConsole
{
  int fd;
  gboolean quiet;
  gboolean verbose;
  gboolean redraws; /* whether lines on the screen can be changed */
  gboolean unicode;
  gboolean color;

  GArray *drawn; /* (owned) (element-type guint): columns of each line on the screen */
};

/* Whatever happens to standard error, the upload goes on. */
static void
write_text (StreamerConsole *self, const char *text)
{
  const char *charset;
  g_autofree char *local = NULL;
  gsize length;

  if (!g_get_charset (&charset))
    local = g_convert_with_fallback (text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
  if (local != NULL)
    text = local;
  length = strlen (text);
  while (length > 0)
    {
      gssize written = write (self->fd, text, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return;
      text += written;
      length -= written;
    }
}

static void
get_size (StreamerConsole *self, guint *columns, guint *rows)
{
  struct winsize size;

  *columns = DEFAULT_COLUMNS;
  *rows = DEFAULT_ROWS;
  if (ioctl (self->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    *columns = size.ws_col;
  if (size.ws_row > 0)
    *rows = size.ws_row;
}

/* Lines that were as wide as the terminal let them be take several rows in one made narrower. */
static void
append_erase (StreamerConsole *self, GString *out)
{
  guint columns;
  guint rows;
  guint up = 0;

  if (self->drawn->len == 0)
    return;
  get_size (self, &columns, &rows);
  for (guint i = 0; i < self->drawn->len; i++)
    {
      guint width = g_array_index (self->drawn, guint, i);

      up += width > 0 ? (width + columns - 1) / columns : 1;
    }
  up = MIN (up, rows);
  g_string_append_c (out, '\r');
  if (up > 1)
    g_string_append_printf (out, "\033[%uA", up - 1);
  g_string_append (out, "\033[J");
  g_array_set_size (self->drawn, 0);
}

StreamerConsole *
streamer_console_new (int fd, gboolean quiet, gboolean verbose)
{
  StreamerConsole *self = g_new0 (StreamerConsole, 1);
  const char *term = g_getenv ("TERM");
  const char *no_color = g_getenv ("NO_COLOR");

  self->fd = fd;
  self->quiet = quiet;
  self->verbose = verbose;
  self->redraws =
      !quiet && isatty (fd) && term != NULL && *term != '\0' && strcmp (term, "dumb") != 0;
  self->unicode = g_get_charset (NULL);
  self->color = no_color == NULL || *no_color == '\0';
  self->drawn = g_array_new (FALSE, FALSE, sizeof (guint));
  return self;
}

void
streamer_console_free (StreamerConsole *self)
{
  streamer_console_hide (self);
  g_array_unref (self->drawn);
  g_free (self);
}

gboolean
streamer_console_get_look (StreamerConsole *self, StreamerProgressLook *look)
{
  if (!self->redraws)
    return FALSE;
  get_size (self, &look->columns, &look->rows);
  look->unicode = self->unicode;
  look->color = self->color;
  return TRUE;
}

void
streamer_console_show (StreamerConsole *self, const char *const *lines)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (!self->redraws)
    return;
  append_erase (self, out);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      guint columns = streamer_progress_text_columns (lines[i]);

      if (i > 0)
        g_string_append_c (out, '\n');
      g_string_append (out, lines[i]);
      g_array_append_val (self->drawn, columns);
    }
  write_text (self, out->str);
}

void
streamer_console_hide (StreamerConsole *self)
{
  g_autoptr (GString) out = g_string_new (NULL);

  append_erase (self, out);
  write_text (self, out->str);
}

/* One write, so that lines of several processes do not mix. */
static void
say (StreamerConsole *self, const char *subject, const char *sentence, const char *advice)
{
  g_autoptr (GString) out = g_string_new (NULL);

  append_erase (self, out);
  g_string_append (out, "s3streamer: ");
  if (subject != NULL)
    g_string_append_printf (out, "%s: ", subject);
  g_string_append (out, sentence);
  if (advice != NULL)
    g_string_append_printf (out, " %s", advice);
  g_string_append_c (out, '\n');
  write_text (self, out->str);
}

/* The engine's advice names no options, and a window has none. */
static const char *
get_advice (const GError *error)
{
  if (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS))
    return _ ("Upload under another name with --name or --path, or replace it with --overwrite.");
  if (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_AUTH))
    return _ ("Give a valid token by --token-file, --token-stdin or S3STREAMER_TOKEN, and the API "
              "key by --api-key-file or S3STREAMER_API_KEY where the server wants one; for a "
              "bucket, valid keys by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or --profile.");
  return streamer_error_get_advice (error);
}

void
streamer_console_error (StreamerConsole *self, const char *subject, const GError *error)
{
  say (self, subject, error->message, get_advice (error));
}

void
streamer_console_complain (StreamerConsole *self, const char *subject, const GError *error)
{
  say (self, subject, error->message, NULL);
}

void
streamer_console_note (StreamerConsole *self, const char *sentence)
{
  if (!self->quiet)
    say (self, NULL, sentence, NULL);
}

void
streamer_console_detail (StreamerConsole *self, const char *subject, const char *text)
{
  if (self->verbose)
    say (self, subject, text, NULL);
}

void
streamer_console_ask (StreamerConsole *self, const char *text)
{
  streamer_console_hide (self);
  write_text (self, text);
}
