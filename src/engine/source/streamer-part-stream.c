/* streamer-part-stream.c: the bytes of one part, bounded, counted and checksummed
 *
 * Used by one worker at a time. Only the counter that it was given is seen by other threads.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-part-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <gnutls/crypto.h>
#include <sys/uio.h>
#include <unistd.h>

#include "streamer-checksum.h"
#include "streamer-error.h"
#include "streamer-hex.h"

/* A slow limit is kept in pieces of about this fraction of a second, so that the connections stay
 * alive. */
#define PIECES_PER_SECOND 16
#define PIECE_MIN         1024
/* What is read once need not push out of memory what others use; below this it is not worth it. */
#define DROP_CACHE_MIN STREAMER_MIB

struct _StreamerPartStream
{
  GInputStream parent_instance;

  StreamerSlice slice;
  gsize *sent;              /* (nullable): atomic, belongs to whoever gave it */
  StreamerRateLimit *limit; /* (owned) (nullable) */
  guint64 count;
  guint32 crc32;
  gboolean was_resent;
  gboolean wants_md5;
  gnutls_hash_hd_t md5; /* (owned) (nullable) */
  gboolean drop_cache;  /* the part was not in the page cache before it was read here */
  gboolean looked;      /* whether @drop_cache is known already */
};

G_DEFINE_FINAL_TYPE (StreamerPartStream, streamer_part_stream, G_TYPE_INPUT_STREAM)

static gboolean
is_cached (int fd, guint64 offset)
{
  char byte;
  struct iovec vector = { .iov_base = &byte, .iov_len = 1 };

  return preadv2 (fd, &vector, 1, offset, RWF_NOWAIT) == 1;
}

static gsize
piece_size (StreamerPartStream *self, gsize wanted)
{
  guint64 most = MIN (STREAMER_IO_SIZE, self->slice.length - self->count);
  guint64 rate = self->limit == NULL ? 0 : streamer_rate_limit_get_rate (self->limit);

  if (rate > 0)
    most = MIN (most, MAX (rate / PIECES_PER_SECOND, PIECE_MIN));
  return MIN (wanted, most);
}

static void
count_piece (StreamerPartStream *self, const void *buffer, gsize n)
{
  self->crc32 = streamer_crc32_update (self->crc32, buffer, n);
  if (self->md5 != NULL)
    gnutls_hash (self->md5, buffer, n);
  self->count += n;
  if (self->sent != NULL)
    g_atomic_pointer_add (self->sent, (gssize) n);
  if (self->count == self->slice.length && self->drop_cache)
    posix_fadvise (self->slice.fd, self->slice.offset, self->slice.length, POSIX_FADV_DONTNEED);
}

static void
look_at_cache (StreamerPartStream *self)
{
  if (!self->looked)
    self->drop_cache =
        self->slice.length >= DROP_CACHE_MIN && !is_cached (self->slice.fd, self->slice.offset);
  self->looked = TRUE;
}

/* @offset: from the slice's first byte. Returns: bytes, at least one; or -1 with the error */
static gssize
read_piece (StreamerPartStream *self, void *buffer, gsize wanted, guint64 offset, GError **error)
{
  gssize n;

  do
    n = pread (self->slice.fd, buffer, wanted, self->slice.offset + offset);
  while (n < 0 && errno == EINTR);

  if (n < 0)
    g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                 /* Translators: %s are the system's words for what is wrong */
                 _ ("The file cannot be read: %s."), g_strerror (errno));
  else if (n == 0)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED,
                           _ ("The file has become shorter since the upload began."));
      n = -1;
    }
  return n;
}

static gssize
streamer_part_stream_read (GInputStream *stream,
                           void *buffer,
                           gsize wanted,
                           GCancellable *cancellable,
                           GError **error)
{
  StreamerPartStream *self = STREAMER_PART_STREAM (stream);
  gssize n;

  wanted = piece_size (self, wanted);
  if (wanted == 0)
    return 0;
  if (self->limit != NULL && !streamer_rate_limit_take (self->limit, wanted, cancellable, error))
    return -1;
  look_at_cache (self);
  n = read_piece (self, buffer, wanted, self->count, error);
  if (n > 0)
    count_piece (self, buffer, n);
  return n;
}

