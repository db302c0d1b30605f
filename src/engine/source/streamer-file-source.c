/* streamer-file-source.c: a regular file, read in place
 *
 * Nothing changes after it was opened, so any thread may use it without a lock.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-source-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streamer-error.h"
#include "streamer-key.h"

#define STREAMER_TYPE_FILE_SOURCE (streamer_file_source_get_type ())
G_DECLARE_FINAL_TYPE (StreamerFileSource,
                      streamer_file_source,
                      STREAMER,
                      FILE_SOURCE,
                      StreamerSource)

struct _StreamerFileSource
{
  StreamerSource parent_instance;

  char *path;         /* (owned) (type filename) */
  char *display_name; /* (owned) */
  int fd;             /* (owned), or -1 */
  struct stat opened; /* what the file was when it was opened */
};

G_DEFINE_FINAL_TYPE (StreamerFileSource, streamer_file_source, STREAMER_TYPE_SOURCE)

static gint64
in_nanoseconds (const struct timespec *time)
{
  return time->tv_sec * G_GINT64_CONSTANT (1000000000) + time->tv_nsec;
}

static StreamerSourceIdentity
get_identity (const struct stat *info)
{
  return (StreamerSourceIdentity){
    .device = info->st_dev,
    .inode = info->st_ino,
    .size = info->st_size,
    .mtime_ns = in_nanoseconds (&info->st_mtim),
    .ctime_ns = in_nanoseconds (&info->st_ctim),
  };
}

/* Says in words why a file cannot be opened or read. */
static void
set_errno_error (GError **error, const char *name, int saved_errno)
{
  switch (saved_errno)
    {
    case ENOENT:
    case ENOTDIR:
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                   /* Translators: %s is a file name */
                   _ ("“%s” does not exist."), name);
      break;
    case EACCES:
    case EPERM:
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                   /* Translators: %s is a file name */
                   _ ("You are not allowed to read “%s”."), name);
      break;
    case ELOOP:
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                   /* Translators: %s is a file name */
                   _ ("“%s” is a link that leads in a circle."), name);
      break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_SHORT,
                   /* Translators: first a file name, then the system's words for what is wrong */
                   _ ("“%s” cannot be opened at the moment: %s."), name, g_strerror (saved_errno));
      break;
    default:
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                   /* Translators: a file name, and the system's words for what is wrong */
                   _ ("“%s” cannot be read: %s."), name, g_strerror (saved_errno));
    }
}

/* Only regular files have a size and can be read twice. */
static gboolean
check_type (mode_t mode, const char *name, GError **error)
{
  const char *sentence;

  if (S_ISREG (mode))
    return TRUE;
  if (S_ISDIR (mode))
    /* Translators: %s is a file name */
    sentence = _ ("“%s” is a folder, not a file.");
  else if (S_ISFIFO (mode))
    /* Translators: %s is a file name */
    sentence = _ ("“%s” is a FIFO (a named pipe), not a file.");
  else if (S_ISSOCK (mode))
    /* Translators: %s is a file name */
    sentence = _ ("“%s” is a socket, not a file.");
  else
    /* Translators: %s is a file name */
    sentence = _ ("“%s” is a device, not a file.");

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE, sentence, name);
#pragma GCC diagnostic pop
  return FALSE;
}

static gboolean
open_file (StreamerFileSource *self, GError **error)
{
  /* Looked at before it is opened: opening a device can do things. */
  if (stat (self->path, &self->opened) != 0)
    {
      set_errno_error (error, self->display_name, errno);
      return FALSE;
    }
  if (!check_type (self->opened.st_mode, self->display_name, error))
    return FALSE;

  /* It may have become a FIFO in between: never wait for a writer. */
  self->fd = open (self->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (self->fd < 0 || fstat (self->fd, &self->opened) != 0)
    {
      set_errno_error (error, self->display_name, errno);
      return FALSE;
    }
  return check_type (self->opened.st_mode, self->display_name, error);
}

static gboolean
look_at_head (StreamerFileSource *self, GError **error)
{
  g_autofree char *head = g_malloc (STREAMER_SOURCE_HEAD_BYTES);
  g_autofree char *name = g_path_get_basename (self->path);
  gssize n;

  do
    n = pread (self->fd, head, STREAMER_SOURCE_HEAD_BYTES, 0);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      set_errno_error (error, self->display_name, errno);
      return FALSE;
    }
  if (n > 0 && self->opened.st_size == 0)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                   /* Translators: %s is a file name */
                   _ ("The system does not say how large “%s” is."), self->display_name);
      return FALSE;
    }
  streamer_source_guess_content_type (STREAMER_SOURCE (self), name, head, n);
  return TRUE;
}

static gboolean
streamer_file_source_check (StreamerSource *source, GError **error)
{
  StreamerFileSource *self = STREAMER_FILE_SOURCE (source);
  StreamerSourceIdentity then = get_identity (&self->opened), now;
  struct stat open, named;

  if (fstat (self->fd, &open) != 0)
    {
      set_errno_error (error, self->display_name, errno);
      return FALSE;
    }
  now = get_identity (&open);
  if (stat (self->path, &named) == 0)
    {
      now.device = named.st_dev;
      now.inode = named.st_ino;
    }
  else
    {
      g_debug ("%s is no longer where it was; its open descriptor goes on", self->display_name);
      /* That its last name was taken away set the time of the last change, too. */
      now.ctime_ns = then.ctime_ns;
    }
  return streamer_source_identity_check (&then, &now, self->display_name, error);
}

static gboolean
streamer_file_source_get_identity (StreamerSource *source, StreamerSourceIdentity *identity)
{
  *identity = get_identity (&STREAMER_FILE_SOURCE (source)->opened);
  return TRUE;
}

static gboolean
streamer_file_source_acquire (StreamerSource *source,
                              const StreamerPlan *plan,
                              guint number,
                              StreamerSlice *slice,
                              GCancellable *cancellable,
                              GError **error)
{
  StreamerFileSource *self = STREAMER_FILE_SOURCE (source);

  slice->fd = self->fd;
  slice->last = number == plan->n_parts;
  streamer_plan_get_part (plan, number, &slice->offset, &slice->length);
  return TRUE;
}

static void
streamer_file_source_release (StreamerSource *source, guint number)
{
}

static void
streamer_file_source_finalize (GObject *object)
{
  StreamerFileSource *self = STREAMER_FILE_SOURCE (object);

  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->display_name);

  G_OBJECT_CLASS (streamer_file_source_parent_class)->finalize (object);
}

static void
streamer_file_source_class_init (StreamerFileSourceClass *klass)
{
  StreamerSourceClass *source_class = STREAMER_SOURCE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = streamer_file_source_finalize;
  source_class->acquire = streamer_file_source_acquire;
  source_class->release = streamer_file_source_release;
  source_class->check = streamer_file_source_check;
  source_class->get_identity = streamer_file_source_get_identity;
}

static void
streamer_file_source_init (StreamerFileSource *self)
{
  self->fd = -1;
}

StreamerSource *
streamer_file_source_open (const char *path, GError **error)
{
  g_autoptr (StreamerFileSource) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (STREAMER_TYPE_FILE_SOURCE, NULL);
  /* The folder the program works in may change; the path must go on naming the same file. */
  self->path = g_canonicalize_filename (path, NULL);
  self->display_name = streamer_key_display_name (path);
  if (!open_file (self, error) || !look_at_head (self, error))
    return NULL;

  posix_fadvise (self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  streamer_source_set_size (STREAMER_SOURCE (self), self->opened.st_size);
  return STREAMER_SOURCE (g_steal_pointer (&self));
}
