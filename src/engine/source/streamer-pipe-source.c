/* streamer-pipe-source.c: input that can be read once, kept in a folder part by part
 *
 * Whoever asks for a part that has not arrived reads it, under the claim `reading`; the others
 * wait. So parts arrive in order, and no thread is needed. A reader that is cancelled, or whose
 * disk is full, leaves what it has, and the next one goes on there: no byte is lost.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-source-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-monitor.h"

#define BUFFER_SIZE (64 * 1024)

/* One part in the temporary folder. */
typedef struct
{
  guint number;
  int fd; /* (owned) */
  guint64 length;
  gboolean last;
  guint n_acquired; /* at the moment */
} Kept;

#define STREAMER_TYPE_PIPE_SOURCE (streamer_pipe_source_get_type ())
G_DECLARE_FINAL_TYPE (StreamerPipeSource,
                      streamer_pipe_source,
                      STREAMER,
                      PIPE_SOURCE,
                      StreamerSource)

struct _StreamerPipeSource
{
  StreamerSource parent_instance;

  int fd;     /* (owned) */
  char *name; /* (owned) */
  char *tmp;  /* (owned) (type filename) */
  guint64 part_size;
  guint max_kept;

  StreamerMonitor monitor; /* guards what follows */
  GPtrArray *kept;         /* (owned) (element-type Kept): complete */
  guint n_read;            /* parts that are complete, kept or already released */
  gboolean reading;        /* somebody has the claim on what follows */

  Kept *growing; /* (owned) (nullable): the part that is being read */
  char *buffer;  /* (owned): read from fd, not yet in a part */
  gsize filled;
  gsize used;
  gboolean ended; /* fd gave all it had; the buffer may still hold some of it */
  guint64 size;   /* bytes in parts so far */
};

G_DEFINE_FINAL_TYPE (StreamerPipeSource, streamer_pipe_source, STREAMER_TYPE_SOURCE)

static void
kept_free (gpointer data)
{
  Kept *part = data;

  close (part->fd);
  g_free (part);
}

static void
set_tmp_error (StreamerPipeSource *self, int saved_errno, GError **error)
{
  g_autofree char *folder = streamer_key_display_name (self->tmp);

  if (saved_errno == ENOSPC || saved_errno == EDQUOT)
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE,
                 /* Translators: %s is a folder */
                 _ ("The temporary folder “%s” is full."), folder);
  else
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                 /* Translators: a folder, and the system's words for what is wrong */
                 _ ("The temporary folder “%s” cannot be used: %s."), folder,
                 g_strerror (saved_errno));
}

/* A file that has no name, so that nothing is left behind however the program ends. */
static int
open_nameless (StreamerPipeSource *self, GError **error)
{
  g_autofree char *path = NULL;
  int fd = open (self->tmp, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

  if (fd >= 0)
    return fd;
  /* Not every file system knows how; an old kernel takes it for opening a folder to write. */
  if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
    {
      path = g_build_filename (self->tmp, ".s3streamer-XXXXXX", NULL);
      fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
      if (fd >= 0)
        g_unlink (path);
    }
  if (fd < 0)
    set_tmp_error (self, errno, error);
  return fd;
}

static gboolean
wait_readable (StreamerPipeSource *self, GCancellable *cancellable, GError **error)
{
  GPollFD fds[2] = { { .fd = self->fd, .events = G_IO_IN } };
  gboolean pollable = g_cancellable_make_pollfd (cancellable, &fds[1]);
  int n;

  do
    n = g_poll (fds, pollable ? 2 : 1, -1);
  while (n < 0 && errno == EINTR);
  if (pollable)
    g_cancellable_release_fd (cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* Refills the empty buffer, or sees the end. */
static gboolean
fill_buffer (StreamerPipeSource *self, GCancellable *cancellable, GError **error)
{
  gssize n;

  do
    {
      if (!wait_readable (self, cancellable, error))
        return FALSE;
      n = read (self->fd, self->buffer, BUFFER_SIZE);
    }
  while (n < 0 && (errno == EINTR || errno == EAGAIN));

  if (n < 0)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                   /* Translators: a name, and the system's words for what is wrong */
                   _ ("The input for “%s” cannot be read: %s."), self->name, g_strerror (errno));
      return FALSE;
    }
  self->used = 0;
  self->filled = n;
  self->ended = n == 0;
  if (self->size == 0 && n > 0)
    streamer_source_guess_content_type (STREAMER_SOURCE (self), self->name, self->buffer,
                                        MIN (n, STREAMER_SOURCE_HEAD_BYTES));
  return TRUE;
}

/* Moves from the buffer into the growing part what fits. */
static gboolean
spool (StreamerPipeSource *self, GError **error)
{
  Kept *part = self->growing;

  while (self->used < self->filled && part->length < self->part_size)
    {
      gsize wanted = MIN (self->filled - self->used, self->part_size - part->length);
      gssize n = pwrite (part->fd, self->buffer + self->used, wanted, part->length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_tmp_error (self, errno, error);
          return FALSE;
        }
      self->used += n;
      self->size += n;
      part->length += n;
    }
  return TRUE;
}

/* With the claim: reads until the growing part is complete, and one look further: whether it is the
 * last one is known only when more has come, or the end. */
static gboolean
read_part (StreamerPipeSource *self, GCancellable *cancellable, GError **error)
{
  if (self->growing == NULL)
    {
      int fd = open_nameless (self, error);

      if (fd < 0)
        return FALSE;
      self->growing = g_new0 (Kept, 1);
      self->growing->fd = fd;
      self->growing->number = self->n_read + 1;
    }

  for (;;)
    {
      if (!spool (self, error))
        return FALSE;
      if (self->used < self->filled || self->ended)
        break;
      if (!fill_buffer (self, cancellable, error))
        return FALSE;
    }
  self->growing->last = self->ended;
  return TRUE;
}

/* Under the lock, which is let go while it reads. */
static gboolean
read_next_part (StreamerPipeSource *self, GCancellable *cancellable, GError **error)
{
  gboolean complete;

  self->reading = TRUE;
  g_mutex_unlock (&self->monitor.lock);
  complete = read_part (self, cancellable, error);
  g_mutex_lock (&self->monitor.lock);
  self->reading = FALSE;
  if (complete)
    {
      if (self->growing->last)
        streamer_source_set_size (STREAMER_SOURCE (self), self->size);
      g_ptr_array_add (self->kept, g_steal_pointer (&self->growing));
      self->n_read++;
    }
  g_cond_broadcast (&self->monitor.changed);
  return complete;
}

static Kept *
find_kept (StreamerPipeSource *self, guint number, guint *index)
{
  for (guint i = 0; i < self->kept->len; i++)
    {
      Kept *part = self->kept->pdata[i];

      if (part->number == number)
        {
          if (index != NULL)
            *index = i;
          return part;
        }
    }
  return NULL;
}

/* Under the lock: the part, or NULL with an error. */
static Kept *
wait_for_part (StreamerPipeSource *self, guint number, GCancellable *cancellable, GError **error)
{
  Kept *part;

  while ((part = find_kept (self, number, NULL)) == NULL)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (number <= self->n_read)
        {
          g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                       /* Translators: %s is a name */
                       _ ("The input for “%s” can be read only once."), self->name);
          return NULL;
        }
      if (streamer_source_get_size (STREAMER_SOURCE (self)) != STREAMER_SIZE_UNKNOWN)
        {
          g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                       /* Translators: %s is a name */
                       _ ("The input for “%s” ended before this part."), self->name);
          return NULL;
        }
      if (self->reading || self->kept->len >= self->max_kept)
        g_cond_wait (&self->monitor.changed, &self->monitor.lock);
      else if (!read_next_part (self, cancellable, error))
        return NULL;
    }
  return part;
}