static void
drop_md5 (StreamerPartStream *self)
{
  if (self->md5 != NULL)
    gnutls_hash_deinit (self->md5, NULL);
  self->md5 = NULL;
}

static void
streamer_part_stream_finalize (GObject *object)
{
  StreamerPartStream *self = STREAMER_PART_STREAM (object);

  drop_md5 (self);
  g_clear_object (&self->limit);

  G_OBJECT_CLASS (streamer_part_stream_parent_class)->finalize (object);
}

static void
streamer_part_stream_class_init (StreamerPartStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_part_stream_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = streamer_part_stream_read;
}

static void
streamer_part_stream_init (StreamerPartStream *self)
{
}

StreamerPartStream *
streamer_part_stream_new (const StreamerSlice *slice, gsize *sent, StreamerRateLimit *limit)
{
  StreamerPartStream *self;

  g_return_val_if_fail (slice != NULL, NULL);

  self = g_object_new (STREAMER_TYPE_PART_STREAM, NULL);
  self->slice = *slice;
  self->sent = sent;
  g_set_object (&self->limit, limit);
  streamer_part_stream_rewind (self);
  return self;
}

void
streamer_part_stream_rewind (StreamerPartStream *self)
{
  g_return_if_fail (STREAMER_IS_PART_STREAM (self));

  self->count = 0;
  self->crc32 = 0;
  drop_md5 (self);
  if (self->wants_md5 && gnutls_hash_init (&self->md5, GNUTLS_DIG_MD5) < 0)
    self->md5 = NULL;
  if (self->sent != NULL)
    g_atomic_pointer_set (self->sent, 0);
}

void
streamer_part_stream_note_resent (StreamerPartStream *self)
{
  g_return_if_fail (STREAMER_IS_PART_STREAM (self));

  self->was_resent = TRUE;
}

gboolean
streamer_part_stream_was_resent (StreamerPartStream *self)
{
  g_return_val_if_fail (STREAMER_IS_PART_STREAM (self), FALSE);

  return self->was_resent;
}

gboolean
streamer_part_stream_read_ahead (StreamerPartStream *self,
                                 guint32 *crc32,
                                 char **md5,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (GChecksum) checksum = md5 != NULL ? g_checksum_new (G_CHECKSUM_MD5) : NULL;
  g_autofree char *buffer = g_malloc (STREAMER_IO_SIZE);
  guint64 done = 0;

  g_return_val_if_fail (STREAMER_IS_PART_STREAM (self) && crc32 != NULL, FALSE);

  look_at_cache (self);
  for (*crc32 = 0; done < self->slice.length;)
    {
      gsize wanted = MIN (STREAMER_IO_SIZE, self->slice.length - done);
      gssize n;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      n = read_piece (self, buffer, wanted, done, error);
      if (n < 0)
        return FALSE;
      *crc32 = streamer_crc32_update (*crc32, buffer, n);
      if (checksum != NULL)
        g_checksum_update (checksum, (const guchar *) buffer, n);
      done += n;
    }
  if (checksum != NULL)
    *md5 = g_strdup (g_checksum_get_string (checksum));
  return TRUE;
}

guint64
streamer_part_stream_get_length (StreamerPartStream *self)
{
  g_return_val_if_fail (STREAMER_IS_PART_STREAM (self), 0);

  return self->slice.length;
}

guint64
streamer_part_stream_get_count (StreamerPartStream *self)
{
  g_return_val_if_fail (STREAMER_IS_PART_STREAM (self), 0);

  return self->count;
}

guint32
streamer_part_stream_get_crc32 (StreamerPartStream *self)
{
  g_return_val_if_fail (STREAMER_IS_PART_STREAM (self), 0);

  return self->crc32;
}

void
streamer_part_stream_want_md5 (StreamerPartStream *self)
{
  g_return_if_fail (STREAMER_IS_PART_STREAM (self));

  self->wants_md5 = TRUE;
}

char *
streamer_part_stream_get_md5 (StreamerPartStream *self)
{
  guint8 digest[16];

  g_return_val_if_fail (STREAMER_IS_PART_STREAM (self), NULL);

  if (self->md5 == NULL || self->count < self->slice.length)
    return NULL;
  gnutls_hash_output (self->md5, digest);
  drop_md5 (self);
  return streamer_hex_encode (digest, sizeof digest);
}
