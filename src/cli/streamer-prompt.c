/* streamer-prompt.c: asks for a token on the terminal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The terminal hands over whole lines, so that a read after poll() never waits, and signals reach
 * the main loop while the question stands.
 */

#include "streamer-prompt.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>

/* What a terminal takes in one line at most (N_TTY). */
#define LINE_MAX_BYTES 4096

struct _StreamerPrompt
{
  StreamerConsole *console;
  int fd;
  StreamerPromptFunc func;
  gpointer user_data;

  struct termios found;
  gboolean changed;
  guint source_id;
};

static void
restore (StreamerPrompt *self)
{
  g_clear_handle_id (&self->source_id, g_source_remove);
  if (!self->changed)
    return;
  tcsetattr (self->fd, TCSAFLUSH, &self->found);
  self->changed = FALSE;
  streamer_console_ask (self->console, "\n");
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  StreamerPrompt *self = user_data;
  char line[LINE_MAX_BYTES + 1];
  gssize length = read (fd, line, LINE_MAX_BYTES);
  StreamerPromptFunc func = self->func;
  gpointer func_data = self->user_data;

  line[MAX (length, 0)] = '\0';
  g_strstrip (line);
  self->source_id = 0;
  restore (self);
  func (*line != '\0' ? line : NULL, func_data);
  explicit_bzero (line, sizeof line);
  return G_SOURCE_REMOVE;
}

StreamerPrompt *
streamer_prompt_new (StreamerConsole *console,
                     int fd,
                     const char *question,
                     StreamerPromptFunc func,
                     gpointer user_data)
{
  StreamerPrompt *self = g_new0 (StreamerPrompt, 1);
  struct termios silent;

  self->console = console;
  self->fd = fd;
  self->func = func;
  self->user_data = user_data;
  if (tcgetattr (fd, &self->found) == 0)
    {
      silent = self->found;
      silent.c_lflag &= ~(tcflag_t) (ECHO | ECHONL);
      silent.c_lflag |= ICANON;
      self->changed = tcsetattr (fd, TCSAFLUSH, &silent) == 0;
    }
  streamer_console_ask (console, question);
  self->source_id = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
  return self;
}

void
streamer_prompt_free (StreamerPrompt *self)
{
  restore (self);
  g_free (self);
}
