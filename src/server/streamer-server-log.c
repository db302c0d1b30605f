/* streamer-server-log.c: the server's log, one line per event
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread: a line is one write.
 */

#include "streamer-server-log.h"

#include <poll.h>
#include <unistd.h>

#include "streamer-json.h"

/* Whoever started the server may never read its stderr: a full pipe must not stop it. Where poll()
 * says that a pipe takes something, it takes this many bytes (PIPE_BUF). */
#define MAX_LINE 4096

static gboolean log_as_json;

void
streamer_server_log_set_json (gboolean json)
{
  g_atomic_int_set (&log_as_json, json);
}

static char *
quote (const char *text)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  json_node_set_string (node, valid);
  return streamer_json_to_string (node);
}

static void
write_line (GString *line)
{
  struct pollfd stderr_fd = { .fd = STDERR_FILENO, .events = POLLOUT };

  if (line->len > MAX_LINE - 1)
    g_string_truncate (line, MAX_LINE - 1);
  g_string_append_c (line, '\n');
  if (poll (&stderr_fd, 1, 0) != 1 || !(stderr_fd.revents & POLLOUT))
    return;
  if (write (STDERR_FILENO, line->str, line->len) < 0)
    return;
}

void
streamer_server_log (const char *level, const char *event, ...)
{
  gboolean json = g_atomic_int_get (&log_as_json);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  g_autoptr (GString) line = g_string_new (NULL);
  va_list arguments;
  const char *name;

  if (json)
    g_string_printf (line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"", time, level,
                     event);
  else
    g_string_printf (line, "%s %s %s", time, level, event);

  va_start (arguments, event);
  while ((name = va_arg (arguments, const char *)))
    {
      const char *value = va_arg (arguments, const char *);
      g_autofree char *quoted = value ? quote (value) : NULL;

      if (quoted)
        g_string_append_printf (line, json ? ",\"%s\":%s" : " %s=%s", name, quoted);
    }
  va_end (arguments);

  if (json)
    g_string_append_c (line, '}');
  write_line (line);
}
