/* streamer-journal-session.c: who has the journal open
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A session is a number, and a lock on the byte of that number in a file beside the database. The
 * lock belongs to the open file, so that the kernel lets go of it when the process ends, in
 * whatever way. Byte 0 is for whoever opens the database. The numbers are drawn: none comes twice.
 * Their lower bits are the process's own number, since the kernel tells of no such lock whose it is.
 */

#include "streamer-journal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/random.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-key.h"

#define LOCK_FILE "journal.lock"

/* Linux: PID_MAX_LIMIT is 1 << 22. */
#define PROCESS_BITS 22
#define PROCESS_MASK ((1 << PROCESS_BITS) - 1)

struct _StreamerJournalSession
{
  char *path; /* (owned) (type filename) */
  int fd;     /* (owned) */
  gint64 number;
};

/* @length: 0 for all that follows */
static int
control (StreamerJournalSession *self,
         int command,
         short type,
         gint64 start,
         gint64 length,
         gboolean *is_free)
{
  struct flock lock = {
    .l_type = type,
    .l_whence = SEEK_SET,
    .l_start = start,
    .l_len = length,
  };
  int result;

  do
    result = fcntl (self->fd, command, &lock);
  while (result != 0 && errno == EINTR);
  if (is_free != NULL)
    *is_free = result == 0 && lock.l_type == F_UNLCK;
  return result;
}

static gboolean
set_error (StreamerJournalSession *self, GError **error)
{
  g_autofree char *name = streamer_key_display_name (self->path);
  gboolean is_full = errno == ENOSPC || errno == EDQUOT;

  g_set_error (error, STREAMER_ERROR, is_full ? STREAMER_ERROR_NO_SPACE : STREAMER_ERROR_FAILED,
               /* Translators: a file name, and the system's words for what is wrong */
               _ ("“%s”, which goes with the journal of uploads, cannot be opened: %s."
                  " Check that its disk works and has space, and that you may write there."),
               name, g_strerror (errno));
  return FALSE;
}

static gboolean
begin (StreamerJournalSession *self, GError **error)
{
  do
    {
      if (getrandom (&self->number, sizeof self->number, 0) != sizeof self->number)
        return set_error (self, error);
      self->number &= G_MAXINT64 & ~(gint64) PROCESS_MASK;
      if (self->number == 0)
        continue;
      self->number |= getpid () & PROCESS_MASK;
      if (control (self, F_OFD_SETLK, F_WRLCK, self->number, 1, NULL) == 0)
        return TRUE;
    }
  while (self->number == 0 || errno == EAGAIN || errno == EACCES);
  return set_error (self, error);
}

StreamerJournalSession *
streamer_journal_session_new (const char *folder, GError **error)
{
  g_autoptr (StreamerJournalSession) self = g_new0 (StreamerJournalSession, 1);

  self->path = g_build_filename (folder, LOCK_FILE, NULL);
  self->fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->fd < 0)
    {
      set_error (self, error);
      return NULL;
    }
  if (!begin (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
streamer_journal_session_free (StreamerJournalSession *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

gint64
streamer_journal_session_get_number (StreamerJournalSession *self)
{
  return self->number;
}

StreamerJournalOwner
streamer_journal_session_get_owner (StreamerJournalSession *self, gint64 number)
{
  gboolean is_free;

  if (number <= 0)
    return STREAMER_JOURNAL_NOBODY;
  if (number == self->number)
    return STREAMER_JOURNAL_US;
  /* Where the kernel does not say, taking it from somebody would be worse. */
  control (self, F_OFD_GETLK, F_WRLCK, number, 1, &is_free);
  return is_free ? STREAMER_JOURNAL_NOBODY : STREAMER_JOURNAL_ANOTHER;
}

int
streamer_journal_session_get_process (gint64 number)
{
  return (int) (number & PROCESS_MASK);
}

gboolean
streamer_journal_session_enter (StreamerJournalSession *self, GError **error)
{
  return control (self, F_OFD_SETLKW, F_WRLCK, 0, 1, NULL) == 0 || set_error (self, error);
}

void
streamer_journal_session_leave (StreamerJournalSession *self)
{
  control (self, F_OFD_SETLK, F_UNLCK, 0, 1, NULL);
}

gboolean
streamer_journal_session_is_alone (StreamerJournalSession *self)
{
  gboolean is_free;

  control (self, F_OFD_GETLK, F_WRLCK, 1, 0, &is_free);
  return is_free;
}