static gboolean
streamer_pipe_source_acquire (StreamerSource *source,
                              const StreamerPlan *plan,
                              guint number,
                              StreamerSlice *slice,
                              GCancellable *cancellable,
                              GError **error)
{
  StreamerPipeSource *self = STREAMER_PIPE_SOURCE (source);
  gulong watch;
  Kept *part;

  g_return_val_if_fail (plan->part_size == self->part_size, FALSE);

  watch = streamer_monitor_enter (&self->monitor, cancellable);
  part = wait_for_part (self, number, cancellable, error);
  if (part != NULL)
    {
      part->n_acquired++;
      slice->fd = part->fd;
      slice->offset = 0;
      slice->length = part->length;
      slice->last = part->last;
    }
  streamer_monitor_leave (&self->monitor, cancellable, watch);
  return part != NULL;
}

static void
streamer_pipe_source_release (StreamerSource *source, guint number)
{
  StreamerPipeSource *self = STREAMER_PIPE_SOURCE (source);
  Kept *part;
  guint index;

  g_mutex_lock (&self->monitor.lock);
  part = find_kept (self, number, &index);
  if (part == NULL || part->n_acquired == 0)
    g_critical ("part %u is released more often than it was acquired", number);
  else if (--part->n_acquired == 0)
    {
      g_ptr_array_remove_index_fast (self->kept, index);
      g_cond_broadcast (&self->monitor.changed);
    }
  g_mutex_unlock (&self->monitor.lock);
}

/* What was read once cannot change any more. */
static gboolean
streamer_pipe_source_check (StreamerSource *source, GError **error)
{
  return TRUE;
}

static void
streamer_pipe_source_finalize (GObject *object)
{
  StreamerPipeSource *self = STREAMER_PIPE_SOURCE (object);

  close (self->fd);
  g_clear_pointer (&self->growing, kept_free);
  g_ptr_array_unref (self->kept);
  g_free (self->buffer);
  g_free (self->name);
  g_free (self->tmp);
  streamer_monitor_clear (&self->monitor);

  G_OBJECT_CLASS (streamer_pipe_source_parent_class)->finalize (object);
}

static void
streamer_pipe_source_class_init (StreamerPipeSourceClass *klass)
{
  StreamerSourceClass *source_class = STREAMER_SOURCE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = streamer_pipe_source_finalize;
  source_class->acquire = streamer_pipe_source_acquire;
  source_class->release = streamer_pipe_source_release;
  source_class->check = streamer_pipe_source_check;
}

static void
streamer_pipe_source_init (StreamerPipeSource *self)
{
  streamer_monitor_init (&self->monitor);
  self->kept = g_ptr_array_new_with_free_func (kept_free);
  self->buffer = g_malloc (BUFFER_SIZE);
}

StreamerSource *
streamer_pipe_source_new (int fd,
                          const char *name,
                          const char *tmp,
                          guint64 part_size,
                          guint max_kept)
{
  StreamerPipeSource *self;

  g_return_val_if_fail (fd >= 0 && name != NULL && tmp != NULL, NULL);
  g_return_val_if_fail (part_size >= 1 && max_kept >= 1, NULL);

  self = g_object_new (STREAMER_TYPE_PIPE_SOURCE, NULL);
  self->fd = fd;
  self->name = g_strdup (name);
  self->tmp = g_strdup (tmp);
  self->part_size = part_size;
  self->max_kept = max_kept;
  streamer_source_guess_content_type (STREAMER_SOURCE (self), name, NULL, 0);
  return STREAMER_SOURCE (self);
}
