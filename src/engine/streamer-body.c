/* streamer-body.c: one attempt's reading of a part
 *
 * Used by one worker.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-body.h"

struct _StreamerBody
{
  GFilterInputStream parent_instance;
};

G_DEFINE_FINAL_TYPE (StreamerBody, streamer_body, G_TYPE_FILTER_INPUT_STREAM)

static void
streamer_body_class_init (StreamerBodyClass *klass)
{
}

static void
streamer_body_init (StreamerBody *self)
{
}

GInputStream *
streamer_body_new (StreamerPartStream *part)
{
  return g_object_new (STREAMER_TYPE_BODY, "base-stream", part, "close-base-stream", FALSE, NULL);
}

StreamerPartStream *
streamer_body_get_part (StreamerBody *self)
{
  GInputStream *base;

  g_return_val_if_fail (STREAMER_IS_BODY (self), NULL);

  base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (self));
  return STREAMER_PART_STREAM (base);
}
