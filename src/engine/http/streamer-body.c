/* streamer-body.c: one attempt's reading of a part
 *
 * Used by one worker.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-body.h"

#include <string.h>

struct _StreamerBody
{
  GFilterInputStream parent_instance;

  GBytes *head; /* (owned) (nullable) */
  GBytes *tail; /* (owned) (nullable) */
  gsize head_read;
  gsize tail_read;
};

G_DEFINE_FINAL_TYPE (StreamerBody, streamer_body, G_TYPE_FILTER_INPUT_STREAM)

/* Returns: bytes copied; 0 where nothing is left, or there is no @frame */
static gsize
read_frame (GBytes *frame, gsize *done, void *buffer, gsize wanted)
{
  gsize length = 0;
  const char *bytes = frame == NULL ? NULL : g_bytes_get_data (frame, &length);

  wanted = MIN (wanted, length - *done);
  if (wanted > 0)
    memcpy (buffer, bytes + *done, wanted);
  *done += wanted;
  return wanted;
}

static gssize
streamer_body_read (GInputStream *stream,
                    void *buffer,
                    gsize wanted,
                    GCancellable *cancellable,
                    GError **error)
{
  StreamerBody *self = STREAMER_BODY (stream);
  gsize n_head = read_frame (self->head, &self->head_read, buffer, wanted);
  gssize n;

  if (n_head > 0)
    return (gssize) n_head;
  n = G_INPUT_STREAM_CLASS (streamer_body_parent_class)
          ->read_fn (stream, buffer, wanted, cancellable, error);
  if (n != 0)
    return n;
  return (gssize) read_frame (self->tail, &self->tail_read, buffer, wanted);
}

static void
streamer_body_finalize (GObject *object)
{
  StreamerBody *self = STREAMER_BODY (object);

  g_clear_pointer (&self->head, g_bytes_unref);
  g_clear_pointer (&self->tail, g_bytes_unref);

  G_OBJECT_CLASS (streamer_body_parent_class)->finalize (object);
}

static void
streamer_body_class_init (StreamerBodyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_body_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = streamer_body_read;
}

static void
streamer_body_init (StreamerBody *self)
{
}

GInputStream *
streamer_body_new (StreamerPartStream *part, GBytes *head, GBytes *tail)
{
  StreamerBody *self =
      g_object_new (STREAMER_TYPE_BODY, "base-stream", part, "close-base-stream", FALSE, NULL);

  if (head != NULL)
    self->head = g_bytes_ref (head);
  if (tail != NULL)
    self->tail = g_bytes_ref (tail);
  return G_INPUT_STREAM (self);
}

guint64
streamer_body_get_length (StreamerBody *self)
{
  GInputStream *part;
  guint64 length;

  g_return_val_if_fail (STREAMER_IS_BODY (self), 0);

  part = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (self));
  length = streamer_part_stream_get_length (STREAMER_PART_STREAM (part));
  if (self->head != NULL)
    length += g_bytes_get_size (self->head);
  if (self->tail != NULL)
    length += g_bytes_get_size (self->tail);
  return length;
}
