/* streamer-fat-splice.c: bodies written in big pieces
 *
 * libsoup sends a body with g_output_stream_splice(), whose default copies through 8 KiB: 128 reads
 * and 128 sends for each MiB, which costs two to three times the processor time of 256 KiB pieces.
 * libsoup has no setting for it, but its body stream is a GFilterOutputStream, and
 * GOutputStreamClass.splice is a public virtual that it inherits. So ours is put there, once, and
 * leaves every stream that is not a StreamerBody to the original. Should a libsoup come that no
 * longer inherits it, bodies are sent as libsoup likes, whole and correct.
 *
 * The same place makes early answers visible. A server that refuses a part before it has read it
 * answers, and closes; writing then fails, and libsoup would report a broken connection where the
 * server said "busy, come back in 5 s". What it said is still in the socket's buffer: so a broken
 * connection ends the body here, without an error, and libsoup goes on to read. Where there is no
 * answer, reading fails just as writing did; and StreamerHttp counts what was written, so that an
 * answer to half a body never counts as a success.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-fat-splice.h"

#include "streamer-body.h"

typedef gssize (*SpliceFunc) (GOutputStream *stream,
                              GInputStream *source,
                              GOutputStreamSpliceFlags flags,
                              GCancellable *cancellable,
                              GError **error);

/* Set once, before the class function that reads it is. */
static SpliceFunc original_splice;

/* As g_output_stream_write_all(), which cannot be called inside of splice: the stream is marked as
 * having an operation pending. *broken: the other side is gone. */
static gboolean
write_all (GOutputStream *stream,
           const char *buffer,
           gsize length,
           gboolean *broken,
           GCancellable *cancellable,
           GError **error)
{
  GOutputStreamClass *klass = G_OUTPUT_STREAM_GET_CLASS (stream);

  while (length > 0)
    {
      GError *local_error = NULL;
      gssize n = klass->write_fn (stream, buffer, length, cancellable, &local_error);

      if (n < 0 && g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
        {
          g_error_free (local_error);
          *broken = TRUE;
          return TRUE;
        }
      if (n < 0)
        {
          g_propagate_error (error, local_error);
          return FALSE;
        }
      buffer += n;
      length -= n;
    }
  return TRUE;
}

static gssize
copy (GOutputStream *stream, StreamerBody *body, GCancellable *cancellable, GError **error)
{
  gsize size = MIN (STREAMER_IO_SIZE, streamer_body_get_length (body));
  g_autofree char *buffer = g_malloc (MAX (size, 1));
  gboolean broken = FALSE;
  gssize total = 0;

  while (!broken)
    {
      gssize n = g_input_stream_read (G_INPUT_STREAM (body), buffer, size, cancellable, error);

      if (n < 0)
        return -1;
      if (n == 0)
        break;
      if (!write_all (stream, buffer, n, &broken, cancellable, error))
        return -1;
      total += n;
    }
  return total;
}

static gssize
fat_splice (GOutputStream *stream,
            GInputStream *source,
            GOutputStreamSpliceFlags flags,
            GCancellable *cancellable,
            GError **error)
{
  gssize total;

  /* Closing the target is not possible from outside GIO; libsoup does not ask for it. */
  if (!STREAMER_IS_BODY (source) || (flags & G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET) != 0)
    return original_splice (stream, source, flags, cancellable, error);

  total = copy (stream, STREAMER_BODY (source), cancellable, error);
  if ((flags & G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE) != 0)
    g_input_stream_close (source, NULL, NULL);
  return total;
}

void
streamer_fat_splice_install (void)
{
  static gsize installed;

  if (g_once_init_enter (&installed))
    {
      /* Never given back: subclasses were made from it. */
      GOutputStreamClass *klass = g_type_class_ref (G_TYPE_FILTER_OUTPUT_STREAM);

      original_splice = klass->splice;
      klass->splice = fat_splice;
      g_once_init_leave (&installed, 1);
    }
}
